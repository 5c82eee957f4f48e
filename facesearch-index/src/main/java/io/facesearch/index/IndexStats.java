package io.facesearch.index;

/**
 * How large a {@link SigmoidTreeIndex} is. Immutable and thread-safe.
 *
 * @param faces number of faces
 * @param leaves number of leaves of the tree; 0 while there is none
 * @param vectorBytes bytes of the vectors alone: 4 · dimension · faces
 * @param bytes bytes of memory of all that the index keeps for its searches, the vectors included
 *     and what decides filters, the records and ids of the faces not
 * @param mappedBytes bytes that searches read from the mapped file of the index instead: its
 *     vectors and neighbors; 0 where all is in memory
 * @param kernel what computes lower bounds: {@code scalar}, {@code vector}, or {@code none} where
 *     the index does without
 */
public record IndexStats(
    int faces, int leaves, long vectorBytes, long bytes, long mappedBytes, String kernel) {

  /**
   * Memory in terms of the vectors alone.
   *
   * @return bytes / vectorBytes, or 1 while the index is empty
   */
  public double ratio() {
    return vectorBytes == 0 ? 1 : (double) bytes / vectorBytes;
  }
}
