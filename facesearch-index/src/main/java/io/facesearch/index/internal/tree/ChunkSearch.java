package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.quantize.PackedCodes;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import java.util.Arrays;

/**
 * A search in {@link PackedCodes}. The values of all vectors are computed, in groups of chunks. In
 * the first group, those with the smallest values are compared, the smallest first, until the
 * distance of the k-th found excludes the rest; in the others, what that distance does not exclude,
 * the smallest first again. Not thread-safe.
 */
public final class ChunkSearch extends CodeSearch {
  /** Vectors whose values are kept until all are looked through: the nearer, the fewer are left. */
  private static final int GROUP = 262_144;

  /** Vectors whose marks are made together. */
  private static final int MARKED = 65_536;

  /** So many marks are looked at together. */
  private static final int FOLDS = 8;

  /** So many queries of a batch share what they read. */
  private static final int QUERIES = PackedCodes.MOST_QUERIES;

  /** In about so many vectors, and so many times k, it is found which values are small. */
  private static final int SAMPLE = 4096;

  private static final int SAMPLE_SHARE = 4;

  /** Vectors of a sample that lie beside each other. */
  private static final int SAMPLE_RUN = 64;

  /** Of the smallest values more than k are looked at, so that one look is mostly enough. */
  private static final int MORE = 40;

  /** Of so many vectors the second codes are fetched at the same time. */
  private static final int SOON = 32;

  /** More are not put in order. */
  private static final int MOST_SORTED = 8192;

  /** Values are counted in classes of 2^6. */
  private static final int CLASS_SHIFT = 6;

  private final PackedCodes packed;
  private final PackedCodes.Weights weights;

  /** Of a group, by chunk. */
  private final short[][] values;

  private final short[] marks;

  /** Of {@link #FOLDS} parts of the marks that lie over each other, and one such part. */
  private final short[] foldedMarks;

  private final short[] part;
  private final int[] classes = new int[1 << (16 - CLASS_SHIFT)];
  private long[] keys = new long[256];
  private int keyCount;

  /** 0 for all faces within a distance. */
  private int k;

  /** Each pass begins where the last one ended: what was read last is still in the cache. */
  private boolean isBackward;

  /**
   * @param codes in {@link PackedCodes}
   */
  public ChunkSearch(QuantizedVectors codes, Candidates candidates) {
    super(codes, candidates);
    packed = (PackedCodes) codes.blocks;
    weights = new PackedCodes.Weights(packed);
    marks = new short[packed.chunkSize()];
    foldedMarks = new short[packed.chunkSize() / FOLDS];
    part = new short[foldedMarks.length];
    values = new short[Math.min(mostUnits(), packed.chunkCount())][packed.chunkSize()];
  }

  @Override
  void beginWithin(double[] query) {
    super.beginWithin(query);
    packed.prepare(coded.weights, coded.base, weights);
    k = 0;
  }

  /**
   * Goes through all vectors for the k nearest to a query.
   *
   * @param k decides how many are compared before their distances exclude others; what is kept is
   *     up to the candidates
   */
  public void search(double[] query, int k) {
    begin(query, k);
    run();
  }

  @Override
  void begin(double[] query, int newK) {
    beginWithin(query);
    k = newK;
  }

  @Override
  void beginHelp(CodeSearch other, double[] query) {
    begin(query, ((ChunkSearch) other).k);
  }

  @Override
  int units() {
    return packed.chunkCount();
  }

  @Override
  int mostUnits() {
    return GROUP / packed.chunkSize();
  }

