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
 * A vector format that answers exactly: the documents, scores and order that Lucene gives when it
 * compares every vector, whatever the filter. Vectors lie in Lucene's own flat format; beside them,
 * for each segment, the codes of {@code facesearch-index} lie, from which a search finds bounds of
 * scores, so that it compares in full only the few vectors that these do not exclude. Nothing else
 * is built: no graph.
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
 * <p>All similarity functions are served. Plain scans, as exact and slower, are: segments of less
 * than 1,024 vectors; byte vectors; queries for more than half of a segment; inner products of
 * vectors whose lengths differ by more than half a percent; cosines of vectors that are (nearly) 0.
 * A filter that passes few documents costs what it passes.
 *
 * <p>The first search of a segment reads its codes to the heap: about 100 to 133 bytes for each
 * vector of 128 dimensions; {@code docs/LUCENE.md} has the table. The collector's limit of visited
 * vectors counts the vectors compared in full. Immutable and thread-safe, and so are its readers.
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

  /** A format as it is to be; also for Java's service loader. */
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
