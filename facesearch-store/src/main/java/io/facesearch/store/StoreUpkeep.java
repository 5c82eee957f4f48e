package io.facesearch.store;

import io.facesearch.IndexWriteException;
import io.facesearch.internal.LockedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the files of a {@link FaceStore} in the background: forces them to the disk as often
 * as its {@link SyncPolicy} says, and writes trees that were built. Thread-safe.
 */
final class StoreUpkeep {
  private static final Logger LOG = LoggerFactory.getLogger(FaceStore.class);

  /** How often the background looks after the files if nothing else is asked for. */
  private static final Duration ROUND = Duration.ofSeconds(1);

  private final Path folder;
  private final SyncPolicy policy;
  private final LockedFile lockFile;
  private final FaceDatabase database;
  private final StoreTree tree;

  /** Of the store; held while files are made anew. */
  private final Object fileLock;

  private final Thread thread = new Thread(null, this::run, "facesearch-store", 0, false);

  private volatile boolean stopped;

  /** Whether something was written that is not known to be on the disk. */
  private volatile boolean dirty;

  /** Why the disk was not forced; null if it was. */
  private volatile @Nullable IOException syncFailure;

  StoreUpkeep(
      Path folder,
      SyncPolicy policy,
      LockedFile lockFile,
      FaceDatabase database,
      StoreTree tree,
      Object fileLock) {
    this.folder = folder;
    this.policy = policy;
    this.lockFile = lockFile;
    this.database = database;
    this.tree = tree;
    this.fileLock = fileLock;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Something was written. */
  void markDirty() {
    dirty = true;
  }

  /** Forces everything to the disk; a failure is kept. */
  void force() {
    dirty = false;
    try {
      database.sync();
      requireInPlace();
    } catch (IOException e) {
      syncFailure = e;
    }
  }

  /** Without its lock another process may open the store. */
  void requireInPlace() throws IOException {
    if (!lockFile.isInPlace()) {
      throw new IOException(
          folder.resolve(FaceStore.LOCK) + " was deleted or replaced while the store was open");
    }
  }

  /** Tells of a failure since the store was opened. */
  void throwFailure() {
    if (syncFailure != null) {
      throw new IndexWriteException(
          "the disk failed to keep what "
              + database.file()
              + " was given ("
              + syncFailure.getMessage()
              + "); close the store, fix the disk, and check the store with verify",
          syncFailure);
    }
  }

  /** Forces to the disk what the policy says, and writes trees that were built. */
  private void run() {
    Duration round = policy.interval().filter(d -> d.compareTo(ROUND) < 0).orElse(ROUND);
    long syncs = policy.interval().map(Duration::toNanos).orElse(Long.MAX_VALUE);
    long last = System.nanoTime();
    try {
      while (pause(round)) {
        if (dirty && System.nanoTime() - last >= syncs) {
          last = System.nanoTime();
          force();
        }
        synchronized (fileLock) {
          dirty |= tree.saveIfNew();
        }
      }
    } catch (RuntimeException | Error e) {
      // Without it nothing would be forced any more: the next writer is told.
      syncFailure = new IOException("the thread that looks after the files stopped: " + e, e);
      LOG.error(
          "the maintenance thread of the store stopped ({}); the next change will tell why",
          e.getClass().getSimpleName());
      LOG.debug("the thread that looks after {} stopped", folder, e);
    }
  }

  /** False when the store is closed. */
  private boolean pause(Duration round) {
    synchronized (thread) {
      if (!stopped) {
        try {
          thread.wait(round.toMillis());
        } catch (InterruptedException e) {
          // Whoever interrupts all threads does not close the store: it goes on.
          return !stopped;
        }
      }
      return !stopped;
    }
  }

  /** Ends the thread, and waits for it; keeps an interrupt. */
  void stop() {
    stopped = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        synchronized (thread) {
          thread.notifyAll();
        }
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
