package io.facesearch.train;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.util.List;

/**
 * Fine-tuning by labeled attributes, for a search for looks: faces become near that share hair,
 * age, glasses, or whatever the labels tell. One head learns all attributes together, by the mean
 * binary cross-entropy of those that are known. The vectors are the predictions themselves: value j
 * is 2p - 1 for the probability p of attribute j, so that distances count attributes that are
 * expected to differ, and a face that has an attribute can be found by its value.
 *
 * <p>By default the head and the last ten layers learn. The validation score is the share of known
 * attributes that are told right.
 */
public final class AttributeTraining {
  /** What a run begins with: AdamW at 0.001, the head at half of that. */
  public static final OptimizerSettings OPTIMIZER =
      new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-3, 0.01, 0.9, 50, 5, 0.5);

  private AttributeTraining() {}

  /**
   * Prepares a training.
   *
   * @param network of {@link Architecture#ofAttributes}, with the names of the labels in their
   *     order; stays the caller's
   * @param preprocessing how it sees pixels
   * @param images faces; their identities are not used
   * @param labels of these images, and of those it is validated on
   * @param batch images in a batch, at least 2
   * @return a builder for the rest
   * @throws IllegalArgumentException if network and labels have other attributes, or an attribute
   *     is known of no image
   */
  public static TrainingRun.Builder of(
      FaceNetwork network,
      Preprocessing preprocessing,
      LabeledImages images,
      AttributeLabels labels,
      int batch) {
    List<String> names = network.architecture().attributes();
    if (!names.equals(labels.names())) {
      throw new IllegalArgumentException(
          "the network tells "
              + names
              + ", but the labels are "
              + labels.names()
              + "; create a network of Architecture.ofAttributes(backbone, labels.names())");
    }
    byte[][] known = labels.of(images);
    requireAll(names, known);
    TrainingTask task =
        new ShuffledTask(batch) {
          @Override
          public Objective objective(Inputs inputs) {
            return new AttributeLoss(known);
          }

          @Override
          public void start(FaceNetwork start, Objective objective, TrainingTask.Features features)
              throws IOException {
            if (HeadStart.isFresh(start)) {
              HeadStart.fit(start, features.read());
            }
          }

          @Override
          public double score(Inputs validation, float[][] vectors) {
            long right = 0;
            long all = 0;
            for (int i = 0; i < vectors.length; i++) {
              byte[] truth = labels.of(validation.name(i));
              for (int j = 0; j < truth.length; j++) {
                all += truth[j] == 0 ? 0 : 1;
                right += truth[j] * vectors[i][j] > 0 ? 1 : 0;
              }
            }
            return (double) right / Math.max(1, all);
          }
        };
    return new TrainingRun.Builder(
        task,
        "attributes " + names + " " + batch,
        network,
        preprocessing,
        images,
        TripletTraining.LAYERS,
        OPTIMIZER);
  }

  private static void requireAll(List<String> names, byte[][] known) {
    for (int j = 0; j < names.size(); j++) {
      int yes = 0;
      int no = 0;
      for (byte[] labels : known) {
        yes += labels[j] > 0 ? 1 : 0;
        no += labels[j] < 0 ? 1 : 0;
      }
      if (yes == 0 || no == 0) {
        throw new IllegalArgumentException(
            "an attribute is learned from images that have it and others that do not, but of "
                + names.get(j)
                + " "
                + yes
                + " are known to have it and "
                + no
                + " not to; leave it out, or label more images");
      }
    }
  }
}
