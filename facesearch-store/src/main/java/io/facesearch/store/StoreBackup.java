package io.facesearch.store;

import io.facesearch.IndexLockedException;
import io.facesearch.KeptPhotos;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.LockedFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one state of a {@link FaceStore} to a folder of its own. The rows come from memory, where
 * a state does not change: neither writers nor the files of the store are touched. Immutable.
 *
 * @param identity of the store, and so of its copy, which opens with the same key
 * @param state what the rows amount to
 * @param people null for none
 * @param roots null for none
 * @param faces the rows
 */
record StoreBackup(
    StoreIdentity identity,
    VectorSpace space,
    StoreState state,
    byte @Nullable [] people,
    byte @Nullable [] roots,
    SnapshotIndex.State<TreeIndex.Vectors> faces) {

  /**
   * Writes it. The folder gets its name when all of it is on the disk.
   *
   * @param index makes faces of their state
   * @param from the folder of the store, for the crops of those faces and the small files
   */
  void write(Path folder, TreeIndex index, Path from) throws IOException, SQLException {
    Path target = folder.toAbsolutePath();
    requireEmpty(target);
    if (real(target).startsWith(from)) {
      throw new IOException(
          target
              + " lies in the store, whose forgetting would not reach it; name a folder elsewhere");
    }
    Path parent = PrivateFiles.createFolders(AtomicFile.folder(target));
    AtomicFile.sweep(parent);
    Path temporary = AtomicFile.temporary(parent);
    LockedFile locked = lock(temporary);
    for (int again = 0; locked == null && again < 10; again++) {
      // Another backup swept the folder just then.
      temporary = AtomicFile.temporary(parent);
      locked = lock(temporary);
    }
    if (locked == null) {
      throw new IndexLockedException(temporary + " was locked while it was made; repeat");
    }
    // Locked until it has its name: others delete what lies there unlocked.
    try (LockedFile lock = locked) {
      Path database = temporary.resolve(FaceDatabase.FILE);
      writeRows(database, index);
      PrivateFiles.force(database);
      copyFiles(from, temporary);
      CommitMark.start(temporary.resolve(CommitMark.FILE), identity.id(), state.commits()).close();
      PrivateFiles.forceFolder(temporary);
      requireEmpty(target);
      Files.deleteIfExists(target);
      if (!PrivateFiles.isPosix(target)) {
        lock.close(); // Windows renames no folder of open files
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      PrivateFiles.forceFolder(parent);
    } finally {
      AtomicFile.deleteFolder(temporary);
    }
  }

  /** Links followed, as far as there is something. */
  private static Path real(Path path) throws IOException {
    Path there = path;
    while (there != null && !Files.exists(there)) {
      there = there.getParent();
    }
    return there == null ? path : there.toRealPath().resolve(there.relativize(path)).normalize();
  }

  /** Makes a folder; null if another deleted it before it was locked. */
  private static @Nullable LockedFile lock(Path folder) throws IOException {
    try {
      return LockedFile.open(PrivateFiles.createFolders(folder).resolve(FaceStore.LOCK));
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static void requireEmpty(Path target) throws IOException {
    if (Files.isSymbolicLink(target)) {
      throw new IOException(target + " is a link; name the folder that the backup is to be in");
    }
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        if (files.findAny().isPresent()) {
          throw new DirectoryNotEmptyException(
              target + " is not empty, so no backup is written there; name a new folder");
        }
      }
    } else if (Files.exists(target)) {
      throw new IOException(target + " is a file; name the folder that the backup is to be in");
    }
  }

  /** The crops of the faces that are copied, and what was calibrated. */
  private void copyFiles(Path from, Path to) throws IOException {
    for (String name : List.of(StoreSettings.FILE, FaceStore.THRESHOLD)) {
      copy(from.resolve(name), to.resolve(name));
    }
    Path crops = from.resolve(FaceStore.PHOTOS);
    if (!Files.isDirectory(crops)) {
      return;
    }
    Path target = PrivateFiles.createFolders(to.resolve(FaceStore.PHOTOS));
    for (int ordinal : faces.removed().live(faces.faces().size())) {
      Optional<String> crop = faces.faces().get(ordinal).source().flatMap(KeptPhotos::fileOf);
      if (crop.isPresent()) {
        copy(crops.resolve(crop.get()), target.resolve(crop.get()));
      }
    }
    PrivateFiles.forceFolder(target);
  }

  /** Passes over what is not there: its face was removed meanwhile. */
  private static void copy(Path from, Path to) throws IOException {
    if (Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
      try {
        AtomicFile.write(to, Files.readAllBytes(from));
      } catch (NoSuchFileException e) {
        Files.deleteIfExists(to);
      }
    }
  }

  private void writeRows(Path database, TreeIndex index) throws IOException, SQLException {
    try (DatabaseWriter out = new DatabaseWriter(database, identity.seal())) {
      int[] live = faces.removed().live(faces.faces().size());
      for (int ordinal : live) {
        out.row(faces.faces().number(ordinal), FaceCodec.encode(index.face(faces, ordinal)));
      }
      if (out.count() != state.count() || out.digest() != state.digest()) {
        throw new IllegalStateException(
            "the faces in memory are not those of the store: " + out.count() + " of " + state);
      }
      // The same number of commits, but without the tree file.
      out.finish(
          identity.header(),
          space,
          new StoreState(
              state.count(),
              state.digest(),
              state.nextSeq(),
              state.generation(),
              0,
              0,
              0,
              state.commits()),
          people,
          roots);
    }
  }
}
