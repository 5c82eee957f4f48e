package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable view on the first {@code size} vectors of an append-only list, in order of
 * insertion; shares its chunks with older views as {@link Faces} does, under the same rules.
 */
final class Rows {
  private static final int CHUNK_FLOATS = 1 << 15;

  /** Rows in a chunk. */
  private final int chunk;

  private final float[][] chunks;
  private final int size;
  private final int dimension;

  private Rows(float[][] chunks, int size, int dimension) {
    this.chunks = chunks;
    this.size = size;
    this.dimension = dimension;
    chunk = Math.max(1, Math.min(256, CHUNK_FLOATS / dimension));
  }

  static Rows empty(int dimension) {
    return new Rows(new float[0][], 0, dimension);
  }

  int size() {
    return size;
  }

  /** Appends the vectors of faces, which must have the dimension of this list. */
  Rows append(List<EmbeddedFace> faces) {
    float[][] grown = grown(faces.size());
    int at = size;
    for (EmbeddedFace face : faces) {
      face.embedding().copyTo(grown[at / chunk], at % chunk * dimension);
      at++;
    }
    return new Rows(grown, at, dimension);
  }

  /** Appends vectors, one behind the other. */
  Rows append(float[] vectors) {
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
    float[][] grown = chunks;
    int needed = (end - 1) / chunk + 1;
    if (needed > chunks.length) {
      grown = Arrays.copyOf(chunks, needed);
      for (int i = chunks.length; i < needed; i++) {
        grown[i] = new float[chunk * dimension];
      }
    }
    return grown;
  }

  /** A list of its own of some rows, in the order given. */
  Rows copy(int[] wanted) {
    float[][] copies = new float[(wanted.length + chunk - 1) / chunk][chunk * dimension];
    for (int i = 0; i < wanted.length; i++) {
      int from = wanted[i] % chunk * dimension;
      System.arraycopy(
          chunks[wanted[i] / chunk], from, copies[i / chunk], i % chunk * dimension, dimension);
    }
    return new Rows(copies, wanted.length, dimension);
  }

  /** Rows in a chunk. */
  int chunkRows() {
    return chunk;
  }

  /** The vectors of a chunk, one behind the other. */
  float[] chunk(int i) {
    return chunks[i];
  }

  /** Memory in bytes, without object headers. */
  long bytes() {
    return 4L * chunks.length * chunk * dimension;
  }

  /** A copy of one vector. */
  float[] get(int row) {
    int from = row % chunk * dimension;
    return Arrays.copyOfRange(chunks[row / chunk], from, from + dimension);
  }

  /** Copies one vector. */
  void copyTo(int row, float[] target, int offset) {
    System.arraycopy(chunks[row / chunk], row % chunk * dimension, target, offset, dimension);
  }

  /** Compares all vectors with the query; row i has the ordinal firstOrdinal + i. */
  void scan(double[] query, NearestFaces nearest, int firstOrdinal) {
    scan(query, nearest, firstOrdinal, 0);
  }

  /** Compares the vectors from a chunk on with the query. */
  void scan(double[] query, NearestFaces nearest, int firstOrdinal, int firstChunk) {
    for (int i = firstChunk, row = i * chunk; row < size; row += chunk, i++) {
      nearest.scan(query, chunks[i], Math.min(chunk, size - row), firstOrdinal + row);
    }
  }
}
