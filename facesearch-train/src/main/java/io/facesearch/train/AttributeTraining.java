package io.facesearch.train;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.util.List;

/**
 * Fine-tuning with labeled attributes, for searching by appearance: faces that share hair, age,
 * glasses, or whatever the labels describe get near each other. One head learns all attributes
 * together, by the mean binary cross-entropy of the known labels. The vectors are the predictions
 * themselves: value j is 2p - 1 for the probability p of attribute j, so distances count the
 * attributes that are expected to differ, and faces with an attribute can be found by its value.
 *
 * <p>By default the head and the last ten layers are trained. The validation score is the share of
 * known attributes that are predicted correctly. Stateless.
 */
public final class AttributeTraining {
  /** The default optimizer: AdamW at 0.001, the head at half of that. */
  public static final OptimizerSettings OPTIMIZER =
      new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-3, 0.01, 0.9, 50, 5, 0.5);

  private AttributeTraining() {}

  /**
   * Returns a builder of a training run.
   *
   * @param network of {@link Architecture#ofAttributes}, with the names of the labels in the same
   *     order; still owned by the caller
   * @param preprocessing how the network expects its pixels
   * @param images the faces to train on; their identities are not used
   * @param labels of these images, and of the validation images
   * @param batch images per batch, at least 2
   * @return a builder with further settings
   * @throws IllegalArgumentException if network and labels have different attributes, or an
   *     attribute is not known for any image
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
