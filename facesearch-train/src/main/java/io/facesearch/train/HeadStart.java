package io.facesearch.train;

import io.facesearch.embed.FaceNetwork;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Fits a random head to the data. The means over a feature map are positive and much alike in all
 * faces, so that a head of usual random weights gives all of them nearly one vector, far closer
 * together than any margin. Here each hidden unit is shifted and scaled to mean 0 and variance 1
 * over some images, and the vectors to mean 0 and a total variance of 1: two images are then apart
 * as two random unit vectors are.
 *
 * @see <a href="https://arxiv.org/abs/1511.06422">Mishkin and Matas, All you need is a good init,
 *     2016</a>
 */
final class HeadStart {
  static final String FIRST_WEIGHT = "embedding.0.weight";
  static final String FIRST_BIAS = "embedding.0.bias";
  static final String LAST_WEIGHT = "embedding.2.weight";
  static final String LAST_BIAS = "embedding.2.bias";

  private HeadStart() {}

  /** Whether the head was never trained: its last biases are all 0. */
  static boolean isFresh(FaceNetwork network) {
    FloatBuffer bias = memory(network, LAST_BIAS);
    for (int i = 0; i < bias.capacity(); i++) {
      if (bias.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Changes the weights of the head.
   *
   * @param features what the head is given, one row an image, two or more
   */
  static void fit(FaceNetwork network, float[][] features) {
    double[][] hidden = linear(network, FIRST_WEIGHT, features);
    double[] factors = new double[hidden[0].length];
    for (int j = 0; j < factors.length; j++) {
      double variance = center(hidden, j);
      factors[j] = variance > 0 ? 1 / Math.sqrt(variance) : 1;
    }
    put(network, FIRST_WEIGHT, FIRST_BIAS, factors, means(network, FIRST_WEIGHT, features));
    float[][] active = new float[hidden.length][factors.length];
    for (int i = 0; i < active.length; i++) {
      for (int j = 0; j < factors.length; j++) {
        active[i][j] = (float) Math.max(0, factors[j] * hidden[i][j]);
      }
    }
    double[][] vectors = linear(network, LAST_WEIGHT, active);
    double total = 0;
    double[] same = new double[vectors[0].length];
    for (int j = 0; j < same.length; j++) {
      total += center(vectors, j);
    }
    Arrays.fill(same, total > 0 ? 1 / Math.sqrt(total) : 1);
    put(network, LAST_WEIGHT, LAST_BIAS, same, means(network, LAST_WEIGHT, active));
  }

  private static void put(
      FaceNetwork network, String weights, String biases, double[] factors, double[] means) {
    FloatBuffer weight = memory(network, weights);
    FloatBuffer bias = memory(network, biases);
    int in = weight.capacity() / factors.length;
    for (int j = 0; j < factors.length; j++) {
      for (int i = j * in; i < (j + 1) * in; i++) {
        weight.put(i, (float) (factors[j] * weight.get(i)));
      }
      bias.put(j, (float) (-factors[j] * means[j]));
    }
  }

  /** Without bias: a fresh head has none. */
  private static double[][] linear(FaceNetwork network, String name, float[][] rows) {
    FloatBuffer memory = memory(network, name);
    float[] weight = new float[memory.capacity()];
    memory.get(0, weight);
    int in = rows[0].length;
    double[][] results = new double[rows.length][weight.length / in];
    for (int r = 0; r < rows.length; r++) {
      for (int j = 0; j < results[r].length; j++) {
        double sum = 0;
        for (int i = 0; i < in; i++) {
          sum += (double) weight[j * in + i] * rows[r][i];
        }
        results[r][j] = sum;
      }
    }
    return results;
  }

  private static double[] means(FaceNetwork network, String name, float[][] rows) {
    float[][] mean = new float[1][rows[0].length];
    for (int i = 0; i < mean[0].length; i++) {
      double sum = 0;
      for (float[] row : rows) {
        sum += row[i];
      }
      mean[0][i] = (float) (sum / rows.length);
    }
    return linear(network, name, mean)[0];
  }

  /** Takes the mean out of a column and gives its variance. */
  private static double center(double[][] rows, int column) {
    double sum = 0;
    for (double[] row : rows) {
      sum += row[column];
    }
    double mean = sum / rows.length;
    double squares = 0;
    for (double[] row : rows) {
      row[column] -= mean;
      squares += row[column] * row[column];
    }
    return squares / rows.length;
  }

  static FloatBuffer memory(FaceNetwork network, String name) {
    return GradientSteps.memory(Objects.requireNonNull(network.parameters().get(name)).getArray());
  }
}
