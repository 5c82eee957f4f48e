package io.facesearch.index.internal.tree;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.Faces;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.Tombstones;
import io.facesearch.index.internal.snapshot.TopK;
import io.facesearch.index.internal.snapshot.VectorSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
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
  /** So long after a failure no tree is tried. */
  private static final long RETRY_NANOS = 10_000_000_000L;

  /** A tree of what was there, and its neighbors, after work that was given up. */
  private static final int MOST_WHILE_CLOSING = 3;

  private static final Logger LOG = LoggerFactory.getLogger("io.facesearch.index.SigmoidTreeIndex");

  /** For more faces an approximate search would have to keep too many in order. */
  private static final int MOST_APPROXIMATE = 1000;

  /** So many queries of a batch take turns. */
  private static final int GROUP = 16;

  /** When so many times the faces that make a tree due are new, they wait for no neighbors. */
  private static final int MOST_BACKLOG = 4;

  /** A tree is published with the lock when so few changes are left to be taken over. */
  private static final int FEW_CHANGES = 256;

  /** From one in so many faces on, codes find the nearest that a filter matches sooner. */
  private static final int MANY_SHARE = 20;

  /** So often what changed meanwhile is taken over without the lock. */
  private static final int MOST_ROUNDS = 16;

  /** {@code tree} is null while the tail holds all. */
  public record Vectors(SplitTree tree, Delta delta) {
    int treeSize() {
      return tree == null ? 0 : tree.size();
    }

    QuantizedVectors codes() {
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
  private final SearchThreads threads;

  /** Whether a tree is built in the background; guarded by the lock. */
  private boolean rebuilding;

  /** Of the work on neighbors; null while there is none. Guarded by the lock. */
  private Pace pace;

  /** How many wait for the tree. Guarded by the lock. */
  private int waiting;

  /** How many wait to close: trees are finished, but none for what is added meanwhile. */
  private int closing;

  /** Guarded by the lock, as the one before. */
  private int builtWhileClosing;

  /** After a failure, no tree is tried before. Guarded by the lock. */
  private long retryAt = System.nanoTime();

  /** How many wait to forget somebody: no other tree is begun then. Changed with the lock. */
  private volatile int forgetting;

  private TreeIndex(Builder builder) {
    super(builder.metric, builder.manyShare);
    leafSize = builder.leafSize;
    maxDepth = builder.maxDepth;
    rebuildShare = builder.rebuildShare;
    direction = builder.direction;
    split = builder.split;
    codeUse = builder.codeUse;
    approximate = builder.approximate;
    background = builder.background;
    threads = SearchThreads.of(builder.searchThreads, builder.searchExecutor, builder.leastToShare);
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
    return now.removed().count() > 0 || isUnfinished(now) || isOutgrown(now) ? compact(now) : now;
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
        old.vectors() == null ? new Vectors(null, Delta.empty(space.dimension())) : old.vectors();
    // A few of a long tail are not worth that their caller builds the tree.
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
  private double mostPending(int treeSize) {
    return Math.max(leafSize, rebuildShare * treeSize);
  }

  @Override
  protected float[] vector(Vectors vectors, int ordinal) {
    return ordinal < vectors.treeSize()
        ? vectors.tree.get(ordinal)
        : vectors.delta.rows.get(ordinal - vectors.treeSize());
  }

  @Override
  protected Vectors copy(State<Vectors> old, int[] ordinals) {
    return copy(old, ordinals, approximate);
  }

  private Vectors copy(State<Vectors> old, int[] ordinals, boolean withNeighbors) {
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
    int inTree = old.treeSize();
    for (int row = 0; row < inTree; row++) {
      int place = places[old.tree.ordinals[row]];
      if (place >= 0) {
        System.arraycopy(old.tree.rows, row * dimension, rows, n * dimension, dimension);
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

  private boolean isDue(State<Vectors> now) {
    double most = mostPending(now.vectors().treeSize());
    return (now.vectors().tree != null && now.vectors().delta.size() > most)
        || now.removed().count() > most;
  }

  @Override
  protected void changed() {
    if (isDue(state())) {
      if (!background) {
        publish(compact(state()));
      } else if (System.nanoTime() - retryAt >= 0) {
        startRebuild();
      }
    }
  }

  /** Call with the lock. If no thread is to be had, a later change tries again. */
  private void startRebuild() {
    if (rebuilding || forgetting > 0 || closing > 0) {
      return;
    }
    State<Vectors> start = state();
    Thread thread = new Thread(() -> rebuild(start), "facesearch-rebuild");
    thread.setDaemon(true);
    try {
      thread.start();
      rebuilding = true; // the thread takes the lock before it ends
    } catch (OutOfMemoryError e) {
      retryAt = System.nanoTime() + RETRY_NANOS;
      LOG.warn("no thread is to be had to build the tree; searches stay exact, but become slower");
    }
  }

  /** Waits, with the lock, while a tree is built; keeps an interrupt. */
  private void awaitRebuild() {
    boolean interrupted = false;
    waiting++;
    if (pace != null) {
      pace.hurry();
    }
    while (rebuilding) {
      try {
        writeLock.wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    waiting--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the tree shall get neighbors that it does not have yet. */
  public boolean isUnfinished(State<Vectors> now) {
    return approximate
        && now.vectors() != null
        && now.vectors().tree != null
        && now.vectors().tree.lacksNeighbors();
  }

  /**
   * Builds trees, without the lock, as long as one is due. Nobody who adds waits for it: what comes
   * meanwhile makes the tail longer, which is searched by codes as the tree is and takes no more
   * memory a face than that.
   *
   * <p>Most of the time goes into neighbors, for approximate searches. An index that has none yet
   * gets its trees without, so that the tail stays short, and neighbors as soon as no other tree is
   * due. One that has some keeps its tree until the new one has neighbors, unless it grows so fast
   * that exact searches would suffer.
   */
  private void rebuild(State<Vectors> first) {
    State<Vectors> start = first;
    try {
      while (start != null) {
        if (isDue(start)) {
          buildAnew(start);
        } else {
          findNeighbors(start);
        }
        synchronized (writeLock) {
          State<Vectors> now = state();
          boolean goesOn = forgetting == 0 && (isDue(now) || isUnfinished(now));
          if (closing > 0) {
            // Whoever adds on does not keep others from closing.
            goesOn &= builtWhileClosing++ < MOST_WHILE_CLOSING;
          }
          start = goesOn ? now : null;
          rebuilding = start != null;
          writeLock.notifyAll();
        }
      }
    } catch (RuntimeException | Error e) {
      synchronized (writeLock) {
        rebuilding = false;
        retryAt = System.nanoTime() + RETRY_NANOS;
        writeLock.notifyAll();
      }
      LOG.error("the tree could not be built anew; searches stay exact, but become slower", e);
    }
  }

  /** Runs work on so many cores. */
  private static <T> T onCores(int cores, Callable<T> work) {
    ForkJoinPool pool = new ForkJoinPool(cores);
    try {
      return pool.submit(work).join();
    } finally {
      pool.shutdown();
    }
  }

  private void buildAnew(State<Vectors> start) {
    Rebuild rebuild = onCores(Pace.FEW_CORES, () -> new Rebuild(start));
    if (start.vectors().tree != null && start.vectors().tree.neighbors != null) {
      rebuild.findNeighbors();
    }
    // Nearly all of it, so that the lock is held but briefly.
    for (int i = 0; i < MOST_ROUNDS && rebuild.isBehind(state()); i++) {
      rebuild.catchUp(state());
    }
    synchronized (writeLock) {
      if (rebuild.catchUp(state())) {
        publish(rebuild.built);
      }
    }
  }

  /** Gives the tree of the present state its neighbors. */
  private void findNeighbors(State<Vectors> start) {
    SplitTree tree = start.vectors().tree;
    SplitTree found = withNeighbors(tree, () -> isOutgrown(start, tree, tree.size()));
    synchronized (writeLock) {
      State<Vectors> now = state();
      if (found != null && now.vectors().tree == tree) {
        publish(
            new State<>(
                now.space(),
                now.faces(),
                now.removed(),
                now.ids(),
                new Vectors(found, now.vectors().delta)));
      }
    }
  }

  /** On few cores as long as nobody waits for it. */
  private SplitTree withNeighbors(SplitTree tree, BooleanSupplier givenUp) {
    Pace slow = Pace.slow(givenUp);
    synchronized (writeLock) {
      pace = slow;
      if (waiting > 0) {
        slow.hurry();
      }
    }
    try {
      return onCores(Pace.CORES, () -> tree.withNeighbors(slow));
    } finally {
      synchronized (writeLock) {
        pace = null;
      }
    }
  }

  /**
   * Whether neighbors of a tree are not worth waiting for; stays true.
   *
   * @param start the state that the work began with
   * @param built of its faces, so many are in the tree
   */
  private boolean isOutgrown(State<Vectors> start, SplitTree tree, int built) {
    State<Vectors> now = state();
    return forgetting > 0
        || isReplaced(now, start)
        || now.faces().size() - built > MOST_BACKLOG * mostPending(tree.size());
  }

  private boolean isOutgrown(State<Vectors> now) {
    return now.vectors() != null
        && now.vectors().delta.size() > MOST_BACKLOG * mostPending(now.vectors().treeSize());
  }

  private static boolean isReplaced(State<Vectors> now, State<Vectors> seen) {
    return now.ids() != seen.ids() || now.vectors().tree != seen.vectors().tree;
  }

  /** A compact state that is built while the index goes on changing. */
  private final class Rebuild {
    private State<Vectors> seen;
    State<Vectors> built;

    /** The new ordinal of each old one that was live. */
    private int[] places;

    Rebuild(State<Vectors> start) {
      seen = start;
      places = new int[start.faces().size()];
      int[] live = start.removed().live(places.length);
      for (int i = 0; i < live.length; i++) {
        places[live[i]] = i;
      }
      built = compact(start, (old, ordinals) -> copy(old, ordinals, false));
    }

    /** Call it before anything is taken over. */
    void findNeighbors() {
      SplitTree tree = built.vectors().tree;
      if (!isUnfinished(built)) {
        return;
      }
      State<Vectors> start = seen;
      SplitTree found = withNeighbors(tree, () -> isOutgrown(start, tree, start.faces().size()));
      if (found != null) {
        built =
            new State<>(
                built.space(),
                built.faces(),
                built.removed(),
                built.ids(),
                new Vectors(found, built.vectors().delta));
      }
    }

    /** Whether taking over what changed since would take long. */
    boolean isBehind(State<Vectors> now) {
      return !isReplaced(now, seen)
          && now.faces().size()
                  - seen.faces().size()
                  + now.removed().count()
                  - seen.removed().count()
              > FEW_CHANGES;
    }

    /** Takes over what changed since; false if all was replaced. */
    boolean catchUp(State<Vectors> now) {
      if (isReplaced(now, seen)) {
        return false;
      }
      Tombstones removed = built.removed();
      int from = places.length;
      for (int ordinal : now.removed().since(seen.removed()).toArray()) {
        if (ordinal < from) {
          removed = removed.with(places[ordinal]);
        }
      }
      int to = now.faces().size();
      places = Arrays.copyOf(places, to);
      List<EmbeddedFace> added = new ArrayList<>();
      Faces faces = built.faces();
      for (int ordinal = from; ordinal < to; ordinal++) {
        if (!now.removed().contains(ordinal)) {
          FaceRecord face = now.faces().get(ordinal);
          places[ordinal] = faces.size();
          built.ids().put(face.id(), faces.size());
          faces = faces.append(face, now.faces().number(ordinal));
          added.add(
              new EmbeddedFace(
                  face, Embedding.of(now.space().model(), vector(now.vectors(), ordinal))));
        }
      }
      now.removed()
          .since(seen.removed())
          .forEach(
              ordinal -> {
                String id = now.faces().get(ordinal).id();
                if (now.ids().find(id) < 0) {
                  built.ids().remove(id);
                }
              });
      Vectors vectors = built.vectors();
      built =
          new State<>(
              built.space(),
              faces,
              removed,
              built.ids(),
              new Vectors(vectors.tree, vectors.delta.append(added, vectors.codes())));
      seen = now;
      return true;
    }
  }

  /**
   * Waits for the tree that is built in the background, and its neighbors, but for none of what
   * others add meanwhile. The index stays usable.
   */
  @Override
  public void close() {
    synchronized (writeLock) {
      closing++;
      builtWhileClosing = 0;
      awaitRebuild();
      closing--;
    }
  }

  @Override
  public ForgetReceipt forget(String person, Predicate<FaceRecord> whose) {
    synchronized (writeLock) {
      forgetting++;
      awaitRebuild(); // it holds the faces that it began with
      forgetting--;
      ForgetReceipt receipt = super.forget(person, whose);
      if (background && isUnfinished(state())) {
        startRebuild();
      }
      return receipt;
    }
  }

  /** Its neighbors, which take most of the time, are found in the background afterwards. */
  @Override
  protected State<Vectors> withoutForgotten(State<Vectors> old) {
    return background ? compact(old, (from, live) -> copy(from, live, false)) : compact(old);
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    Objects.requireNonNull(query, "query");
    return search(view(request), query, request);
  }

  private SearchResult search(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    if (now.space() == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    if (now.vectors().tree == null) {
      return scan(view, query, request);
    }
    SearchResult found = request.isExact() ? null : approximate(view, query, request);
    return found == null ? exact(view, query, request) : found;
  }

  /** Null if only an exact search will do. */
  private static SearchResult approximate(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    SplitTree tree = now.vectors().tree;
    // The excluded take places of the beam.
    int excluded = now.live() - view.most();
    if (request.k() > MOST_APPROXIMATE - excluded
        || tree.neighbors == null
        || view.most() == 0
        || !request.filter().equals(FaceFilter.ALL)) {
      return null;
    }
    int k = request.k() + excluded;
    int most = Math.min(k, tree.size());
    int blocks;
    int beam;
    if (Double.isNaN(request.recall())) {
      blocks = (int) Math.ceil(request.leaves() * tree.means.count);
      beam = RecallCalibration.beam(most);
    } else {
      RecallSetting setting = tree.calibration.setting(k, request.recall());
      if (setting == null) {
        return null;
      }
      blocks = (int) Math.round(setting.leafShare() * tree.means.count);
      beam = Math.max(most, setting.beam());
    }
    // Removed faces still lie among the neighbors and take places of the beam.
    beam = (int) ((long) beam * now.faces().size() / now.live());
    Searcher searcher = tree.searchers.take();
    begin(view, searcher, query, request.atMost(Double.POSITIVE_INFINITY));
    int leaves = searcher.runApproximately(beam, blocks);
    searcher.scanAfterApproximate(now.vectors().delta);
    boolean isFull = searcher.nearest.size() >= Math.min(request.k(), view.most());
    SearchResult result = drain(now, searcher, SearchPlan.APPROXIMATE, leaves, request);
    tree.searchers.giveBack(searcher);
    return isFull ? result : null;
  }

  private static void begin(
      View<Vectors> view, Searcher searcher, Embedding query, Search request) {
    VectorSpace space = view.state().space();
    space.query(query, searcher.query);
    searcher.nearest.reset(Math.min(request.k(), view.most()), space.radius(request.distance()));
    searcher.nearest.accept(view.accepted());
  }

  /** How many faces the way of searching is chosen for; 0 for all within a distance. */
  private static int wanted(SplitTree tree, Search request) {
    boolean isBounded = request.distance() < Double.POSITIVE_INFINITY;
    return isBounded && request.k() > tree.size() / 2 ? 0 : request.k();
  }

  private SearchResult exact(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    SplitTree tree = now.vectors().tree;
    if (view.few() != null) {
      Searcher few = tree.searchers.take();
      begin(view, few, query, request);
      few.compare(view.few(), now.vectors().delta);
      SearchResult result = drain(now, few, SearchPlan.FILTERED, 0, request);
      tree.searchers.giveBack(few);
      return result;
    }
    int k = wanted(tree, request);
    Searcher searcher = tree.searchers.take();
    begin(view, searcher, query, request);
    int leaves = k == 0 ? searcher.runWithin(threads) : searcher.run(k, threads);
    searcher.scan(now.vectors().delta, k);
    SearchResult result = drain(now, searcher, searcher.plan(k), leaves, request);
    tree.searchers.giveBack(searcher);
    return result;
  }

  private static SearchResult scan(View<Vectors> view, Embedding query, Search request) {
    State<Vectors> now = view.state();
    TopK nearest = new TopK(0);
    nearest.reset(Math.min(request.k(), view.most()), now.space().radius(request.distance()));
    nearest.accept(view.accepted());
    double[] values = now.space().query(query);
    if (view.few() == null) {
      now.vectors().delta.scan(values, nearest, 0);
      return result(now, nearest, SearchPlan.SCAN, 0, request);
    }
    for (int ordinal : view.few()) {
      now.vectors().delta.rows.compare(values, nearest, ordinal, ordinal);
    }
    return result(now, nearest, SearchPlan.FILTERED, 0, request);
  }

  private static SearchResult drain(
      State<Vectors> now, Searcher searcher, SearchPlan plan, int leaves, Search request) {
    return result(now, searcher.nearest, plan, leaves, request);
  }

  private static SearchResult result(
      State<Vectors> now, TopK nearest, SearchPlan plan, int leaves, Search request) {
    VectorSpace space = now.space();
    return space.within(
        new SearchResult(
            nearest.drain(now.faces(), space.metric()), plan, leaves, nearest.computed()),
        request.distance());
  }

  /** Groups of queries share what they read from memory, where codes are read for k faces. */
  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    List<Embedding> all = List.copyOf(queries);
    View<Vectors> view = view(request);
    State<Vectors> now = view.state();
    SplitTree tree = now.space() == null ? null : now.vectors().tree;
    int k = tree == null || view.few() != null ? 0 : wanted(tree, request);
    List<SearchResult> results = new ArrayList<>(all.size());
    if (k == 0 || !request.isExact()) {
      for (Embedding query : all) {
        results.add(search(view, query, request));
      }
      return List.copyOf(results);
    }
    for (Embedding query : all) {
      query.checkSameModel(now.space().model(), now.space().dimension());
    }
    Searcher[] group = new Searcher[Math.min(GROUP, all.size())];
    for (int i = 0; i < group.length; i++) {
      group[i] = tree.searchers.take();
    }
    for (int from = 0; from < all.size(); from += GROUP) {
      int count = Math.min(GROUP, all.size() - from);
      for (int i = 0; i < count; i++) {
        begin(view, group[i], all.get(from + i), request);
      }
      Searcher.run(group, count, k);
      for (int i = 0; i < count; i++) {
        group[i].scan(now.vectors().delta, k);
        results.add(drain(now, group[i], group[i].plan(k), group[i].leaves(k), request));
      }
    }
    for (Searcher searcher : group) {
      tree.searchers.giveBack(searcher);
    }
    return List.copyOf(results);
  }

  /** What approximate searches found of held-out queries; empty where there are none. */
  public List<RecallSetting> calibration() {
    SplitTree tree = tree();
    return tree == null || tree.calibration == null ? List.of() : tree.calibration.settings;
  }

  /** How large the index is; O(1). */
  public TreeStats stats() {
    State<Vectors> now = state();
    if (now.space() == null) {
      return new TreeStats(0, 0, 0, 0, "none");
    }
    SplitTree tree = now.vectors().tree;
    return new TreeStats(
        now.live(),
        tree == null ? 0 : tree.leafCount(),
        4L * now.space().dimension() * now.live(),
        (tree == null ? 0 : tree.bytes()) + now.vectors().delta.bytes() + filterBytes(),
        tree == null || tree.codes == null ? "none" : tree.codes.kernel.name());
  }

  /** The current tree, for tests; null while there is none. */
  public SplitTree tree() {
    State<Vectors> now = state();
    return now.space() == null ? null : now.vectors().tree;
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
    private Executor searchExecutor;
    private int leastToShare = SearchThreads.LEAST;
    private int manyShare = MANY_SHARE;

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

    /** For tests: trees of so many faces are searched by several threads. */
    public Builder leastToShare(int faces) {
      leastToShare = faces;
      return this;
    }

    /** For tests: filters that may match more than one in so many faces are tested face by face. */
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
      return new TreeIndex(this);
    }
  }
}
