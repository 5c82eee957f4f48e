package io.facesearch.solr;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.apache.solr.client.solrj.request.UpdateRequest;
import org.apache.solr.common.SolrInputDocument;

/**
 * Changes of a collection, one at a time, each undone if it fails. Searches of this process wait
 * while a change becomes visible, so that they see all of it or nothing. Thread-safe.
 */
final class SolrWrites {
  private final SolrCluster cluster;

  /** Held for reading by searches, for writing while shards open what was added. */
  private final ReentrantReadWriteLock visible = new ReentrantReadWriteLock(true);

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

  void change(List<SolrInputDocument> added, Collection<String> deleted) {
    change(added, deleted, List.of());
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
      send(added, Set.copyOf(deleted), -1);
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
    show(added.size());
  }

  private void send(List<SolrInputDocument> added, Set<String> deleted, int replicas) {
    for (int i = 0; i < added.size(); i += SolrCluster.AT_ONCE) {
      UpdateRequest request = new UpdateRequest();
      request.add(added.subList(i, Math.min(added.size(), i + SolrCluster.AT_ONCE)));
      change(request, replicas);
    }
    List<String> ids = List.copyOf(deleted);
    for (int i = 0; i < ids.size(); i += SolrCluster.AT_ONCE) {
      UpdateRequest request = new UpdateRequest();
      request.deleteById(ids.subList(i, Math.min(ids.size(), i + SolrCluster.AT_ONCE)));
      change(request, replicas);
    }
  }

  private void change(UpdateRequest request, int replicas) {
    if (replicas < 0) {
      cluster.change(request);
    } else {
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
      show(0);
      return true;
    } catch (RuntimeException e) {
      why.addSuppressed(e);
      return false;
    }
  }

  /** Segments are written while searches go on; only opening them makes searches wait. */
  private void show(int added) {
    if (added >= SolrCluster.AT_ONCE) {
      cluster.commit(false, true, false);
    }
    open(false);
  }

  /** Shows what was changed. */
  private void open(boolean write) {
    visible.writeLock().lock();
    try {
      cluster.commit(true, write, false);
    } finally {
      visible.writeLock().unlock();
    }
  }

  /** After trouble, so that no replica stays behind what it was told to show. */
  void settle() {
    if (cluster.isSuspect()) {
      // A replica that is recovering passes over commits, and is asked when it is active again.
      boolean areAll = cluster.replicas().stream().allMatch(SolrCluster.Replica::isActive);
      open(false);
      if (areAll) {
        cluster.settled();
      }
    }
  }

  /**
   * Makes files and logs of all replicas hold nothing of what was deleted: segments with deleted
   * documents are rewritten, and logs are followed by others until they are dropped.
   */
  synchronized void purge() {
    cluster.commit(true, true, true);
    for (int i = 0; i < 2; i++) {
      // Deletes nothing, but goes into the log of each shard, so that the commit begins a new one.
      UpdateRequest nothing = new UpdateRequest();
      nothing.deleteByQuery("kind:none");
      cluster.change(nothing);
      open(true);
    }
  }
}