  @Override
  void run(int from, int to) {
    for (int i = from; i < to; i++) {
      int chunk = isBackward ? from + to - 1 - i : i;
      packed.values(chunk, weights, values[chunk - from]);
    }
    isBackward = !isBackward;
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
      for (int from = 0; from < packed.chunkCount(); from += mostUnits()) {
        int to = Math.min(packed.chunkCount(), from + mostUnits());
        for (int number = from; number < to; number++) {
          int chunk = isBackward ? from + to - 1 - number : number;
          for (int i = 0; i < some.length; i++) {
            targets[i] = some[i].values[chunk - from];
          }
          packed.values(chunk, ofAll, targets, some.length);
        }
        for (ChunkSearch search : some) {
          search.examine(from, to);
        }
        isBackward = !isBackward;
      }
    }
  }

  /** Compares what is to be compared of a group of chunks. */
  private void examine(int from, int to) {
    updateLimit();
    int done = Short.MIN_VALUE - 1;
    if (isOpen()) {
      int stride = stride(from, to);
      int sampled = count(from, to, stride);
      for (long all = 2L * k + MORE; isOpen() && done < Short.MAX_VALUE; all *= 4) {
        long wanted = (all + stride - 1) / stride;
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
    return k > 0 && candidates.squaredLimit() == Double.POSITIVE_INFINITY;
  }

  /** One in so many vectors of a group is a good sample of its values. */
  private int stride(int from, int to) {
    long points = (long) (to - from) * packed.chunkSize();
    return (int) Math.max(1, points / Math.max(SAMPLE, (long) SAMPLE_SHARE * k));
  }

  /**
   * Counts the values of a sample of a group by class: runs from everywhere, since neighbors are
   * alike.
   *
   * @return how many these are
   */
  private int count(int from, int to, int stride) {
    Arrays.fill(classes, 0);
    int counted = 0;
    int run = 0;
    for (int chunk = from; chunk < to; chunk++) {
      short[] some = values[chunk - from];
      int points = packed.chunkPoints(chunk);
      for (; run < points; run += stride * SAMPLE_RUN) {
        int end = Math.min(points, run + SAMPLE_RUN);
        for (int j = run; j < end; j++) {
          classes[some[j] + 32768 >> CLASS_SHIFT]++;
        }
        counted += end - run;
      }
      run -= points;
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
    int step = MARKED / packed.chunkSize();
    for (int first = from; first < to; first += step) {
      int end = Math.min(to, first + step);
      int points = packed.chunkPoints(first); // no chunk behind it has more
      PackedCodes.mark(values[first - from], marks, points, most);
      for (int chunk = first + 1; chunk < end; chunk++) {
        PackedCodes.markToo(values[chunk - from], marks, packed.chunkPoints(chunk), most);
      }
      Arrays.fill(marks, points, marks.length, (short) 0);
      PackedCodes.fold(marks, part, foldedMarks);
      for (int j = 0; j < foldedMarks.length; j++) {
        if (foldedMarks[j] < 0) {
          for (int place = j; place < points; place += foldedMarks.length) {
            if (marks[place] < 0) {
              collect(from, first, end, above, most, place);
            }
          }
        }
      }
    }
    if (keyCount <= MOST_SORTED) {
      Arrays.sort(keys, 0, keyCount);
    }
  }

  private void collect(int group, int from, int to, int above, int most, int place) {
    if (keyCount + to - from > keys.length) {
      keys = Arrays.copyOf(keys, 2 * keys.length);
    }
    for (int chunk = from; chunk < to; chunk++) {
      short value = values[chunk - group][place];
      if (value <= most && value > above && place < packed.chunkPoints(chunk)) {
        keys[keyCount++] = ((long) value << 32) + (long) chunk * packed.chunkSize() + place;
      }
    }
  }

  private void compareCollected() {
    boolean isSorted = keyCount <= MOST_SORTED;
    for (int i = 0; i < keyCount; i++) {
      if (i % SOON == 0) {
        touch(keys, i, Math.min(keyCount, i + SOON));
      }
      short value = (short) (keys[i] >> 32);
      if (isSorted && value + 32768 > coded.limit && !isOpen()) {
        break;
      }
      examine((int) keys[i], value);
      if (isOpen() && waiting() + candidates.size() >= k) {
        comparePutOff();
        updateLimit();
      }
    }
    comparePutOff();
    updateLimit();
  }
}
