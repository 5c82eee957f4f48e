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
 * Crops of photos, kept by a gallery because the photos are in none of its folders. Each crop has a
 * name, which is the source of its face. It is written before the face is added and deleted after
 * the face was removed, so a killed process can only leave a crop without a face, which {@link
 * #sweep} deletes. Thread-safe.
 */
public interface KeptPhotos {
  /**
   * The prefix of their names. It cannot be confused with the name of a folder of photos, since a
   * slash would follow that.
   */
  String ROOT = "added:";

  /**
   * The form of the names that {@link #newName} makes, without the prefix; nothing else is ever
   * opened or deleted.
   */
  Pattern FILE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.jpg");

  /**
   * The result of deleting crops.
   *
   * @param photos how many were deleted
   * @param left those that could not be deleted
   */
  record Deleted(int photos, List<Left> left) {
    /** Copies the list. */
    public Deleted {
      left = List.copyOf(left);
    }
  }

  /**
   * A crop that could not be deleted.
   *
   * @param file where it is
   * @param reason why it could not be deleted
   */
  record Left(Path file, String reason) {}

  /**
   * Stores a crop under a name.
   *
   * @param name from {@link #newName}
   * @param jpeg the bytes of the crop
   * @throws IOException if it cannot be stored; nothing of it is left then
   */
  void put(String name, byte[] jpeg) throws IOException;

  /**
   * Stores a crop under a new name.
   *
   * @param jpeg the bytes of the crop
   * @return its name
   * @throws IOException if it cannot be stored; nothing of it is left then
   */
  default String add(byte[] jpeg) throws IOException {
    String name = newName();
    put(name, jpeg);
    return name;
  }

  /**
   * Reads a crop.
   *
   * @param name from {@link #add}
   * @return its bytes; empty if there is none with that name
   * @throws IOException if it cannot be read
   */
  Optional<byte[]> read(String name) throws IOException;

  /**
   * Returns whether a crop exists.
   *
   * @param name any name
   * @return true if there is one; false also for names of any other form
   */
  boolean has(String name);

  /**
   * Deletes crops.
   *
   * @param names from {@link #add}; names of any other form are ignored
   * @return what was deleted, and what could not be
   */
  Deleted delete(Collection<String> names);

  /**
   * Deletes the crops that no face refers to. Call it before any is added.
   *
   * @param names of the crops that faces refer to; called only if there are any crops
   * @return what was deleted, and what could not be
   */
  Deleted sweep(Supplier<Set<String>> names);

  /**
   * Creates an empty collection in memory, for storages without files. It takes at most an eighth
   * of the heap.
   *
   * @return the collection
   */
  static KeptPhotos inMemory() {
    return new KeptPhotosInMemory();
  }

  /** {@return a new, unused name} */
  static String newName() {
    return ROOT + UUID.randomUUID() + ".jpg";
  }

  /**
   * Returns the file name within a crop's name.
   *
   * @param name any name
   * @return such as {@code UUID.jpg}; empty if it is not the name of a crop
   */
  static Optional<String> fileOf(String name) {
    return Optional.of(name)
        .filter(text -> text.startsWith(ROOT))
        .map(text -> text.substring(ROOT.length()))
        .filter(text -> FILE.matcher(text).matches());
  }
}
