package io.facesearch.train;

import java.util.Map;

/**
 * Notices that a network has come to give all images nearly the same vector. In so few steps that
 * it is told within the first hundred. Not thread-safe.
 */
final class CollapseWatch {
  /** In so many steps a collapse shows, by their means. */
  private static final int STEPS = 50;

  /** How near the loss is to the margin then, and how small distances are, as shares of it. */
  private static final double LOSS = 0.05;

  private static final double DISTANCE = 0.1;

  private int watched;
  private double meanLoss;
  private double meanDistance;

  /**
   * Looks at a step.
   *
   * @param alike the loss if all vectors are alike
   * @throws TrainingException if the network has collapsed
   */
  void look(long step, Objective.Outcome outcome, double alike) {
    meanLoss += outcome.loss() / STEPS;
    meanDistance += outcome.negative() / STEPS;
    watched++;
    if (watched < STEPS) {
      return;
    }
    double loss = meanLoss;
    double distance = meanDistance;
    watched = 0;
    meanLoss = 0;
    meanDistance = 0;
    if (Math.abs(loss - alike) < LOSS * alike && distance < DISTANCE * alike) {
      throw new TrainingException(
          "collapsed: for "
              + STEPS
              + " steps up to step "
              + step
              + " the mean loss was "
              + loss
              + " at a margin of "
              + alike
              + ", because all images get nearly the same vector (mean distance of two people "
              + distance
              + "). Mine semi-hard instead of batch-hard triplets, use a lower learning rate, or a"
              + " margin of the size of the distances; and where the start is weights whose batch"
              + " normalization was folded into the convolutions, take unfolded ones");
    }
  }

  void save(Map<String, String> about) {
    about.put("watched", Integer.toString(watched));
    about.put("watchedLoss", Double.toString(meanLoss));
    about.put("watchedDistance", Double.toString(meanDistance));
  }

  /**
   * Goes on as {@link #save} left it.
   *
   * @throws RuntimeException if something is missing, or no number
   */
  void resume(Map<String, String> about) {
    watched = Math.toIntExact(RunProgress.counter(about, "watched"));
    meanLoss = Double.parseDouble(about.get("watchedLoss"));
    meanDistance = Double.parseDouble(about.get("watchedDistance"));
  }
}
