package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Search, exact or approximate, in a tree whose nodes part the faces by {@code Sign(Sigmoid(W·f −
 * t) − t)}: at 0 or more a vector f goes right, else left. The answers are those of {@link
 * FlatIndex}: the same faces, in the same order, at the same distances.
 *
 * <p>New faces go to a tail that is scanned; when the tail outgrows its share of the tree, the
 * thread that adds builds a new tree over everything. With n faces of d dimensions:
 *
 * <ul>
 *   <li>a search costs between O(d · log n), where vectors have few effective dimensions, and about
 *       70 bytes read and 64 operations a face, of which a vector unit does 32 at a time: at 128
 *       dimensions the planes exclude little, but small codes of all vectors exclude nearly all;
 *   <li>adding costs O(d · log n) a face on average, and O(d · n · log n) when it rebuilds;
 *   <li>memory is about 4 · d + 12 · d / leafSize + 154 bytes a face beside its record, 48 of them
 *       for approximate searches (with plain Java 158 and 20; in few dimensions less), and twice
 *       that while the tree is rebuilt; see {@link #stats()}.
 * </ul>
 *
 * <p>Searches are about three times as fast where the module {@code jdk.incubator.vector} is
 * present: start Java with {@code --add-modules jdk.incubator.vector}. The system property {@code
 * facesearch.kernel} ({@code scalar} or {@code vector}) forces one way of computing; the answers
 * are the same.
 *
 * <p>Thread-safe as {@link FaceIndex} asks for; searches never lock and never wait for a rebuild.
 */
public final class SigmoidTreeIndex implements FaceIndex {
  private static final Logger LOG = LoggerFactory.getLogger(SigmoidTreeIndex.class);

  /** For more faces an approximate search would have to keep too many in order. */
  private static final int MOST_APPROXIMATE = 1000;

  /** So many queries of a batch take turns. */
  private static final int GROUP = 16;

  /** {@code space} is null while nothing was added, {@code tree} while the tail holds all. */
  private record Snapshot(Space space, Faces faces, SplitTree tree, Rows tail) {
    int treeSize() {
      return tree == null ? 0 : tree.size();
    }

    float[] vector(int ordinal) {
      return ordinal < treeSize() ? tree.get(ordinal) : tail.get(ordinal - treeSize());
    }
  }

  private final Ids ids = new Ids();
  private final Object writeLock = new Object();
  private final int leafSize;
  private final int maxDepth;
  private final double rebuildShare;
  private final SplitDirection direction;
  private final CodeUse codeUse;
  private final Metric metric;
  private final boolean approximate;
  private volatile Snapshot snapshot = new Snapshot(null, Faces.EMPTY, null, null);

  private SigmoidTreeIndex(Builder builder) {
    leafSize = builder.leafSize;
    maxDepth = builder.maxDepth;
    rebuildShare = builder.rebuildShare;
    direction = builder.direction;
    codeUse = builder.codeUse;
    metric = builder.metric;
    approximate = builder.approximate;
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
   * Reads an index file into a new index with default settings; O(d · n · log n).
   *
   * @param file a file written by {@link IndexFile#write}
   * @return the index, with the faces in the order of the file
   * @throws io.facesearch.CorruptIndexException if the file is damaged or no index file
   * @throws io.facesearch.IndexVersionException if this release does not read the file's version
   * @throws IOException if the file cannot be read
   */
  public static SigmoidTreeIndex load(Path file) throws IOException {
    return builder().load(file);
  }

  /**
   * Writes the faces to a file; see {@link IndexFile#write}. The tree is not stored: loading builds
   * it anew.
   *
   * @param file the file; replaced if it exists
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void save(Path file) throws IOException {
    IndexFile.write(this, file);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    addImmutable(Space.kept(List.copyOf(faces), metric));
  }

  /** Adds faces as they are kept. */
  private void addImmutable(List<EmbeddedFace> added) {
    if (added.isEmpty()) {
      return;
    }
    synchronized (writeLock) {
      Snapshot old = snapshot;
      Space space = old.space == null ? Space.of(added.get(0).embedding(), metric) : old.space;
      space.check(added, old.faces.size());
      ids.requireNew(added);
      Rows tail = old.tail == null ? Rows.empty(space.dimension()) : old.tail;
      Faces all = old.faces.append(added);
      Snapshot next;
      if ((long) tail.size() + added.size() > Math.max(leafSize, rebuildShare * old.treeSize())) {
        next = new Snapshot(space, all, build(old, added), Rows.empty(space.dimension()));
      } else {
        next = new Snapshot(space, all, old.tree, tail.append(added));
      }
      ids.put(added, old.faces.size());
      snapshot = next;
    }
  }

  /** Builds a tree over the faces of a snapshot and those added to it. */
  private SplitTree build(Snapshot old, List<EmbeddedFace> added) {
    long start = System.nanoTime();
    int dimension = added.get(0).embedding().dimension();
    int before = old.faces.size();
    int inTree = old.treeSize();
    float[] rows = new float[(before + added.size()) * dimension];
    int[] ordinals = new int[before + added.size()];
    if (old.tree != null) {
      System.arraycopy(old.tree.rows, 0, rows, 0, inTree * dimension);
      System.arraycopy(old.tree.ordinals, 0, ordinals, 0, inTree);
    }
    for (int i = inTree; i < ordinals.length; i++) {
      ordinals[i] = i;
    }
    if (before > inTree) {
      old.tail.copyTo(rows, inTree * dimension);
    }
    int offset = before * dimension;
    for (EmbeddedFace face : added) {
      face.embedding().copyTo(rows, offset);
      offset += dimension;
    }
    SplitTree tree =
        new TreeBuilder(
                rows, ordinals, dimension, leafSize, maxDepth, direction, codeUse, approximate)
            .build();
    LOG.debug(
        "built a tree of {} leaves over {} faces in {} ms",
        tree.leafCount(),
        tree.size(),
        (System.nanoTime() - start) / 1_000_000);
    return tree;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k) {
    Objects.requireNonNull(query, "query");
    Space.checkK(k);
    return search(snapshot, query, k);
  }

  /**
   * Finds near faces within a budget. Faces that were added since the tree was built are all
   * compared. Exact, whatever the budget, where the index has no approximate search: for k above
   * 1,000 (above 100 if a recall is asked for), in indexes of fewer than 4,096 faces, in such as
   * were built without, and where the bounds of the tree are enough; {@link SearchResult#plan()}
   * tells.
   *
   * @param query a vector of the same model
   * @param k how many, at least 1
   * @param budget what may be left out
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if k is less than 1
   */
  public SearchResult search(Embedding query, int k, SearchBudget budget) {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(budget, "budget");
    Space.checkK(k);
    Snapshot now = snapshot;
    if (budget == SearchBudget.EXACT
        || k > MOST_APPROXIMATE
        || now.tree == null
        || now.tree.neighbours == null) {
      return search(now, query, k);
    }
    int most = Math.min(k, now.tree.size());
    int blocks;
    int beam;
    if (Double.isNaN(budget.recall)) {
      blocks = (int) Math.ceil(budget.leaves * now.tree.means.count);
      beam = RecallCalibration.beam(most);
    } else {
      CalibratedRecall setting = now.tree.calibration.setting(k, budget.recall);
      if (setting == null) {
        return search(now, query, k);
      }
      blocks = (int) Math.round(setting.leafShare() * now.tree.means.count);
      beam = Math.max(most, setting.beam());
    }
    Searcher searcher = now.tree.searchers.take();
    now.space.query(query, searcher.query);
    searcher.nearest.reset(Math.min(k, now.faces.size()));
    int leaves = searcher.runApproximately(beam, blocks);
    SearchResult result = finish(now, searcher, SearchPlan.APPROXIMATE, leaves);
    now.tree.searchers.giveBack(searcher);
    return result;
  }

  private static SearchResult search(Snapshot now, Embedding query, int k) {
    if (now.space == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    int most = Math.min(k, now.faces.size());
    if (now.tree == null) {
      NearestFaces nearest = new NearestFaces(most);
      now.tail.scan(now.space.query(query), nearest, 0);
      return new SearchResult(
          nearest.drain(now.faces, now.space.metric()), SearchPlan.SCAN, 0, nearest.computed());
    }
    Searcher searcher = now.tree.searchers.take();
    now.space.query(query, searcher.query);
    searcher.nearest.reset(most);
    int leaves = searcher.run(most);
    SearchResult result = finish(now, searcher, searcher.plan(most), leaves);
    now.tree.searchers.giveBack(searcher);
    return result;
  }

  private static SearchResult finish(Snapshot now, Searcher searcher, SearchPlan plan, int leaves) {
    NearestFaces nearest = searcher.nearest;
    now.tail.scan(searcher.query, nearest, now.treeSize());
    return new SearchResult(
        nearest.drain(now.faces, now.space.metric()), plan, leaves, nearest.computed());
  }

  /**
   * Finds the nearest faces of many queries, all in the same state of the index. The answers are
   * those of {@link #search}; it takes less time than that for each query, because groups of
   * queries share what they read from memory. Runs in the calling thread; to use more, split the
   * list.
   *
   * @param queries vectors of the same model
   * @param k how many for each query, at least 1
   * @return one result for each query, in their order
   * @throws io.facesearch.ModelMismatchException if model or dimension of a query differ from those
   *     of the index
   * @throws IllegalArgumentException if k is less than 1
   */
  public List<SearchResult> searchAll(List<Embedding> queries, int k) {
    List<Embedding> all = List.copyOf(queries);
    Space.checkK(k);
    Snapshot now = snapshot;
    List<SearchResult> results = new ArrayList<>(all.size());
    if (now.tree == null) {
      for (Embedding query : all) {
        results.add(search(now, query, k));
      }
      return List.copyOf(results);
    }
    for (Embedding query : all) {
      query.checkSameModel(now.space.model(), now.space.dimension());
    }
    int most = Math.min(k, now.faces.size());
    Searcher[] group = new Searcher[Math.min(GROUP, all.size())];
    for (int i = 0; i < group.length; i++) {
      group[i] = now.tree.searchers.take();
    }
    for (int from = 0; from < all.size(); from += GROUP) {
      int count = Math.min(GROUP, all.size() - from);
      for (int i = 0; i < count; i++) {
        now.space.query(all.get(from + i), group[i].query);
        group[i].nearest.reset(most);
      }
      Searcher.run(group, count, most);
      for (int i = 0; i < count; i++) {
        results.add(finish(now, group[i], group[i].plan(most), group[i].leaves(most)));
      }
    }
    for (Searcher searcher : group) {
      now.tree.searchers.giveBack(searcher);
    }
    return List.copyOf(results);
  }

  /**
   * Finds all faces within a distance.
   *
   * @param query a vector of the same model
   * @param distance the greatest distance in the {@link #metric()}, 0 or more; the bound itself is
   *     included
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public SearchResult within(Embedding query, double distance) {
    Objects.requireNonNull(query, "query");
    Space.checkDistance(distance);
    Snapshot now = snapshot;
    if (now.space == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    SearchResult found = withinRadius(now, query, now.space.radius(distance));
    return new SearchResult(
        now.space.within(found.matches(), distance),
        found.plan(),
        found.leavesVisited(),
        found.distancesComputed());
  }

  private static SearchResult withinRadius(Snapshot now, Embedding query, double radius) {
    if (now.tree == null) {
      NearestFaces nearest = new NearestFaces(0);
      nearest.resetWithin(radius);
      now.tail.scan(now.space.query(query), nearest, 0);
      return new SearchResult(
          nearest.drain(now.faces, now.space.metric()), SearchPlan.SCAN, 0, nearest.computed());
    }
    Searcher searcher = now.tree.searchers.take();
    now.space.query(query, searcher.query);
    searcher.nearest.resetWithin(radius);
    int leaves = searcher.runWithin();
    SearchResult result = finish(now, searcher, searcher.plan(0), leaves);
    now.tree.searchers.giveBack(searcher);
    return result;
  }

  /**
   * What approximate searches found of held-out queries when the tree was built: by {@code k}, the
   * cheapest first.
   *
   * @return empty where the index has no approximate search
   */
  public List<CalibratedRecall> calibration() {
    Snapshot now = snapshot;
    return now.tree == null || now.tree.calibration == null
        ? List.of()
        : now.tree.calibration.settings;
  }

  /**
   * Tells how large the index is; O(1).
   *
   * @return the figures of the present state
   */
  public IndexStats stats() {
    Snapshot now = snapshot;
    int dimension = now.space == null ? 0 : now.space.dimension();
    return new IndexStats(
        now.faces.size(),
        now.tree == null ? 0 : now.tree.leafCount(),
        4L * dimension * now.faces.size(),
        (now.tree == null ? 0 : now.tree.bytes()) + (now.tail == null ? 0 : now.tail.bytes()),
        now.tree == null || now.tree.codes == null ? "none" : now.tree.codes.kernel.name());
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    Snapshot now = snapshot;
    int ordinal = ids.find(id, now.faces.size());
    return ordinal < 0 ? Optional.empty() : Optional.of(list(now).get(ordinal));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The list is a view, O(1); every access copies one vector, O(d).
   */
  @Override
  public List<EmbeddedFace> faces() {
    Snapshot now = snapshot;
    return now.space == null ? List.of() : list(now);
  }

  private static List<EmbeddedFace> list(Snapshot now) {
    return new FaceList(now.space.model(), now.faces.size(), now.faces::get, now::vector);
  }

  @Override
  public int size() {
    return snapshot.faces.size();
  }

  @Override
  public Optional<String> model() {
    return Optional.ofNullable(snapshot.space).map(Space::model);
  }

  @Override
  public Metric metric() {
    return metric;
  }

  @Override
  public String toString() {
    return "SigmoidTreeIndex[" + size() + " faces]";
  }

  /** The current tree, for tests; null while there is none. */
  SplitTree tree() {
    return snapshot.tree;
  }

  /** Settings of a new {@link SigmoidTreeIndex}. Not thread-safe. */
  public static final class Builder {
    private int leafSize = 128;
    private int maxDepth = 64;
    private double rebuildShare = 0.25;
    private SplitDirection direction = SplitDirection.TWO_MEANS;
    private Metric metric = Metric.EUCLIDEAN;
    private boolean approximate = true;
    private CodeUse codeUse = CodeUse.WHERE_USEFUL;

    private Builder() {}

    /**
     * Sets how many faces a leaf holds at most; leaves hold more where {@link #maxDepth} is reached
     * or where all faces are equal.
     *
     * @param leafSize 1 to 4096; the default is 128
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder leafSize(int leafSize) {
      if (leafSize < 1 || leafSize > 4096) {
        throw new IllegalArgumentException(
            "leafSize must be between 1 and 4096, but is: " + leafSize);
      }
      this.leafSize = leafSize;
      return this;
    }

    /**
     * Sets how many nodes lie at most above a leaf.
     *
     * @param maxDepth 1 to 256; the default is 64
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder maxDepth(int maxDepth) {
      if (maxDepth < 1 || maxDepth > 256) {
        throw new IllegalArgumentException(
            "maxDepth must be between 1 and 256, but is: " + maxDepth);
      }
      this.maxDepth = maxDepth;
      return this;
    }

    /**
     * Sets when the tree is rebuilt: as soon as more faces were added since the last time than this
     * share of the faces in the tree (and more than fill one leaf). A share s makes adding n faces
     * one by one cost about (1 + s) / s times the last rebuild.
     *
     * @param rebuildShare 0.01 to 10; the default is 0.25
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder rebuildShare(double rebuildShare) {
      if (!(rebuildShare >= 0.01 && rebuildShare <= 10)) {
        throw new IllegalArgumentException(
            "rebuildShare must be between 0.01 and 10, but is: " + rebuildShare);
      }
      this.rebuildShare = rebuildShare;
      return this;
    }

    /**
     * Sets how vectors are compared.
     *
     * @param metric the default is {@link Metric#EUCLIDEAN}
     * @return this
     */
    public Builder metric(Metric metric) {
      this.metric = Objects.requireNonNull(metric, "metric");
      return this;
    }

    /**
     * Sets whether {@link SigmoidTreeIndex#search(Embedding, int, SearchBudget)} shall be able to
     * leave anything out. That takes about 48 bytes a face (20 in plain Java) and makes building
     * take several times as long.
     *
     * @param approximate the default is true
     * @return this
     */
    public Builder approximate(boolean approximate) {
      this.approximate = approximate;
      return this;
    }

    /**
     * Sets how a node finds the direction that it splits along.
     *
     * @param strategy the default is {@link SplitStrategy#TWO_MEANS}
     * @return this
     */
    public Builder split(SplitStrategy strategy) {
      direction = strategy.direction;
      return this;
    }

    /** For tests. */
    Builder direction(SplitDirection direction) {
      this.direction = direction;
      return this;
    }

    /** For tests. */
    Builder codeUse(CodeUse codeUse) {
      this.codeUse = codeUse;
      return this;
    }

    /**
     * Makes the index.
     *
     * @return a new, empty index
     */
    public SigmoidTreeIndex build() {
      return new SigmoidTreeIndex(this);
    }

    /**
     * Makes the index and fills it from a file, whose metric it takes over; O(d · n · log n).
     *
     * @param file a file written by {@link IndexFile#write}
     * @return a new index, with the faces in the order of the file
     * @throws io.facesearch.CorruptIndexException if the file is damaged or no index file
     * @throws io.facesearch.IndexVersionException if this release does not read the file's version
     * @throws IOException if the file cannot be read
     */
    public SigmoidTreeIndex load(Path file) throws IOException {
      return IndexFile.read(file, found -> metric(found).build(), SigmoidTreeIndex::addImmutable);
    }
  }
}
