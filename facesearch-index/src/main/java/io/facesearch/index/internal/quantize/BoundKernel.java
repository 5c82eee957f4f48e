package io.facesearch.index.internal.quantize;

/**
 * The arithmetic of a search by codes, see {@link QuantizedVectors}. Implementations differ in
 * speed only: what they call a lower bound may differ by a little, never above the truth, and
 * {@link #squaredDistance} gives the same bits everywhere. Stateless and thread-safe.
 */
public interface BoundKernel {
  /** The value of the system property that asks for this kernel. */
  String name();

  /** The name of the way in which its codes lie in memory and in files. */
  default String layout() {
    return name();
  }

  /**
   * How many codes of the first stage serve it best, a multiple of 4: more leave fewer vectors for
   * the second stage, but take time and memory.
   */
  int firstWidth();

  /** How many neighbors of each vector memory is left for, up to 1.35 times the vectors. */
  int neighbors();

  /** Storage for the codes of {@code points} points, {@code width} codes each (a multiple of 4). */
  CodeBlocks newBlocks(int points, int width);

  /**
   * Adds to each sum, modulo 2^16, the words of one point, shifted and times factors: over the
   * words i from {@code first} to {@code end} and their fields t, {@code factors[i · fields + t] ·
   * (words[i][j] >> bits · t)}, for the points j from {@code from} to {@code to}. See {@link
   * PackedCodes}.
   */
  void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[] factors,
      short[] sums,
      int from,
      int to);

  /** The same for the first points and for several queries, which share what is read. */
  void addWords(
      Packing packing,
      short[][] words,
      int first,
      int end,
      short[][] factors,
      short[][] sums,
      int queries,
      int to);

  /**
   * Adds {@code vector[j] * columns[j][i]} over j to {@code result[i]}. The columns have the length
   * of the result, a multiple of 8.
   */
  void rotate(double[] vector, double[][] columns, double[] result);

  /**
   * A lower bound of the sum of (query[i] − row[i])² over all i but the last, where row i is {@code
   * rows[offset + i]}; the query has a length that is a multiple of 32, values from -127 to 127,
   * and 0 in the last place.
   */
  int rowDistance(short[] query, byte[] rows, int offset);

  /**
   * The sum of {@code low[i] · (b & 15) + high[i] · (b >> 4)} over i, with b = {@code rows[offset +
   * i]}; both have the same length.
   */
  int pairsDot(int[] low, int[] high, byte[] rows, int offset);

  /** As {@link Kernel#dot(double[], int, double[])}, but for rounding. */
  double dot(double[] weights, int offset, double[] query);

  /** As {@link Kernel#squaredDistance}. */
  double squaredDistance(double[] query, float[] rows, int offset, double limit);
}
