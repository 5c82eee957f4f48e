package io.facesearch.lucene;

import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.KnnVectorsReader;
import org.apache.lucene.codecs.hnsw.FlatVectorsReader;
import org.apache.lucene.index.ByteVectorValues;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.KnnCollector;
import org.apache.lucene.store.ChecksumIndexInput;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.util.BitSet;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.RamUsageEstimator;
import org.apache.lucene.util.hnsw.RandomVectorScorer;
import org.jspecify.annotations.Nullable;

/** Searches the codes of a segment; its vectors are read by Lucene's own reader. Thread-safe. */
final class SigmoidTreeVectorsReader extends KnnVectorsReader {
  private static final long SHALLOW_SIZE =
      RamUsageEstimator.shallowSizeOfInstance(SigmoidTreeVectorsReader.class);

  /** Where a filter passes at most one vector in so many, or so few, these are compared. */
  private static final int FILTERED_SHARE = 32;

  private static final int FEW = 1024;

  /** From this share of all vectors on, codes only add to the work. */
  private static final int GREATEST_SHARE = 2;

  private static final int MOST_POOLED = 2 * Runtime.getRuntime().availableProcessors();

  private final FlatVectorsReader flat;
  private final Map<String, Codes> fields = new HashMap<>();
  private @Nullable IndexInput data;

  /** The codes of a field, read when they are first searched. */
  private static final class Codes {
    final CodesFile.Entry entry;
    private final BlockingQueue<CodedSearch> pool = new ArrayBlockingQueue<>(MOST_POOLED);
    private volatile @Nullable QuantizedVectors read;

    Codes(CodesFile.Entry entry) {
      this.entry = entry;
    }

    CodedSearch take(IndexInput data) throws IOException {
      CodedSearch pooled = pool.poll();
      return pooled == null ? new CodedSearch(codes(data)) : pooled;
    }

    void giveBack(CodedSearch search) {
      boolean unused = pool.offer(search); // one too many is dropped
    }

    private QuantizedVectors codes(IndexInput data) throws IOException {
      QuantizedVectors codes = read;
      if (codes == null) {
        synchronized (this) {
          codes = read;
          if (codes == null) {
            codes = CodesFile.read(entry, data);
            read = codes;
          }
        }
      }
      return codes;
    }

    long bytes() {
      QuantizedVectors codes = read;
      return codes == null ? 0 : codes.bytes();
    }
  }

  /** Takes over the reader of the vectors, also if it fails. */
  SigmoidTreeVectorsReader(SegmentReadState state, FlatVectorsReader flat) throws IOException {
    this.flat = flat;
    boolean success = false;
    try {
      int version = readMeta(state);
      IndexInput in =
          state.directory.openInput(
              name(state, SigmoidTreeVectorsFormat.DATA_EXTENSION), state.context);
      data = in;
      int versionOfData =
          CodecUtil.checkIndexHeader(
              in,
              SigmoidTreeVectorsFormat.DATA_CODEC,
              SigmoidTreeVectorsFormat.VERSION_START,
              SigmoidTreeVectorsFormat.VERSION_CURRENT,
              state.segmentInfo.getId(),
              state.segmentSuffix);
      if (version != versionOfData) {
        throw new CorruptIndexException(
            "codes of version " + versionOfData + " with metadata of version " + version, in);
      }
      CodecUtil.retrieveChecksum(in);
      for (Codes codes : fields.values()) {
        if (codes.entry.start() > in.length() - codes.entry.bytes()) {
          throw new CorruptIndexException(
              "the codes of the field " + codes.entry.info().name + " end too soon", in);
        }
      }
      success = true;
    } finally {
      if (!success) {
        IOUtils.closeWhileHandlingException(this);
      }
    }
  }

