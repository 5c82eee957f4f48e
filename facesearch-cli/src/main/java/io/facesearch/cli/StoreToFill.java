package io.facesearch.cli;

import io.facesearch.Gallery;
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
  /** Opens the gallery. */
  interface Opening {
    Gallery open() throws IOException;
  }

  private final Path folder;

  /** Without a model, to look how many faces there are. */
  private final Opening plain;

  private final boolean isNew;
  private final boolean folderIsNew;

  /** What lay in the folder before. */
  private final Set<Path> before = new HashSet<>();

  private @Nullable Gallery gallery;
  private boolean done;

  private StoreToFill(Path folder, Opening plain) throws IOException {
    this.folder = folder;
    this.plain = plain;
    isNew = !new GalleryFiles(folder).holdsStore();
    folderIsNew = !Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
    if (isNew && !folderIsNew) {
      before.addAll(inside());
    }
  }

  /** Opens a gallery that is not in a folder, and made by others: nothing of it goes again. */
  static StoreToFill elsewhere(Opening opening) throws IOException {
    StoreToFill kept = new StoreToFill(Path.of(""), opening);
    kept.done = true;
    kept.gallery = opening.open();
    return kept;
  }

  static StoreToFill open(Path folder, Opening opening, Opening plain) throws IOException {
    StoreToFill made = new StoreToFill(folder, plain);
    try {
      made.gallery = opening.open();
      return made;
    } catch (IOException | RuntimeException | Error e) {
      try {
        made.removeIfEmpty();
      } catch (IOException | RuntimeException second) {
        e.addSuppressed(second); // perhaps another process has just made the store
      }
      if (made.folderIsNew && Files.isDirectory(folder)) {
        deleteIfEmpty(folder);
      }
      throw e;
    }
  }

  Gallery gallery() {
    return Objects.requireNonNull(gallery);
  }

  /** The command succeeded, so the store stays, also without a face. */
  void done() {
    done = true;
  }

  @Override
  public void close() throws IOException {
    gallery().close();
    if (!done) {
      removeIfEmpty();
    }
  }

  private void removeIfEmpty() throws IOException {
    if (!isNew || !new GalleryFiles(folder).holdsStore()) {
      return;
    }
    boolean empty;
    // Others may have added faces until it was closed.
    try (Gallery again = plain.open()) {
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
