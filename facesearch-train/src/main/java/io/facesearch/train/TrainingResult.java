package io.facesearch.train;

import java.util.List;

/**
 * How a run ended.
 *
 * @param steps that were done, those before it was resumed included
 * @param finished whether it came to its last step or stopped early because nothing improved; false
 *     if it was asked to stop and can be resumed
 * @param bestScore best score of the validation images, see {@link StepReport#score}, whose weights
 *     the network has now; NaN without validation
 * @param bestStep after how many steps that was; the last without validation
 * @param seconds of this run
 * @param reports one a step of this run
 */
public record TrainingResult(
    long steps,
    boolean finished,
    double bestScore,
    long bestStep,
    double seconds,
    List<StepReport> reports) {
  /** Copies the list. */
  public TrainingResult {
    reports = List.copyOf(reports);
  }
}
