package io.facesearch.index.internal.tree;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.index.internal.snapshot.Faces;
import io.facesearch.index.internal.snapshot.SnapshotIndex.State;
import io.facesearch.index.internal.snapshot.Tombstones;
import io.facesearch.index.internal.tree.TreeIndex.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the trees of a {@link TreeIndex} in the background, one after the other, while that goes
 * on changing. Thread-safe, by the lock of the index.
 */
final class Rebuilder {
  /** So long after a failure no tree is tried. */
  private static final long RETRY_NANOS = 10_000_000_000L;

  /** A tree of what was there, and its neighbors, after work that was given up. */
  private static final int MOST_WHILE_CLOSING = 3;

  /** When so many times the faces that make a tree due are new, they wait for no neighbors. */
  private static final int MOST_BACKLOG = 4;

  /** A tree is published with the lock when so few changes are left to be taken over. */
  private static final int FEW_CHANGES = 256;

  /** So often what changed meanwhile is taken over without the lock. */
  private static final int MOST_ROUNDS = 16;

  private static final Logger LOG = LoggerFactory.getLogger("io.facesearch.index.SigmoidTreeIndex");

  private final TreeIndex index;
  private final Object lock;

  /** Whether a tree is built in the background; guarded by the lock. */
  private boolean rebuilding;

  /** Of the work on neighbors; null while there is none. Guarded by the lock. */
  private @Nullable Pace pace;

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

  Rebuilder(TreeIndex index) {
    this.index = index;
    lock = index.lock();
  }

  /** Call it with the lock when a tree is due. */
  void startIfDue() {
    if (System.nanoTime() - retryAt >= 0) {
      start();
    }
  }

  /** Waits, with the lock, until nothing holds the faces that a tree was begun with. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // with the lock
  void awaitToForget() {
    forgetting++;
    await();
    forgetting--;
  }

  /** Waits for the tree that is built, and its neighbors, but for none of what comes meanwhile. */
  void close() {
    synchronized (lock) {
      closing++;
      builtWhileClosing = 0;
      await();
      closing--;
    }
  }

  /** Call it with the lock. If no thread is to be had, a later change tries again. */
  void start() {
    if (rebuilding || forgetting > 0 || closing > 0) {
      return;
    }
    State<Vectors> start = index.state();
    Thread thread = new Thread(() -> rebuild(start), "facesearch-rebuild");
    thread.setDaemon(true);
    try {
      thread.start();
      rebuilding = true; // the thread takes the lock before it ends
    } catch (OutOfMemoryError e) {
      retryAt = System.nanoTime() + RETRY_NANOS;
      LOG.warn("there is no thread to build the tree; searches stay exact, but become slower");
    }
  }

  /** Waits, with the lock, while a tree is built; keeps an interrupt. */
  private void await() {
    boolean interrupted = false;
    waiting++;
    if (pace != null) {
      pace.hurry();
    }
    while (rebuilding) {
      try {
        lock.wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    waiting--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Builds trees, without the lock, as long as one is due. Nobody who adds waits for it: what comes
   * meanwhile makes the delta longer, which is searched by codes as the tree is and takes no more
   * memory a face than that.
   *
   * <p>Most of the time goes into neighbors, for approximate searches. An index that has none yet
   * gets its trees without, so that the delta stays short, and neighbors as soon as no other tree
   * is due. One that has some keeps its tree until the new one has neighbors, unless it grows so
   * fast that exact searches would suffer.
   */
  private void rebuild(State<Vectors> first) {
    State<Vectors> start = first;
    try {
      while (start != null) {
        if (index.isDue(start)) {
          buildAnew(start);
        } else {
          findNeighbors(start);
        }
        synchronized (lock) {
          State<Vectors> now = index.state();
          boolean goesOn = forgetting == 0 && (index.isDue(now) || index.isUnfinished(now));
          if (closing > 0) {
            // Whoever adds on does not keep others from closing.
            goesOn &= builtWhileClosing++ < MOST_WHILE_CLOSING;
          }
          start = goesOn ? now : null;
          rebuilding = start != null;
          lock.notifyAll();
        }
      }
    } catch (RuntimeException | Error e) {
      synchronized (lock) {
        rebuilding = false;
        retryAt = System.nanoTime() + RETRY_NANOS;
        lock.notifyAll();
      }
      LOG.error("the tree could not be rebuilt; searches stay exact, but become slower", e);
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
    SplitTree old = start.vectors().tree();
    if (old != null && old.neighbors != null) {
      rebuild.findNeighbors();
    }
    // Nearly all of it, so that the lock is held but briefly.
    for (int i = 0; i < MOST_ROUNDS && rebuild.isBehind(index.state()); i++) {
      rebuild.catchUp(index.state());
    }
    synchronized (lock) {
      if (rebuild.catchUp(index.state())) {
        index.replace(rebuild.built);
      }
    }
  }

  /** Gives the tree of the present state its neighbors. */
  private void findNeighbors(State<Vectors> start) {
    SplitTree tree = Objects.requireNonNull(start.vectors().tree());
    SplitTree found = withNeighbors(tree, () -> isOutgrown(start, tree, tree.size()));
    synchronized (lock) {
      State<Vectors> now = index.state();
      if (found != null && now.vectors().tree() == tree) {
        index.replace(
            new State<>(
                now.space(),
                now.faces(),
                now.removed(),
                now.ids(),
                new Vectors(found, now.vectors().delta())));
      }
    }
  }

  /** On few cores as long as nobody waits for it. */
  private @Nullable SplitTree withNeighbors(SplitTree tree, BooleanSupplier givenUp) {
    Pace slow = Pace.slow(givenUp);
    synchronized (lock) {
      pace = slow;
      if (waiting > 0) {
        slow.hurry();
      }
    }
    try {
      return onCores(Pace.CORES, () -> tree.withNeighbors(slow));
    } finally {
      synchronized (lock) {
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
    State<Vectors> now = index.state();
    return forgetting > 0
        || isReplaced(now, start)
        || now.faces().size() - built > MOST_BACKLOG * index.mostPending(tree.size());
  }

  boolean isOutgrown(State<Vectors> now) {
    return !now.isUnbound()
        && now.vectors().delta().size()
            > MOST_BACKLOG * index.mostPending(now.vectors().treeSize());
  }

  private static boolean isReplaced(State<Vectors> now, State<Vectors> seen) {
    return now.ids() != seen.ids() || now.vectors().tree() != seen.vectors().tree();
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
      built = index.compactWithoutNeighbors(start);
    }

    /** Call it before anything is taken over. */
    void findNeighbors() {
      SplitTree tree = built.vectors().tree();
      if (tree == null || !index.isUnfinished(built)) {
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
                new Vectors(found, built.vectors().delta()));
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
                  face, Embedding.of(now.space().model(), index.vector(now.vectors(), ordinal))));
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
              new Vectors(vectors.tree(), vectors.delta().append(added, vectors.codes())));
      seen = now;
      return true;
    }
  }
}
