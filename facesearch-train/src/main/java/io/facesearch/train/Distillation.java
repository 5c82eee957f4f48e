package io.facesearch.train;

import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.nio.FloatBuffer;

/**
 * Trains a network to give the vectors of another embedder, the teacher, from faces without labels.
 * Use it to make a small, fast model from a large one, or as a start for {@link TripletTraining}.
 * The network may begin with random weights, or with a backbone trained on ImageNet. The loss is
 * the mean squared L2 distance to the teacher's vectors, relative to their variance. By default all
 * layers are trained. Stateless.
 *
 * @see <a href="https://arxiv.org/abs/1503.02531">Hinton et al., Distilling the knowledge in a
 *     neural network, 2015</a>
 */
public final class Distillation {
  /** Of the last weights of a random head. */
  private static final float SMALLER = 0.01f;

  /** The default optimizer: AdamW at 0.004, the head at 0.03 of that. */
  public static final OptimizerSettings OPTIMIZER =
      new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 4e-3, 0.01, 0.9, 50, 5, 0.03);

  private Distillation() {}

  /**
   * Returns a builder of a training run.
   *
   * @param network the network to train, with the teacher's dimension; still owned by the caller
   * @param preprocessing how the network expects its pixels
   * @param images the faces to train on; their identities are not used
   * @param vectors the teacher's vector of each image
   * @param batch images per batch
   * @return a builder with further settings
   */
  public static TrainingRun.Builder of(
      FaceNetwork network,
      Preprocessing preprocessing,
      LabeledImages images,
      float[][] vectors,
      int batch) {
    if (vectors.length != images.size()) {
      throw new IllegalArgumentException(
          "expected one vector an image, but got "
              + vectors.length
              + " vectors and "
              + images.size()
              + " images");
    }
    int dimension = network.architecture().dimension();
    for (float[] vector : vectors) {
      if (vector.length != dimension) {
        throw new IllegalArgumentException(
            "the network gives "
                + dimension
                + " dimensions, but the teacher "
                + vector.length
                + "; create a network of the teacher's dimension");
      }
    }
    TrainingTask task =
        new ShuffledTask(batch) {
          @Override
          public Objective objective(Inputs inputs) {
            return new DistillationLoss(vectors);
          }

          @Override
          public void start(FaceNetwork start, Objective objective, TrainingTask.Features features)
              throws IOException {
            if (HeadStart.isFresh(start) && !start.architecture().normalized()) {
              // Begins near the mean. He initialization gives vectors so long that the first steps,
              // which shorten them, switch all hidden units off for good.
              HeadStart.fit(start, features.read());
              HeadStart.memory(start, HeadStart.LAST_BIAS)
                  .put(0, ((DistillationLoss) objective).mean());
              FloatBuffer weight = HeadStart.memory(start, HeadStart.LAST_WEIGHT);
              for (int i = 0; i < weight.capacity(); i++) {
                weight.put(i, SMALLER * weight.get(i));
              }
            }
          }
        };
    return new TrainingRun.Builder(
        task,
        "distillation " + batch,
        network,
        preprocessing,
        images,
        Integer.MAX_VALUE,
        OPTIMIZER);
  }
}
