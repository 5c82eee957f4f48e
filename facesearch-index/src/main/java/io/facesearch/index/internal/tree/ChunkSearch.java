package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.TopK;
import java.util.Arrays;

/**
 * A search in {@link PackedCodes}. The values of all vectors are computed, in groups of chunks. In
 * the first group, those with the smallest values are compared, the smallest first, until the
 * distance of the k-th found excludes the rest; in the others, what that distance does not exclude,
 * the smallest first again. Not thread-safe.
 */
public final class ChunkSearch extends CodeSearch {
  /** Chunks whose values are looked through together: their marks are. */
  private static final int GROUP_CHUNKS = 16;

  /** So many queries of a batch share what they read. */
  private static final int QUERIES = PackedCodes.MOST_QUERIES;

  /** In at least so many vectors, and so many times k, it is found which values are small. */
  private static final int SAMPLE = PackedCodes.CHUNK;

  private static final int SAMPLE_SHARE = 16;

  /** More are not put in order. */
  private static final int MOST_SORTED = 8192;

  /** Values are counted in classes of 2^6. */
  private static final int CLASS_SHIFT = 6;

  private final PackedCodes packed;
  private final PackedCodes.Weights weights;

  /** Of a group, by chunk. */
  private final short[][] values;

  private final short[] marks = new short[PackedCodes.CHUNK];
  private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];
  private long[] keys = new long[256];
  private int keyCount;

  /** 0 for all faces within a distance. */
  private int k;

  /**
   * @param codes of the tree, in {@link PackedCodes}
   */
  ChunkSearch(SplitTree tree, QuantizedVectors codes) {
    super(tree, codes);
    packed = (PackedCodes) codes.blocks;
    weights = new PackedCodes.Weights(packed);
    values = new short[Math.min(GROUP_CHUNKS, packed.chunkCount())][PackedCodes.CHUNK];
  }

  @Override
  void beginWithin(double[] newQuery, TopK newNearest) {
    super.beginWithin(newQuery, newNearest);
    packed.prepare(coded.weights, weights);
    k = 0;
  }

  @Override
  void begin(double[] newQuery, TopK newNearest, int newK) {
    beginWithin(newQuery, newNearest);
    k = newK;
  }

  @Override
  void beginHelp(CodeSearch other, double[] newQuery, TopK newNearest) {
    begin(newQuery, newNearest, ((ChunkSearch) other).k);
  }

  @Override
  int units() {
    return packed.chunkCount();
  }

  @Override
  int mostUnits() {
    return GROUP_CHUNKS;
  }

  @Override
  void run(int from, int to) {
    for (int chunk = from; chunk < to; chunk++) {
      packed.values(chunk, weights, values[chunk - from]);
    }
    examine(from, to);
  }

  @Override
  void run(CodeSearch[] batch, int count) {
    for (int first = 0; first < count; first += QUERIES) {
      ChunkSearch[] some = new ChunkSearch[Math.min(QUERIES, count - first)];
      PackedCodes.Weights[] ofAll = new PackedCodes.Weights[some.length];
      short[][] targets = new short[some.length][];
      for (int i = 0; i < some.length; i++) {
        some[i] = (ChunkSearch) batch[first + i];
        ofAll[i] = some[i].weights;
      }
      for (int from = 0; from < packed.chunkCount(); from += GROUP_CHUNKS) {
        int to = Math.min(packed.chunkCount(), from + GROUP_CHUNKS);
        for (int chunk = from; chunk < to; chunk++) {
          for (int i = 0; i < some.length; i++) {
            targets[i] = some[i].values[chunk - from];
          }
          packed.values(chunk, ofAll, targets, some.length);
        }
        for (ChunkSearch search : some) {
          search.examine(from, to);
        }
      }
    }
  }

  /** Compares what is to be compared of a group of chunks. */
  private void examine(int from, int to) {
    updateLimit();
    int done = Short.MIN_VALUE - 1;
    if (isOpen()) {
      int sampled = count(from, to);
      for (long wanted = k; isOpen() && done < Short.MAX_VALUE; wanted *= 4) {
        int most = wanted > sampled ? Short.MAX_VALUE : smallest(wanted);
        collect(from, to, done, most);
        compareCollected();
        done = most;
      }
    }
    if (coded.limit - 32768 > done) {
      collect(from, to, done, coded.limit - 32768);
      compareCollected();
    }
  }

  /** Whether fewer than k were found yet, so that nothing can be excluded. */
  private boolean isOpen() {
    return k > 0 && nearest.squaredLimit() == Double.POSITIVE_INFINITY;
  }

  /**
   * Counts the values of the first vectors of a group by class.
   *
   * @return how many these are
   */
  private int count(int from, int to) {
    Arrays.fill(classes, 0);
    long wanted = Math.max(SAMPLE, (long) SAMPLE_SHARE * k);
    int counted = 0;
    for (int chunk = from; chunk < to && counted < wanted; chunk++) {
      short[] some = values[chunk - from];
      int points = packed.chunkPoints(chunk);
      for (int j = 0; j < points; j++) {
        classes[some[j] + 32768 >> CLASS_SHIFT]++;
      }
      counted += points;
    }
    return counted;
  }

  /** A value that at least {@code wanted} (and few more) of those counted are not above. */
  private int smallest(long wanted) {
    int seen = 0;
    int last = 0;
    while (last < classes.length && (seen += classes[last]) < wanted) {
      last++;
    }
    return ((last + 1) << CLASS_SHIFT) - 1 - 32768;
  }

  /** Finds the vectors of a group with values above one and at most another. */
  private void collect(int from, int to, int above, int most) {
    keyCount = 0;
    Arrays.fill(marks, (short) 0);
    for (int chunk = from; chunk < to; chunk++) {
      PackedCodes.mark(values[chunk - from], marks, packed.chunkPoints(chunk), most);
    }
    for (int j = 0; j < marks.length; j++) {
      if (marks[j] < 0) {
        collect(from, to, above, most, j);
      }
    }
    if (keyCount <= MOST_SORTED) {
      Arrays.sort(keys, 0, keyCount);
    }
  }

  private void collect(int from, int to, int above, int most, int place) {
    if (keyCount + to - from > keys.length) {
      keys = Arrays.copyOf(keys, 2 * keys.length);
    }
    for (int chunk = from; chunk < to; chunk++) {
      short value = values[chunk - from][place];
      if (value <= most && value > above && place < packed.chunkPoints(chunk)) {
        keys[keyCount++] = ((long) value << 32) + chunk * PackedCodes.CHUNK + place;
      }
    }
  }

  private void compareCollected() {
    boolean isSorted = keyCount <= MOST_SORTED;
    for (int i = 0; i < keyCount; i++) {
      short value = (short) (keys[i] >> 32);
      if (isSorted && value + 32768 > coded.limit && !isOpen()) {
        break;
      }
      examine((int) keys[i], value);
      if (isOpen() && waiting() + nearest.size() >= k) {
        comparePutOff();
        updateLimit();
      }
    }
    comparePutOff();
    updateLimit();
  }
}
