package io.facesearch.train;

import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Fine-tuning with triplets: faces of one person move closer together, and those of different
 * people farther apart. By default the head and the last ten layers are trained. A head with random
 * weights is first fitted to the backbone's output for some of the images, so that distances are of
 * the size of the margin from the start. Stateless.
 *
 * @see TripletLoss
 */
public final class TripletTraining {
  /** The default optimizer: AdamW at 0.0005, the head at a tenth of that. */
  public static final OptimizerSettings OPTIMIZER =
      new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 5e-4, 0.01, 0.9, 50, 5, 0.1);

  static final int LAYERS = 10;

  private TripletTraining() {}

  /**
   * Returns a builder of a training run on random triplets: anchor and positive of one person,
   * negative of another.
   *
   * @param network the network to train; still owned by the caller
   * @param preprocessing how the network expects its pixels
   * @param images two or more of each person who can be an anchor
   * @param loss with {@link TripletLoss.Mining#RANDOM}
   * @param triplets number of triplets per batch
   * @return a builder with further settings
   */
  public static TrainingRun.Builder random(
      FaceNetwork network,
      Preprocessing preprocessing,
      LabeledImages images,
      TripletLoss loss,
      int triplets) {
    require(loss.mining() == TripletLoss.Mining.RANDOM, "random triplets are not mined: " + loss);
    require(triplets >= 1, "triplets must be at least 1, but are: " + triplets);
    return builder(network, preprocessing, images, loss, triplets, 0);
  }

  /**
   * Returns a builder of a training run on batches of several people with several images each, in
   * which triplets are mined.
   *
   * @param network the network to train; still owned by the caller
   * @param preprocessing how the network expects its pixels
   * @param images two or more of each person
   * @param loss semi-hard, batch-hard or batch-all
   * @param people number of people per batch (P), at least 2
   * @param each number of images of each of them (K), at least 2
   * @return a builder with further settings
   */
  public static TrainingRun.Builder mined(
      FaceNetwork network,
      Preprocessing preprocessing,
      LabeledImages images,
      TripletLoss loss,
      int people,
      int each) {
    require(loss.mining() != TripletLoss.Mining.RANDOM, "mining must be chosen: " + loss);
    require(
        people >= 2 && each >= 2,
        "a batch needs 2 or more people with 2 or more images, but has " + people + " x " + each);
    return builder(network, preprocessing, images, loss, people, each);
  }

  private static void require(boolean fine, String message) {
    if (!fine) {
      throw new IllegalArgumentException(message);
    }
  }

  private static TrainingRun.Builder builder(
      FaceNetwork network,
      Preprocessing preprocessing,
      LabeledImages images,
      TripletLoss loss,
      int people,
      int each) {
    TrainingTask task =
        new TrainingTask() {
          @Override
          public Objective objective(Inputs inputs) {
            Map<String, Integer> numbers = new HashMap<>();
            int[] person = new int[inputs.size()];
            for (int i = 0; i < person.length; i++) {
              person[i] = numbers.computeIfAbsent(inputs.identity(i), p -> numbers.size());
            }
            return new Objective() {
              @Override
              public Outcome evaluate(int[] batch, float[] vectors, int dimension) {
                int[] of = new int[batch.length];
                for (int i = 0; i < of.length; i++) {
                  of[i] = person[batch[i]];
                }
                return loss.evaluate(of, vectors, dimension);
              }

              @Override
              public double collapsed() {
                return loss.margin();
              }
            };
          }

          @Override
          public Samplers.Sampler sampler(Inputs inputs, long seed) {
            return each == 0
                ? Samplers.triplets(inputs, people, seed)
                : Samplers.identities(inputs, people, each, seed);
          }

          @Override
          public void start(FaceNetwork start, Objective objective, TrainingTask.Features features)
              throws IOException {
            if (HeadStart.isFresh(start)) {
              HeadStart.fit(start, features.read());
            }
          }
        };
    return new TrainingRun.Builder(
        task, loss + " " + people + "x" + each, network, preprocessing, images, LAYERS, OPTIMIZER);
  }
}
