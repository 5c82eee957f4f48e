package io.facesearch;

/**
 * Embeddings of two different models, or of two dimensions, were about to be compared or stored
 * together.
 */
public class ModelMismatchException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public ModelMismatchException(String message) {
    super(message);
  }
}
