package io.facesearch.train;

import io.facesearch.FaceSearchException;

/** Training failed: it diverged or collapsed. The message says how, and what to change. */
public class TrainingException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what happened, where, and what to change. */
  public TrainingException(String message) {
    super(message);
  }
}
