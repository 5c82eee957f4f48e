package io.facesearch.lucene;

import java.io.IOException;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.KnnVectorsWriter;
import org.apache.lucene.codecs.hnsw.FlatVectorScorerUtil;
import org.apache.lucene.codecs.hnsw.FlatVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99FlatVectorsFormat;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/**
 * A vector format for exact search: with any filter, the documents, scores and order are those that
 * Lucene gives when it compares every vector. Vectors are stored in Lucene's own flat format. In
 * addition, each segment has the codes of {@code facesearch-index}, from which a search computes
 * bounds of scores, so that it compares in full only the few vectors that these bounds do not
 * exclude. No graph is built.
 *
 * <pre>{@code
 * IndexWriterConfig config = new IndexWriterConfig();
 * config.setCodec(
 *     new Lucene912Codec() {
 *       @Override
 *       public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
 *         return new SigmoidTreeVectorsFormat();
 *       }
 *     });
 * }</pre>
 *
 * Readers find it by its name, through Java's service loader, when its jar is on the class path or
 * module path; queries are Lucene's own ({@code KnnFloatVectorQuery}).
 *
 * <p>All similarity functions are supported. Some searches are plain scans, which are just as exact
 * but slower: in segments with fewer than 1,024 vectors, of byte vectors, for more than half of a
 * segment, by inner products of vectors whose lengths differ by more than 0.5 %, and by cosines of
 * vectors that are (nearly) zero. A filter that matches few documents costs in proportion to those.
 *
 * <p>The first search of a segment reads its codes to the heap: about 100 to 133 bytes per vector
 * of 128 dimensions; see the table in {@code docs/LUCENE.md}. The collector's limit of visited
 * vectors counts the vectors that were compared in full. The format and its readers are immutable
 * and thread-safe.
 */
public final class SigmoidTreeVectorsFormat extends KnnVectorsFormat {
  /** The name by which readers find the format. */
  public static final String NAME = "SigmoidTreeVectorsFormat";

  static final String META_CODEC = "SigmoidTreeVectorsMeta";
  static final String META_EXTENSION = "vstm";
  static final String DATA_CODEC = "SigmoidTreeVectorsData";
  static final String DATA_EXTENSION = "vst";
  static final int VERSION_START = 0;
  static final int VERSION_CURRENT = VERSION_START;

  /** Fewer vectors are compared sooner than codes are read. */
  static final int LEAST_CODED = 1024;

  private static final int MOST_DIMENSIONS = 4096;

  private static final FlatVectorsFormat FLAT =
      new Lucene99FlatVectorsFormat(FlatVectorScorerUtil.getLucene99FlatVectorsScorer());

  private final int leastCoded;

  /** Creates the format; also called by Java's service loader. */
  public SigmoidTreeVectorsFormat() {
    this(LEAST_CODED);
  }

  /** For tests: segments of so many vectors get codes. */
  SigmoidTreeVectorsFormat(int leastCoded) {
    super(NAME);
    this.leastCoded = leastCoded;
  }

  @Override
  public KnnVectorsWriter fieldsWriter(SegmentWriteState state) throws IOException {
    return new SigmoidTreeVectorsWriter(state, FLAT.fieldsWriter(state), leastCoded);
  }

  @Override
  public KnnVectorsReader fieldsReader(SegmentReadState state) throws IOException {
    return new SigmoidTreeVectorsReader(state, FLAT.fieldsReader(state));
  }

  @Override
  public int getMaxDimensions(String fieldName) {
    return MOST_DIMENSIONS;
  }

  @Override
  public String toString() {
    return NAME;
  }
}
