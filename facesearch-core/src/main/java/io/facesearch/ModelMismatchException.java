package io.facesearch;

/**
 * Embeddings of two different models, or of two dimensions, were about to be compared or stored
 * together.
 */
public class ModelMismatchException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public ModelMismatchException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   * @param cause the underlying failure
   */
  public ModelMismatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
