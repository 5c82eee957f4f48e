package io.facesearch;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Many photos to be added to a gallery: those of a folder ({@link FolderSource}), or any stream of
 * photos ({@link StreamSource}), for example from a database, a bucket or an archive.
 */
public sealed interface PhotoSource permits FolderSource, PhotoSource.StreamSource {
  /**
   * Creates a source of the photos in a folder and its subfolders.
   *
   * @param folder the folder, which keeps its own name
   * @return the source, which has further settings
   */
  static FolderSource folder(Path folder) {
    return FolderSource.of(PhotoRoot.of(folder));
  }

  /**
   * Creates a source of the photos in a named folder and its subfolders.
   *
   * @param root name and folder
   * @return the source, which has further settings
   */
  static FolderSource folder(PhotoRoot root) {
    return FolderSource.of(root);
  }

  /**
   * Creates a source of photos from anywhere. They are requested one by one as they are needed, and
   * each is in memory only while it is processed.
   *
   * @param photos photos with unique names; read once. The caller closes the stream
   * @return the source
   */
  static PhotoSource of(Stream<Photo> photos) {
    return new StreamSource(photos.iterator(), null);
  }

  /**
   * Creates a source of given photos.
   *
   * @param photos photos with unique names
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
   * @param total how many there are; null if unknown
   */
  record StreamSource(Iterator<Photo> photos, @Nullable Long total) implements PhotoSource {
    /** Checks that no component is null. */
    public StreamSource {
      Objects.requireNonNull(photos, "photos");
    }
  }
}
