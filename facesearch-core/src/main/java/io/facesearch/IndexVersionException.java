package io.facesearch;

/** An index file has a format version that this release does not read. */
public class IndexVersionException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public IndexVersionException(String message) {
    super(message);
  }
}
