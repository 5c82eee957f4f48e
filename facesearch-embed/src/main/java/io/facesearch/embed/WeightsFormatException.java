package io.facesearch.embed;

import io.facesearch.FaceSearchException;
import org.jspecify.annotations.Nullable;

/** A file of weights is damaged, of another format, or does not belong to the network. */
public class WeightsFormatException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message file, tensor, what was expected and what was found
   */
  public WeightsFormatException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message file, tensor, what was expected and what was found
   * @param cause the underlying failure
   */
  public WeightsFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
