package io.facesearch.index.internal.tree;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.VectorSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index behind {@code SigmoidTreeIndex}, whose description is that of this class too: a tree of
 * most of the faces, a {@link Delta} of the newest, and the marks of removed ones.
 *
 * <p>New faces go to the delta beside the tree, and removed ones are passed over; when they outgrow
 * their share of the tree, a new one is built in the background, on half of the cores, while the
 * index goes on changing: adding does not wait for it. A list of faces that is larger than that
 * share, or the first one, is built into a tree by the thread that adds it.
 *
 * <p>Thread-safe as {@link FaceIndex} asks for; searches never lock and never wait for a rebuild.
 */
public final class TreeIndex extends SnapshotIndex<TreeIndex.Vectors> {
  private static final Logger LOG = LoggerFactory.getLogger("io.facesearch.index.SigmoidTreeIndex");

  /** From one in so many faces on, codes find the nearest that a filter matches sooner. */
  private static final int MANY_SHARE = 20;

  /** Less is read into memory. */
  public static final long LEAST_MAPPED = 16 << 20;

  /** {@code tree} is null while the delta holds all. */
  public record Vectors(@Nullable SplitTree tree, Delta delta) {
    int treeSize() {
      return tree == null ? 0 : tree.size();
    }

    @Nullable QuantizedVectors codes() {
      return tree == null ? null : tree.codes;
    }
  }

  private final int leafSize;
  private final int maxDepth;
  private final double rebuildShare;
  private final SplitDirection direction;
  private final String split;
  private final CodeUse codeUse;
  private final boolean approximate;
  private final boolean background;
  private final TreeQueries queries;
  private final Rebuilder rebuilder = new Rebuilder(this);
  private volatile boolean released;

  private TreeIndex(Builder builder, Metric metric) {
    super(metric, builder.manyShare);
    Kernels.check();
    leafSize = builder.leafSize;
    maxDepth = builder.maxDepth;
    rebuildShare = builder.rebuildShare;
    direction = builder.direction;
    split = builder.split;
    codeUse = builder.codeUse;
    approximate = builder.approximate;
    background = builder.background;
    queries =
        new TreeQueries(
            SearchThreads.of(builder.searchThreads, builder.searchExecutor, builder.leastToShare));
  }

  /**
   * Starts a new index.
   *
   * @return a builder with the default settings
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A state worth writing to a file: with nothing of removed faces, and a tree of nearly all.
   * Builds it where the present one is not, O(d · n · log n).
   */
  public State<Vectors> compactState() {
    State<Vectors> now = state();
    return now.removed().count() > 0 || isUnfinished(now) || rebuilder.isOutgrown(now)
        ? compact(now)
        : now;
  }

  /** How this index makes its trees. */
  public TreeShape shape() {
    return new TreeShape(leafSize, maxDepth, split, approximate, Kernels.best().layout());
  }

  /** Goes on with what a file held; the index must be new. */
  public void restore(State<Vectors> restored) {
    synchronized (writeLock) {
      publish(restored);
    }
  }

  @Override
  protected Vectors append(State<Vectors> old, VectorSpace space, List<EmbeddedFace> added) {
    Vectors vectors =
        old.isUnbound() ? new Vectors(null, Delta.empty(space.dimension())) : old.vectors();
    // A few of a long delta are not worth that their caller builds the tree.
    boolean isMuch =
        vectors.tree == null
            || added.size() > mostPending(vectors.treeSize() + vectors.delta.size())
            || !background;
    if (isMuch && (long) vectors.delta.size() + added.size() > mostPending(vectors.treeSize())) {
      int[] all = IntStream.range(0, old.faces().size()).toArray();
      return new Vectors(
          build(vectors, space.dimension(), all, all.length, added, approximate),
          Delta.empty(space.dimension()));
    }
    return new Vectors(vectors.tree, vectors.delta.append(added, vectors.codes()));
  }

  /** So many faces outside the tree, or removed ones in it, do not matter yet. */
  double mostPending(int treeSize) {
    return Math.max(leafSize, rebuildShare * treeSize);
  }

  @Override
  protected float[] vector(Vectors vectors, int ordinal) {
    SplitTree tree = vectors.tree;
    return tree != null && ordinal < tree.size()
        ? tree.get(ordinal)
        : vectors.delta.rows.get(ordinal - vectors.treeSize());
  }

  @Override
  protected Vectors copy(State<Vectors> old, int[] ordinals) {
    return copy(old, ordinals, approximate);
  }

  Vectors copy(State<Vectors> old, int[] ordinals, boolean withNeighbors) {
    int dimension = old.space().dimension();
    Vectors vectors = old.vectors();
    if (ordinals.length > leafSize) {
      int[] places = new int[old.faces().size()];
      Arrays.fill(places, -1);
      for (int i = 0; i < ordinals.length; i++) {
        places[ordinals[i]] = i;
      }
      SplitTree tree = build(vectors, dimension, places, ordinals.length, List.of(), withNeighbors);
      return new Vectors(tree, Delta.empty(dimension));
    }
    List<EmbeddedFace> few = new ArrayList<>();
    for (int ordinal : ordinals) {
      few.add(
          new EmbeddedFace(
              old.faces().get(ordinal),
              Embedding.of(old.space().model(), vector(vectors, ordinal))));
    }
    return new Vectors(null, Delta.empty(dimension).append(few, null));
  }

