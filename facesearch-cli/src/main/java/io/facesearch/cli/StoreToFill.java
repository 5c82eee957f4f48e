package io.facesearch.cli;

import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store that a command fills, and makes if it is missing. What the command made goes again if it
 * fails before the first face; what was there before never does. Not thread-safe.
 */
final class StoreToFill implements AutoCloseable {
  /** Opens the store. */
  interface Opening {
    FaceStore open() throws IOException;
  }

  private final Path folder;
  private final Opening opening;
  private final boolean isNew;
  private final boolean folderIsNew;

  /** What lay in the folder before. */
  private final Set<Path> before = new HashSet<>();

  private @Nullable FaceStore store;
  private boolean done;

  private StoreToFill(Path folder, Opening opening) throws IOException {
    this.folder = folder;
    this.opening = opening;
    isNew = !new GalleryFiles(folder).holdsStore();
    folderIsNew = !Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
    if (isNew && !folderIsNew) {
      before.addAll(inside());
    }
  }

  static StoreToFill open(Path folder, Opening opening) throws IOException {
    StoreToFill made = new StoreToFill(folder, opening);
    try {
      made.store = opening.open();
      return made;
    } catch (IOException | RuntimeException | Error e) {
      // Not what is in it: perhaps another process has just made the store.
      if (made.folderIsNew && Files.isDirectory(folder)) {
        deleteIfEmpty(folder);
      }
      throw e;
    }
  }

  FaceStore store() {
    return Objects.requireNonNull(store);
  }

  /** The command succeeded, so the store stays, also without a face. */
  void done() {
    done = true;
  }

  @Override
  public void close() throws IOException {
    store().close();
    if (done || !isNew) {
      return;
    }
    boolean empty;
    // Others may have added faces until it was closed.
    try (FaceStore again = opening.open()) {
      empty = again.size() == 0;
    }
    if (empty) {
      removeMade();
    }
  }

  private Set<Path> inside() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new HashSet<>(files.toList());
    }
  }

  private void removeMade() throws IOException {
    for (Path file : inside()) {
      if (before.contains(file)) {
        continue;
      }
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        Files.deleteIfExists(file);
      } else if (file.equals(new GalleryFiles(folder).photoFolder())) {
        deleteIfEmpty(file);
      }
    }
    if (folderIsNew) {
      deleteIfEmpty(folder);
    }
  }

  private static void deleteIfEmpty(Path folder) throws IOException {
    boolean empty;
    try (Stream<Path> files = Files.list(folder)) {
      empty = files.findAny().isEmpty();
    }
    if (empty) {
      Files.delete(folder);
    }
  }
}
