package io.facesearch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Crops of photos that a gallery keeps because they lie in no folder of its own. Each has a name,
 * which is the source of its face, and is written before the face is added and deleted after the
 * face was removed: what a kill leaves is a crop without a face, which {@link #sweep} deletes.
 * Thread-safe.
 */
public interface KeptPhotos {
  /** Begins their names; no root of photos can be called so, since a slash would follow it. */
  String ROOT = "added:";

  /** What {@link #newName} gives, after the root; nothing else is ever opened or deleted. */
  Pattern FILE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.jpg");

  /**
   * What was deleted.
   *
   * @param photos how many
   * @param left those that could not be deleted
   */
  record Deleted(int photos, List<Left> left) {
    /** Copies the list. */
    public Deleted {
      left = List.copyOf(left);
    }
  }

  /**
   * A photo that is still there.
   *
   * @param file where
   * @param reason why
   */
  record Left(Path file, String reason) {}

  /**
   * Keeps one under a name.
   *
   * @param name from {@link #newName}
   * @param jpeg its bytes
   * @throws IOException if it cannot be kept; nothing of it is left then
   */
  void put(String name, byte[] jpeg) throws IOException;

  /**
   * Keeps one.
   *
   * @param jpeg its bytes
   * @return its name
   * @throws IOException if it cannot be kept; nothing of it is left then
   */
  default String add(byte[] jpeg) throws IOException {
    String name = newName();
    put(name, jpeg);
    return name;
  }

  /**
   * Reads one.
   *
   * @param name from {@link #add}
   * @return its bytes; empty if there is none of that name
   * @throws IOException if it cannot be read
   */
  Optional<byte[]> read(String name) throws IOException;

  /**
   * Whether there is one.
   *
   * @param name from {@link #add}
   * @return false also for names that are none of ours
   */
  boolean has(String name);

  /**
   * Deletes some; names that are none of ours are passed over.
   *
   * @param names from {@link #add}
   * @return what was deleted, and what could not be
   */
  Deleted delete(Collection<String> names);

  /**
   * Deletes those that no face has. To be called before any is added.
   *
   * @param names of those that faces have; asked for only if there is any photo
   * @return what was deleted, and what could not be
   */
  Deleted sweep(Supplier<Set<String>> names);

  /**
   * Keeps them in memory, for storages without files; at most an eighth of the heap.
   *
   * @return new, without any
   */
  static KeptPhotos inMemory() {
    return new KeptPhotosInMemory();
  }

  /** {@return a new name that no photo has} */
  static String newName() {
    return ROOT + UUID.randomUUID() + ".jpg";
  }

  /**
   * The file's name in a name.
   *
   * @param name perhaps of ours
   * @return such as {@code UUID.jpg}; empty if it is none of ours
   */
  static Optional<String> fileOf(String name) {
    return Optional.of(name)
        .filter(text -> text.startsWith(ROOT))
        .map(text -> text.substring(ROOT.length()))
        .filter(text -> FILE.matcher(text).matches());
  }
}
