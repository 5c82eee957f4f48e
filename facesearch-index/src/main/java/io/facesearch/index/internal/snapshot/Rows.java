package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.index.internal.quantize.CodeBlocks;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable view on the first {@code size} vectors of an append-only list, in order of
 * insertion; shares its chunks with older views as {@link Faces} does, under the same rules.
 */
public final class Rows {
  /** Of fewer, codes take much longer to read than those of a tree. */
  private static final int MOST_IN_CHUNK = CodeBlocks.MULTIPLE;

  private static final int CHUNK_FLOATS = 1 << 19;

  /** The last chunk begins with room for so many rows. */
  private static final int FIRST_ROOM = 32;

  /** Rows in a chunk. */
  private final int chunk;

  /** All but the last one full, that one as long as it must be. */
  private final float[][] chunks;

  private final int size;
  private final int dimension;

  private Rows(float[][] chunks, int size, int dimension) {
    this.chunks = chunks;
    this.size = size;
    this.dimension = dimension;
    chunk = Math.max(1, Math.min(MOST_IN_CHUNK, CHUNK_FLOATS / dimension));
  }

  public static Rows empty(int dimension) {
    return new Rows(new float[0][], 0, dimension);
  }

  public int size() {
    return size;
  }

  /** Appends the vectors of faces, which must have the dimension of this list. */
  public Rows append(List<EmbeddedFace> faces) {
    float[][] grown = grown(faces.size());
    int at = size;
    for (EmbeddedFace face : faces) {
      face.embedding().copyTo(grown[at / chunk], at % chunk * dimension);
      at++;
    }
    return new Rows(grown, at, dimension);
  }

  /** Appends vectors, one behind the other. */
  public Rows append(float[] vectors) {
    int count = vectors.length / dimension;
    float[][] grown = grown(count);
    for (int i = 0; i < count; i++) {
      int at = size + i;
      System.arraycopy(
          vectors, i * dimension, grown[at / chunk], at % chunk * dimension, dimension);
    }
    return new Rows(grown, size + count, dimension);
  }

  /** The chunks, with room for so many rows more. */
  private float[][] grown(int more) {
    int end = Math.addExact(size, more);
    if (end <= room()) {
      return chunks;
    }
    // A new array: older views go on with the old chunk, as nobody tells them of the new one.
    int needed = (end - 1) / chunk + 1;
    float[][] grown = Arrays.copyOf(chunks, needed);
    for (int i = Math.max(0, chunks.length - 1); i < needed; i++) {
      int rows = Math.min(chunk, end - i * chunk);
      int before = grown[i] == null ? 0 : grown[i].length / dimension;
      if (rows > before) {
        int length = Math.min(chunk, Math.max(Math.max(rows, FIRST_ROOM), 2 * before)) * dimension;
        grown[i] = before == 0 ? new float[length] : Arrays.copyOf(grown[i], length);
      }
    }
    return grown;
  }

  /** Rows that the chunks can hold. */
  private int room() {
    int last = chunks.length - 1;
    return last < 0 ? 0 : last * chunk + chunks[last].length / dimension;
  }

  /** A list of its own of some rows, in the order given. */
  Rows copy(int[] wanted) {
    float[][] copies = empty(dimension).grown(wanted.length);
    for (int i = 0; i < wanted.length; i++) {
      int from = wanted[i] % chunk * dimension;
      System.arraycopy(
          chunks[wanted[i] / chunk], from, copies[i / chunk], i % chunk * dimension, dimension);
    }
    return new Rows(copies, wanted.length, dimension);
  }

  /** Rows in a chunk. */
  public int chunkRows() {
    return chunk;
  }

  /** The vectors of a chunk, one behind the other. */
  public float[] chunk(int i) {
    return chunks[i];
  }

  /** Memory in bytes, without object headers and room for more. */
  public long bytes() {
    return 4L * size * dimension;
  }

  /** A copy of one vector. */
  public float[] get(int row) {
    int from = row % chunk * dimension;
    return Arrays.copyOfRange(chunks[row / chunk], from, from + dimension);
  }

  /** Copies one vector. */
  public void copyTo(int row, float[] target, int offset) {
    System.arraycopy(chunks[row / chunk], row % chunk * dimension, target, offset, dimension);
  }

  /** Compares one vector with the query. */
  public void compare(double[] query, TopK nearest, int row, int ordinal) {
    nearest.compare(query, chunks[row / chunk], row % chunk * dimension, ordinal);
  }

  /** Compares all vectors with the query; row i has the ordinal firstOrdinal + i. */
  public void scan(double[] query, TopK nearest, int firstOrdinal) {
    scan(query, nearest, firstOrdinal, 0);
  }

  /** Compares the vectors from a chunk on with the query. */
  public void scan(double[] query, TopK nearest, int firstOrdinal, int firstChunk) {
    for (int i = firstChunk, row = i * chunk; row < size; row += chunk, i++) {
      nearest.scan(query, chunks[i], Math.min(chunk, size - row), firstOrdinal + row);
    }
  }
}
