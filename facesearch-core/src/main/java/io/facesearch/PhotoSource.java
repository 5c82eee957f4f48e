package io.facesearch;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Many photos to be added to a gallery: those of a folder, with which the gallery is brought up to
 * date ({@link FolderSource}), or any stream of them ({@link StreamSource}), from a database, a
 * bucket, an archive.
 */
public sealed interface PhotoSource permits FolderSource, PhotoSource.StreamSource {
  /**
   * The photos of a folder and its subfolders.
   *
   * @param folder the folder, under its own name
   * @return the source, of which more can be set
   */
  static FolderSource folder(Path folder) {
    return FolderSource.of(PhotoRoot.of(folder));
  }

  /**
   * The photos of a folder and its subfolders under a name.
   *
   * @param root name and folder
   * @return the source, of which more can be set
   */
  static FolderSource folder(PhotoRoot root) {
    return FolderSource.of(root);
  }

  /**
   * Photos from anywhere. They are asked for one by one, as they are needed, and each is in memory
   * only while it is worked on; names must be unique.
   *
   * @param photos read once; closed by who made it
   * @return the source
   */
  static PhotoSource of(Stream<Photo> photos) {
    return new StreamSource(photos.iterator(), null);
  }

  /**
   * Photos that are known beforehand.
   *
   * @param photos names must be unique
   * @return the source
   */
  static PhotoSource of(Iterable<Photo> photos) {
    return new StreamSource(
        photos.iterator(), photos instanceof Collection<?> all ? (long) all.size() : null);
  }

  /**
   * Photos from anywhere, one after the other.
   *
   * @param photos read once
   * @param total how many there are; null if that is not known
   */
  record StreamSource(Iterator<Photo> photos, @Nullable Long total) implements PhotoSource {
    /** Checks that nothing is missing. */
    public StreamSource {
      Objects.requireNonNull(photos, "photos");
    }
  }
}
