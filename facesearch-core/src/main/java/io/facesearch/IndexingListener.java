package io.facesearch;

/**
 * Receives the progress of bulk work. Called on the thread that called {@code addAll} or {@code
 * reembed}.
 */
@FunctionalInterface
public interface IndexingListener {
  /**
   * Called before the first photo and after every few photos.
   *
   * @param progress the progress so far
   * @return true to continue; false to stop. Faces that were added stay, and a later run continues
   *     from there
   */
  boolean onProgress(IndexingProgress progress);
}