  private static String name(SegmentReadState state, String extension) {
    return IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension);
  }

  private int readMeta(SegmentReadState state) throws IOException {
    int version = -1;
    try (ChecksumIndexInput meta =
        state.directory.openChecksumInput(
            name(state, SigmoidTreeVectorsFormat.META_EXTENSION), state.context)) {
      Throwable failure = null;
      try {
        version =
            CodecUtil.checkIndexHeader(
                meta,
                SigmoidTreeVectorsFormat.META_CODEC,
                SigmoidTreeVectorsFormat.VERSION_START,
                SigmoidTreeVectorsFormat.VERSION_CURRENT,
                state.segmentInfo.getId(),
                state.segmentSuffix);
        CodesFile.Entry entry = CodesFile.entry(meta, state.fieldInfos);
        while (entry != null) {
          fields.put(entry.info().name, new Codes(entry));
          entry = CodesFile.entry(meta, state.fieldInfos);
        }
      } catch (Throwable e) {
        failure = e;
      } finally {
        CodecUtil.checkFooter(meta, failure);
      }
    }
    return version;
  }

  @Override
  public void search(
      String field, float[] target, KnnCollector collector, @Nullable Bits acceptDocs)
      throws IOException {
    RandomVectorScorer scorer = flat.getRandomVectorScorer(field, target);
    if (scorer == null) {
      return;
    }
    Bits acceptOrds = scorer.getAcceptOrds(acceptDocs);
    if (acceptDocs instanceof BitSet set
        && set.cardinality() <= Math.max(FEW, scorer.maxOrd() / FILTERED_SHARE)) {
      scan(scorer, set == acceptOrds ? set : null, acceptOrds, collector);
      return;
    }
    Codes codes = fields.get(field);
    if (codes != null && collector.k() <= codes.entry.count() / GREATEST_SHARE) {
      checkCount(codes, scorer);
      ScoreLimit limit =
          new ScoreLimit(
              codes.entry.info().getVectorSimilarityFunction(),
              codes.entry.greatestSquare(),
              target);
      if (limit.isUseful()) {
        IndexInput in = data;
        if (in == null) {
          throw new IllegalStateException("the reader could not be opened");
        }
        CodedSearch search = codes.take(in);
        search.search(target, limit, scorer, acceptOrds, collector);
        codes.giveBack(search);
        return;
      }
    }
    scan(scorer, null, acceptOrds, collector);
  }

  private void checkCount(Codes codes, RandomVectorScorer scorer) throws IOException {
    if (codes.entry.count() != scorer.maxOrd()) {
      throw new CorruptIndexException(
          "the field "
              + codes.entry.info().name
              + " has "
              + scorer.maxOrd()
              + " vectors, but codes of "
              + codes.entry.count(),
          String.valueOf(data));
    }
  }

  @Override
  public void search(String field, byte[] target, KnnCollector collector, @Nullable Bits acceptDocs)
      throws IOException {
    RandomVectorScorer scorer = flat.getRandomVectorScorer(field, target);
    if (scorer != null) {
      scan(scorer, null, scorer.getAcceptOrds(acceptDocs), collector);
    }
  }

  /**
   * Compares all vectors that are accepted.
   *
   * @param few the ordinals that are accepted, if they are at hand as a set
   */
  private static void scan(
      RandomVectorScorer scorer,
      @Nullable BitSet few,
      @Nullable Bits acceptOrds,
      KnnCollector collector)
      throws IOException {
    int count = scorer.maxOrd();
    for (int ord = next(few, 0, count); ord < count; ord = next(few, ord + 1, count)) {
      if (few != null || acceptOrds == null || acceptOrds.get(ord)) {
        if (collector.earlyTerminated()) {
          return;
        }
        collector.incVisitedCount(1);
        collector.collect(scorer.ordToDoc(ord), scorer.score(ord));
      }
    }
  }

  private static int next(@Nullable BitSet few, int from, int count) {
    if (few == null || from >= count) {
      return from;
    }
    int next = few.nextSetBit(from);
    return next == DocIdSetIterator.NO_MORE_DOCS ? count : next;
  }

  @Override
  public FloatVectorValues getFloatVectorValues(String field) throws IOException {
    return flat.getFloatVectorValues(field);
  }

  @Override
  public ByteVectorValues getByteVectorValues(String field) throws IOException {
    return flat.getByteVectorValues(field);
  }

  @Override
  public void checkIntegrity() throws IOException {
    flat.checkIntegrity();
    IndexInput in = data;
    if (in != null) {
      CodecUtil.checksumEntireFile(in);
    }
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(flat, data);
  }

  /**
   * Without the few bytes of Lucene's reader, which fails to count them where all have a vector.
   */
  @Override
  public long ramBytesUsed() {
    long codes = 0;
    for (Codes some : fields.values()) {
      codes += some.bytes();
    }
    return SHALLOW_SIZE + codes;
  }
}
