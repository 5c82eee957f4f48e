package io.facesearch;

/** Listens to how far bulk work is. Called in the thread that called {@code addAll}. */
@FunctionalInterface
public interface IndexingListener {
  /**
   * Called before the first and after every few files.
   *
   * @param progress how far it is
   * @return true to go on; false to stop: what was added stays, and a later run goes on from there
   */
  boolean onProgress(IndexingProgress progress);
}
