package io.facesearch.solr;

import io.facesearch.FaceSearchException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.apache.solr.client.solrj.request.UpdateRequest;
import org.apache.solr.common.SolrInputDocument;

/**
 * Changes of a collection, one at a time, each undone if it fails. Searches of this process wait
 * while a change becomes visible, so that they see all of it or nothing. Thread-safe.
 */
final class SolrWrites implements AutoCloseable {
  private static final long SETTLE_MILLIS = 1_000;
  private static final long SETTLED_NANOS = TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);

  private final SolrCluster cluster;

  /** Held for reading by searches, for writing while shards open what was added. */
  private final ReentrantReadWriteLock visible = new ReentrantReadWriteLock(true);

  private final AtomicBoolean settling = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  /** When replicas were told last to show what they have. */
  private volatile long openedAt = System.nanoTime() - 2 * SETTLED_NANOS;

  SolrWrites(SolrCluster cluster) {
    this.cluster = cluster;
  }

  /** Reads while nothing becomes visible. */
  <T> T read(Supplier<T> what) {
    visible.readLock().lock();
    try {
      return what.get();
    } finally {
      visible.readLock().unlock();
    }
  }

  /** Adds and deletes documents, and shows it; what was there before is looked up. */
  synchronized void change(List<SolrInputDocument> added, Collection<String> deleted) {
    Set<String> touched = new LinkedHashSet<>(deleted);
    added.forEach(document -> touched.add((String) document.getFieldValue(Fields.ID)));
    change(added, deleted, cluster.documents(touched));
  }

  /**
   * Adds and deletes documents, and shows it.
   *
   * @param before documents as they were, of those that are replaced or deleted
   */
  synchronized void change(
      List<SolrInputDocument> added, Collection<String> deleted, List<SolrInputDocument> before) {
    if (added.isEmpty() && deleted.isEmpty()) {
      return;
    }
    try {
      send(added, Set.copyOf(deleted), cluster.minReplicas());
      show(added.size(), cluster.minReplicas());
    } catch (RuntimeException e) {
      boolean isUndone = undo(added, before, e);
      String message =
          e.getMessage()
              + (isUndone
                  ? "; nothing was changed"
                  : "; a part of it may be there: repeat it when the nodes are back");
      throw e instanceof TooFewReplicasException
          ? new TooFewReplicasException(message, e)
          : new io.facesearch.IndexWriteException(message, e);
    }
  }

  private void send(List<SolrInputDocument> added, Set<String> deleted, int replicas) {
    for (int i = 0; i < added.size(); i += SolrCluster.AT_ONCE) {
      UpdateRequest request = new UpdateRequest();
      request.add(added.subList(i, Math.min(added.size(), i + SolrCluster.AT_ONCE)));
      cluster.change(request, replicas);
    }
    List<String> ids = List.copyOf(deleted);
    for (int i = 0; i < ids.size(); i += SolrCluster.AT_ONCE) {
      UpdateRequest request = new UpdateRequest();
      request.deleteById(ids.subList(i, Math.min(ids.size(), i + SolrCluster.AT_ONCE)));
      cluster.change(request, replicas);
    }
  }

  /** On as many replicas as there are; the others take it over when they are back. */
  private boolean undo(
      List<SolrInputDocument> added, List<SolrInputDocument> before, RuntimeException why) {
    try {
      Set<String> fresh = new HashSet<>();
      added.forEach(document -> fresh.add((String) document.getFieldValue(Fields.ID)));
      before.forEach(document -> fresh.remove((String) document.getFieldValue(Fields.ID)));
      send(before, fresh, 0);
      show(0, 0);
      return true;
    } catch (RuntimeException e) {
      why.addSuppressed(e);
      return false;
    }
  }

  /**
   * What is shown is in segments, too: a cluster whose nodes were all down answers from these
   * before it has replayed its logs. They are written while searches go on; only opening them makes
   * searches wait.
   */
  private void show(int added, int replicas) {
    if (added >= SolrCluster.AT_ONCE) {
      cluster.write();
    }
    open(replicas, true);
    if (cluster.isSuspect()) {
      startSettling();
    }
  }

  /**
   * Shows what was changed, and waits until so many replicas of each shard do. Searches go on
   * between the attempts: they ask only replicas that show all of it.
   */
  private void open(int replicas, boolean write) {
    Deadline deadline = new Deadline(cluster.patience());
    while (true) {
      int least = openOnce(write);
      if (least >= replicas) {
        return;
      }
      deadline.pauseOr(() -> cluster.tooFew(least));
    }
  }

  private int openOnce(boolean write) {
    SolrCluster.Ready ready = cluster.ready(); // searches go on meanwhile
    visible.writeLock().lock();
    try {
      int least = cluster.show(ready, write, false);
      openedAt = System.nanoTime();
      return least;
    } finally {
      visible.writeLock().unlock();
    }
  }

  /** Shows all that was changed; returns whether all replicas there are do, none being down. */
  boolean showOnAll() {
    open(0, false);
    return !cluster.isSuspect();
  }

  /**
   * After trouble, so that a replica that did not show what it has is told again, or not asked; not
   * before each of many searches while a node is down.
   */
  void settle() {
    boolean isRecent = System.nanoTime() - openedAt < SETTLED_NANOS && cluster.isShown();
    if (!cluster.isSuspect() || isRecent) {
      return;
    }
    Deadline deadline = new Deadline(cluster.patience());
    while (openOnce(false) == 0) {
      deadline.pauseOr(cluster::none);
    }
  }

  /**
   * Tells replicas that come back to show what they have, until all do: other processes may read
   * from them, and know nothing of it.
   */
  private void startSettling() {
    if (settling.compareAndSet(false, true)) {
      Thread thread = new Thread(this::settleUntilAllShow, "facesearch-solr-settle");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void settleUntilAllShow() {
    try {
      while (cluster.isSuspect() && !closed.await(SETTLE_MILLIS, TimeUnit.MILLISECONDS)) {
        try {
          open(0, false);
        } catch (FaceSearchException e) {
          // No node answers: whoever asks is told.
        } catch (IllegalStateException | RejectedExecutionException e) {
          return; // closed meanwhile
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      settling.set(false);
    }
  }

  /**
   * Makes files and logs of all replicas hold nothing of what was deleted: segments with deleted
   * documents are rewritten, and logs are followed by others until they are dropped.
   */
  synchronized void purge() {
    cluster.show(cluster.ready(), true, true);
    for (int i = 0; i < 2; i++) {
      // Deletes nothing, but goes into the log of each shard, so that the commit begins a new one.
      UpdateRequest nothing = new UpdateRequest();
      nothing.deleteByQuery("kind:none");
      cluster.change(nothing, cluster.minReplicas());
      open(0, true);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