  /**
   * Builds a tree over faces of a state and some more, which come behind them.
   *
   * @param places the new ordinal of each old one, or -1
   * @param kept how many are not -1
   */
  private SplitTree build(
      Vectors old,
      int dimension,
      int[] places,
      int kept,
      List<EmbeddedFace> added,
      boolean withNeighbors) {
    long start = System.nanoTime();
    float[] rows = new float[(kept + added.size()) * dimension];
    int[] ordinals = new int[kept + added.size()];
    int n = 0;
    SplitTree oldTree = old.tree;
    int inTree = old.treeSize();
    for (int row = 0; oldTree != null && row < inTree; row++) {
      int place = places[oldTree.ordinals[row]];
      if (place >= 0) {
        oldTree.rows.copyTo(row, rows, n * dimension);
        ordinals[n++] = place;
      }
    }
    for (int row = 0; row < old.delta.size(); row++) {
      int place = places[inTree + row];
      if (place >= 0) {
        old.delta.rows.copyTo(row, rows, n * dimension);
        ordinals[n++] = place;
      }
    }
    for (EmbeddedFace face : added) {
      face.embedding().copyTo(rows, n * dimension);
      ordinals[n] = n;
      n++;
    }
    SplitTree tree =
        new TreeBuilder(
                rows, ordinals, dimension, leafSize, maxDepth, direction, codeUse, withNeighbors)
            .build();
    LOG.debug(
        "built a tree of {} leaves over {} faces in {} ms",
        tree.leafCount(),
        tree.size(),
        (System.nanoTime() - start) / 1_000_000);
    return tree;
  }

  boolean isDue(State<Vectors> now) {
    double most = mostPending(now.vectors().treeSize());
    return (now.vectors().tree != null && now.vectors().delta.size() > most)
        || now.removed().count() > most;
  }

  @Override
  protected void changed() {
    if (isDue(state())) {
      if (background) {
        rebuilder.startIfDue();
      } else {
        publish(compact(state()));
      }
    }
  }

  /** For {@link Rebuilder}: guards what it replaces. */
  Object lock() {
    return writeLock;
  }

  /** For {@link Rebuilder}, with the lock. */
  void replace(State<Vectors> next) {
    publish(next);
  }

  /** The same faces without those removed, and without neighbors for approximate searches. */
  State<Vectors> compactWithoutNeighbors(State<Vectors> old) {
    return compact(old, (from, live) -> copy(from, live, false));
  }

  /** Whether the tree shall get neighbors that it does not have yet. */
  public boolean isUnfinished(State<Vectors> now) {
    return approximate
        && !now.isUnbound()
        && now.vectors().tree != null
        && now.vectors().tree.lacksNeighbors();
  }

  /**
   * Waits for the tree that is built in the background, and its neighbors, but for none of what
   * others add meanwhile. The index stays usable.
   */
  @Override
  public void close() {
    rebuilder.close();
  }

  /**
   * Lets go of the file that the tree is mapped from, if it is: the index is of no use then. What
   * is in memory stays usable.
   */
  public void release() {
    State<Vectors> now = state();
    SplitTree tree = now.isUnbound() ? null : now.vectors().tree;
    if (tree != null && tree.rows.isMapped()) {
      released = true;
      tree.close();
      now.faces().close();
    }
  }

  private void ensureUsable() {
    if (released) {
      throw new IllegalStateException(
          "the index is closed, which was mapped from its file; open it again, and close it when"
              + " nobody searches it any more");
    }
  }

  @Override
  public ForgetReceipt forget(String person, Predicate<FaceRecord> whose) {
    synchronized (writeLock) {
      rebuilder.awaitToForget();
      ForgetReceipt receipt = super.forget(person, whose);
      if (background && isUnfinished(state())) {
        rebuilder.start();
      }
      return receipt;
    }
  }

  /** Its neighbors, which take most of the time, are found in the background afterwards. */
  @Override
  protected State<Vectors> withoutForgotten(State<Vectors> old) {
    return background ? compactWithoutNeighbors(old) : compact(old);
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    Objects.requireNonNull(query, "query");
    ensureUsable();
    return queries.search(view(request), query, request);
  }

  /** Groups of queries share what they read from memory, where codes are read for k faces. */
  @Override
  public List<SearchResult> searchAll(List<Embedding> all, Search request) {
    ensureUsable();
    return queries.searchAll(view(request), List.copyOf(all), request);
  }

