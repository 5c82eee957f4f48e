package io.facesearch.train;

import io.facesearch.FaceSearchException;

/** A file of a data set is malformed. The message names the file and, if possible, the line. */
public class DatasetFormatException extends FaceSearchException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the message says what is wrong and how to fix it. */
  public DatasetFormatException(String message) {
    super(message);
  }
}
