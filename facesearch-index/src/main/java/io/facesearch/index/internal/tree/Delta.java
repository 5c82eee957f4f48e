package io.facesearch.index.internal.tree;

import io.facesearch.EmbeddedFace;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.Rows;
import io.facesearch.index.internal.snapshot.TopK;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The vectors that were added since a tree was built, in order of insertion, with codes of all
 * chunks that are full, made as those of the tree. An immutable view, under the rules of {@link
 * Rows}.
 */
public final class Delta {
  public final Rows rows;

  /** Null where codes cannot be proved right. */
  private final QuantizedVectors[] codes;

  private Delta(Rows rows, QuantizedVectors[] codes) {
    this.rows = rows;
    this.codes = codes;
  }

  public static Delta empty(int dimension) {
    return new Delta(Rows.empty(dimension), new QuantizedVectors[0]);
  }

  public int size() {
    return rows.size();
  }

  /**
   * Appends the vectors of faces.
   *
   * @param treeCodes null if the tree has none
   */
  public Delta append(List<EmbeddedFace> faces, @Nullable QuantizedVectors treeCodes) {
    return with(rows.append(faces), treeCodes);
  }

  /** Appends vectors, one behind the other. */
  public Delta append(float[] vectors, @Nullable QuantizedVectors treeCodes) {
    return with(rows.append(vectors), treeCodes);
  }

  private Delta with(Rows grown, @Nullable QuantizedVectors treeCodes) {
    int full = grown.size() / grown.chunkRows();
    if (treeCodes == null || full == codes.length) {
      return new Delta(grown, codes);
    }
    QuantizedVectors[] more = Arrays.copyOf(codes, full);
    for (int i = codes.length; i < more.length; i++) {
      more[i] = treeCodes.more(grown.chunk(i), grown.chunkRows());
    }
    return new Delta(grown, more);
  }

  /** Compares all vectors with the query; row i has the ordinal firstOrdinal + i. */
  void scan(double[] query, TopK nearest, int firstOrdinal) {
    rows.scan(query, nearest, firstOrdinal);
  }

  /** The same for a search by codes that began with this query. */
  void scan(double[] query, TopK nearest, int firstOrdinal, CodeSearch search) {
    int chunk = rows.chunkRows();
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] != null) {
        search.scan(query, nearest, codes[i], rows.chunk(i), firstOrdinal + i * chunk);
      } else {
        nearest.scan(query, rows.chunk(i), chunk, firstOrdinal + i * chunk);
      }
    }
    rows.scan(query, nearest, firstOrdinal, codes.length);
  }

  /** Memory in bytes, without object headers. */
  long bytes() {
    long bytes = rows.bytes();
    for (QuantizedVectors some : codes) {
      bytes += some == null ? 0 : some.blocks.bytes() + some.rows.length;
    }
    return bytes;
  }
}
