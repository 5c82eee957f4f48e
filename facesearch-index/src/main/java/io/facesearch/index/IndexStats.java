package io.facesearch.index;

/**
 * The size of a {@link SigmoidTreeIndex}. Immutable and thread-safe.
 *
 * @param faces number of faces
 * @param leaves number of leaves of the tree; 0 while there is none
 * @param vectorBytes bytes of the vectors alone: 4 · dimension · faces
 * @param bytes bytes of heap that the index uses for searching, including vectors and filters, but
 *     without records and ids of faces
 * @param mappedBytes bytes of vectors and neighbors that searches read from the mapped file of the
 *     index instead; 0 if everything is on the heap
 * @param kernel what computes lower bounds: {@code scalar}, {@code vector}, or {@code none} if the
 *     index does not use them
 */
public record IndexStats(
    int faces, int leaves, long vectorBytes, long bytes, long mappedBytes, String kernel) {

  /**
   * {@return the memory relative to that of the vectors alone: bytes / vectorBytes, or 1 while the
   * index is empty}
   */
  public double ratio() {
    return vectorBytes == 0 ? 1 : (double) bytes / vectorBytes;
  }
}
