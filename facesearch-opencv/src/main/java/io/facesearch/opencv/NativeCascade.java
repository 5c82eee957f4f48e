package io.facesearch.opencv;

import org.opencv.objdetect.CascadeClassifier;

/** A classifier whose native memory is freed by {@link #close} instead of by a finalizer. */
final class NativeCascade extends CascadeClassifier implements AutoCloseable {
  private boolean closed;

  NativeCascade(String file) {
    super(file);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        super.finalize();
      } catch (Throwable e) {
        throw new IllegalStateException("cannot free a cascade", e);
      }
    }
  }

  /** Does nothing, so that the memory is not freed twice. */
  @Override
  @SuppressWarnings({"removal", "deprecation", "Finalize"})
  protected void finalize() {}
}
