package io.facesearch.store;

import io.facesearch.CorruptIndexException;
import io.facesearch.FaceSearchException;
import io.facesearch.IndexWriteException;
import io.facesearch.index.internal.file.TreeFile;
import io.facesearch.index.internal.snapshot.IdTable;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.tree.SplitTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tree file of a {@link FaceStore}, so that opening need not build the tree. Derived from the
 * rows of the database: it may be missing, and what it costs is time only.
 *
 * <p>Not thread-safe: its methods are called with the store's fileLock, {@link #wasRemoved} with
 * its writeLock.
 */
final class StoreTree {
  private static final Logger LOG = LoggerFactory.getLogger(StoreTree.class);
  private static final Pattern NAMES = Pattern.compile("faces-\\d+\\.tree");

  /** Fewer changes than this, or this share of the faces, are soon replayed. */
  private static final int LEAST_TO_SAVE = 1000;

  private static final int SHARE_TO_SAVE = 50;

  private final Path folder;
  private final FaceDatabase database;
  private final TreeIndex index;

  /** Guards {@code database} and {@code removedMeanwhile}. */
  private final Object writeLock;

  /** Faces removed since a tree file was begun; null while none is. */
  private @Nullable List<Long> removedMeanwhile;

  /** What the tree file holds, or could not be written; null if there is none. */
  private @Nullable SplitTree saved;

  StoreTree(
      Path folder, FaceDatabase database, TreeIndex index, Object writeLock, boolean isTreeOfFile) {
    this.folder = folder;
    this.database = database;
    this.index = index;
    this.writeLock = writeLock;
    saved = isTreeOfFile ? index.tree() : null;
  }

  static Path file(Path folder, long generation) {
    return folder.resolve("faces-" + generation + ".tree");
  }

  static boolean isOne(String name) {
    return NAMES.matcher(name).matches();
  }

  void wasRemoved(long seq) {
    if (removedMeanwhile != null) {
      removedMeanwhile.add(seq);
    }
  }

  /** Writes a tree that was built since; tells if it tried. Writers go on meanwhile. */
  boolean saveIfNew() {
    SplitTree tree = index.tree();
    boolean isNew = tree != null && tree.size() > LEAST_TO_SAVE && tree != saved;
    return isNew && save();
  }

  /** Writes the tree if opening would have to replay much. */
  void saveIfWorth() {
    StoreState state = database.state();
    long changes = saved == null ? index.size() : state.nextSeq() - 1 - state.covered() + removed();
    long least = saved == null ? 0 : index.size() / SHARE_TO_SAVE;
    if (index.tree() != null && changes > Math.max(LEAST_TO_SAVE, least)) {
      save();
    }
  }

  private int removed() {
    return database.removed().size();
  }

  /**
   * Called without writeLock: writers go on meanwhile.
   *
   * @return false if it did not try, since the tree is still to get its neighbors
   */
  private boolean save() {
    SnapshotIndex.State<TreeIndex.Vectors> state;
    StoreState then;
    synchronized (writeLock) {
      state = index.state();
      if (index.isUnfinished(state)) {
        return false;
      }
      then = database.state();
      removedMeanwhile = new ArrayList<>();
    }
    // Not again before there is another tree, also if it fails.
    saved = state.vectors().tree();
    long generation = then.generation() + 1;
    try {
      if (state.faces().size() <= IdTable.MOST) {
        AtomicFile.write(
            file(folder, generation),
            TreeFile.content(state, index.shape(), database.identity().seal(), generation));
        synchronized (writeLock) {
          removedMeanwhile.removeIf(seq -> seq >= then.nextSeq());
          database.derived(generation, then, removedMeanwhile);
        }
        deleteAllBut(generation);
      }
    } catch (IOException | FaceSearchException e) {
      // Messages of failures name folders, which are not for logs that leave the machine.
      LOG.warn(
          "the tree could not be written ({}); opening the store will take longer",
          e.getClass().getSimpleName());
      LOG.debug("writing the tree of {} failed", folder, e);
    } finally {
      synchronized (writeLock) {
        removedMeanwhile = null;
      }
    }
    return true;
  }

  /** None belongs to a database that was just rewritten. */
  void delete() {
    saved = null;
    try {
      deleteAllBut(0);
    } catch (IOException e) {
      throw new IndexWriteException(
          "an old tree file in "
              + folder
              + " could not be deleted ("
              + e.getMessage()
              + "); make the folder writable and repeat",
          e);
    }
  }

  /** Deletes tree files but that of a generation, and what kills left of them. */
  void deleteAllBut(long generation) throws IOException {
    AtomicFile.sweep(folder);
    Path kept = file(folder, generation);
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (isOne(name) && !file.equals(kept) || name.equals("faces.tree.new")) {
          Files.delete(file);
        }
      }
    }
  }

  /**
   * Reads the tree file, if there is one; returns its size.
   *
   * @throws CancellationException if the thread is interrupted
   */
  long verify() throws IOException {
    StoreState state = database.state();
    Path file = file(folder, state.generation());
    if (state.covered() == 0) {
      return 0;
    }
    try {
      TreeFile.verify(file, index.shape(), database.identity().seal(), state.generation());
      return Files.size(file);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (CorruptIndexException e) {
      throw StoreLoader.damaged(file, String.valueOf(e.getMessage()), e);
    } catch (ClosedByInterruptException e) {
      throw new CancellationException("interrupted while " + file + " was verified");
    }
  }
}
