package io.facesearch.train;

import java.util.List;

/**
 * How a run ended. Immutable and thread-safe.
 *
 * @param steps number of steps done, including those before it was resumed
 * @param finished whether it reached its last step, or stopped early because nothing improved;
 *     false if it was asked to stop and can be resumed
 * @param bestScore best validation score, see {@link StepReport#score}; the network now has its
 *     weights. NaN without validation
 * @param bestStep the step after which that was reached; the last one without validation
 * @param seconds duration of this run
 * @param reports one per step of this run
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
