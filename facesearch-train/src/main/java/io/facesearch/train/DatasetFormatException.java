package io.facesearch.train;

import io.facesearch.FaceSearchException;

/** A file of a data set is malformed. The message names file and line. */
public class DatasetFormatException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what was expected, what was found, where, and how to mend it
   */
  public DatasetFormatException(String message) {
    super(message);
  }
}