  /** What approximate searches found of held-out queries; empty where there are none. */
  public List<RecallSetting> calibration() {
    SplitTree tree = tree();
    return tree == null || tree.calibration == null ? List.of() : tree.calibration.settings;
  }

  /** How large the index is; O(1). */
  public TreeStats stats() {
    State<Vectors> now = state();
    if (now.isUnbound()) {
      return new TreeStats(0, 0, 0, 0, 0, "none");
    }
    SplitTree tree = now.vectors().tree;
    return new TreeStats(
        now.live(),
        tree == null ? 0 : tree.leafCount(),
        4L * now.space().dimension() * now.live(),
        (tree == null ? 0 : tree.bytes()) + now.vectors().delta.bytes() + filterBytes(),
        tree == null ? 0 : tree.mappedBytes(),
        tree == null || tree.codes == null ? "none" : tree.codes.kernel.name());
  }

  /** The current tree, for tests; null while there is none. */
  public @Nullable SplitTree tree() {
    State<Vectors> now = state();
    return now.isUnbound() ? null : now.vectors().tree;
  }

  /** Settings of a new {@link TreeIndex}; see {@code SigmoidTreeIndex.Builder}. Not thread-safe. */
  public static final class Builder {
    private int leafSize = 128;
    private int maxDepth = 64;
    private double rebuildShare = 0.25;
    private SplitDirection direction = SplitDirection.TWO_MEANS;
    private String split = "TWO_MEANS";
    private Metric metric = Metric.EUCLIDEAN;
    private boolean approximate = true;
    private CodeUse codeUse = CodeUse.WHERE_USEFUL;
    private boolean background = true;
    private int searchThreads = 1;
    private @Nullable Executor searchExecutor;
    private int leastToShare = SearchThreads.LEAST;
    private int manyShare = MANY_SHARE;
    private long leastMapped = LEAST_MAPPED;

    private Builder() {}

    public Metric metric() {
      return metric;
    }

    public Builder leafSize(int leafSize) {
      if (leafSize < 1 || leafSize > 4096) {
        throw new IllegalArgumentException(
            "leafSize must be between 1 and 4096, but is: " + leafSize);
      }
      this.leafSize = leafSize;
      return this;
    }

    public Builder maxDepth(int maxDepth) {
      if (maxDepth < 1 || maxDepth > 256) {
        throw new IllegalArgumentException(
            "maxDepth must be between 1 and 256, but is: " + maxDepth);
      }
      this.maxDepth = maxDepth;
      return this;
    }

    public Builder rebuildShare(double rebuildShare) {
      if (!(rebuildShare >= 0.01 && rebuildShare <= 10)) {
        throw new IllegalArgumentException(
            "rebuildShare must be between 0.01 and 10, but is: " + rebuildShare);
      }
      this.rebuildShare = rebuildShare;
      return this;
    }

    public Builder metric(Metric metric) {
      this.metric = Objects.requireNonNull(metric, "metric");
      return this;
    }

    public Builder approximate(boolean approximate) {
      this.approximate = approximate;
      return this;
    }

    /** One of those of {@link SplitDirection#of}, by the name that files give it. */
    public Builder split(String name) {
      direction = SplitDirection.of(name);
      split = name;
      return this;
    }

    public Builder searchThreads(int threads) {
      if (threads < 1 || threads > SearchThreads.MOST) {
        throw new IllegalArgumentException(
            "searchThreads must be between 1 and " + SearchThreads.MOST + ", but is: " + threads);
      }
      searchThreads = threads;
      return this;
    }

    public Builder searchExecutor(Executor executor) {
      searchExecutor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    /** Whether a file is mapped that holds much; else all of it is read. */
    public Builder mapped(boolean mapped) {
      return leastMapped(mapped ? LEAST_MAPPED : Long.MAX_VALUE);
    }

    /** For tests: files are mapped in which so many bytes can be. */
    public Builder leastMapped(long bytes) {
      leastMapped = bytes;
      return this;
    }

    public long leastMapped() {
      return leastMapped;
    }

    /** For tests: trees of so many faces are searched by several threads. */
    public Builder leastToShare(int faces) {
      leastToShare = faces;
      return this;
    }

    /**
     * For tests: filters that may match more than one in so many faces are tested face by face;
     * with 0 all.
     */
    public Builder manyShare(int share) {
      manyShare = share;
      return this;
    }

    /** For tests: any direction, which no file names. */
    public Builder direction(SplitDirection direction) {
      this.direction = direction;
      split = "";
      return this;
    }

    /** For tests: false builds trees in the thread that adds. */
    public Builder background(boolean background) {
      this.background = background;
      return this;
    }

    /** For tests. */
    public Builder codeUse(CodeUse codeUse) {
      this.codeUse = codeUse;
      return this;
    }

    /** Makes a new, empty index. */
    public TreeIndex build() {
      return build(metric);
    }

    /** Makes one of another metric, such as that of a file. */
    public TreeIndex build(Metric ofFile) {
      return new TreeIndex(this, ofFile);
    }
  }
}
