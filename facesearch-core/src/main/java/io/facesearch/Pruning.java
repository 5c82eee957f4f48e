package io.facesearch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The faces that {@link Gallery#prune} would remove, because their photo is gone or was replaced by
 * a file that cannot be read. Show it to the user before pruning. Immutable and thread-safe.
 */
public final class Pruning {
  /** Beyond this share of a folder's photos, their being gone may be a disk that is not there. */
  private static final double MANY = 0.5;

  /** A photo that was replaced by a broken file, and the faces that the index has of it. */
  private record Broken(PhotoWalk.Found file, Set<String> ids) {
    /** Whether the file is still the one that was found broken. */
    boolean isStillThere() {
      try {
        BasicFileAttributes now = Files.readAttributes(file.file(), BasicFileAttributes.class);
        return now.size() == file.size() && now.lastModifiedTime().toMillis() == file.modified();
      } catch (IOException e) {
        return false; // cannot be told
      }
    }
  }

  private final PhotoRoot root;
  private final Map<String, Set<String>> gone;
  private final Map<String, Broken> broken;
  private final int known;
  private final boolean missing;
  private final boolean confirmed;

  private Pruning(
      PhotoRoot root,
      Map<String, Set<String>> gone,
      Map<String, Broken> broken,
      int known,
      boolean missing,
      boolean confirmed) {
    this.root = root;
    this.gone = gone;
    this.broken = broken;
    this.known = known;
    this.missing = missing;
    this.confirmed = confirmed;
  }

  static Pruning plan(FaceIndex index, FolderSource source, FaceImageReader reader)
      throws IOException {
    PhotoRoot asked = source.root();
    IndexedFolder gallery;
    try {
      gallery = IndexedFolder.of(index, asked);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return withoutFolder(index, asked);
    }
    PhotoWalk walk = PhotoWalk.of(gallery.folder, gallery.source, source.followsLinks());
    Map<String, IndexedFolder.Known> known = gallery.known(walk);
    gallery.requireSame(asked, known, walk);
    Set<String> present = new HashSet<>();
    Map<String, Broken> broken = new TreeMap<>();
    for (PhotoWalk.Found photo : walk.photos) {
      present.add(photo.source());
      IndexedFolder.Known before = known.get(photo.source());
      if (before != null && isOutdated(index, before, photo, reader)) {
        broken.put(photo.source(), new Broken(photo, Set.copyOf(before.ids)));
      }
    }
    Map<String, Set<String>> gone = new TreeMap<>();
    known.forEach(
        (name, photo) -> {
          if (!present.contains(name) && gallery.isGone(name, walk)) {
            gone.put(name, Set.copyOf(photo.ids));
          }
        });
    return new Pruning(gallery.root, gone, broken, known.size(), false, false);
  }

  /** Whether a photo that the index has faces of is another file now, and that is no photo. */
  private static boolean isOutdated(
      FaceIndex index, IndexedFolder.Known before, PhotoWalk.Found photo, FaceImageReader reader) {
    if (before.size < 0 || before.size == photo.size() && before.modified == photo.modified()) {
      return false;
    }
    try {
      if (before.size != photo.size() || !before.hasContent(index, PhotoFile.stamp(photo))) {
        PhotoFile.read(photo, reader);
      }
      return false;
    } catch (ImageFormatException e) {
      return true;
    } catch (IOException | InsufficientMemoryException e) {
      return false; // cannot be told
    }
  }

  /** All photos under the name that the folder has, or is known by. */
  private static Pruning withoutFolder(FaceIndex index, PhotoRoot asked) {
    String prefix = asked.name() + "/";
    if (!asked.isNamed()) {
      for (Map.Entry<String, Path> root : index.roots().entrySet()) {
        if (asked.folder().startsWith(root.getValue())) {
          prefix =
              asked.folder().equals(root.getValue())
                  ? root.getKey() + "/"
                  : PhotoRoot.of(root.getKey(), root.getValue()).sourceOf(asked.folder()) + "/";
        }
      }
    }
    Map<String, Set<String>> gone = new TreeMap<>();
    for (EmbeddedFace face : index.faces()) {
      String source = face.face().source().orElse("");
      if (source.startsWith(prefix)) {
        gone.computeIfAbsent(source, name -> new HashSet<>()).add(face.face().id());
      }
    }
    return new Pruning(asked, gone, Map.of(), gone.size(), true, false);
  }

  /** {@return the names of the photos that are gone, sorted} */
  public List<String> photos() {
    return List.copyOf(gone.keySet());
  }

  /** {@return the names of the photos that were replaced by a file that cannot be read, sorted} */
  public List<String> broken() {
    return List.copyOf(broken.keySet());
  }

  /** {@return how many faces would be removed} */
  public int faces() {
    return gone.values().stream().mapToInt(Set::size).sum()
        + broken.values().stream().mapToInt(photo -> photo.ids.size()).sum();
  }

  /**
   * Returns why this looks like a missing disk rather than deleted photos.
   *
   * @return what to check; empty if nothing looks wrong
   */
  public Optional<String> warning() {
    int affected = gone.size() + broken.size();
    if (affected == 0) {
      return Optional.empty();
    }
    if (missing) {
      return Optional.of(
          "the folder \""
              + root.name()
              + "\" does not exist, and its "
              + gone.size()
              + " photos are missing; is its disk mounted, or was it moved?");
    }
    if (affected > MANY * known) {
      return Optional.of(
          affected
              + " of the "
              + known
              + " photos that the index has of the folder \""
              + root.name()
              + (broken.isEmpty()
                  ? "\" are gone; is a disk not mounted?"
                  : "\" are gone or broken; is a disk damaged, or not mounted?"));
    }
    return Optional.empty();
  }

  /**
   * Returns a copy that is applied in spite of the {@link #warning}.
   *
   * @return a confirmed copy
   */
  public Pruning confirmed() {
    return new Pruning(root, gone, broken, known, missing, true);
  }

  /** Removes the faces; returns how many. */
  int apply(FaceIndex index) {
    Optional<String> warning = warning();
    if (warning.isPresent() && !confirmed) {
      throw new FaceSearchException(
          "nothing was removed: "
              + warning.get()
              + " To remove them anyway, use Pruning.confirmed()");
    }
    int removed = 0;
    for (Map.Entry<String, Set<String>> photo : gone.entrySet()) {
      removed += isBack(photo.getKey()) ? 0 : remove(index, photo.getValue());
    }
    for (Broken photo : broken.values()) {
      removed += photo.isStillThere() ? remove(index, photo.ids) : 0;
    }
    return removed;
  }

  private static int remove(FaceIndex index, Set<String> ids) {
    List<String> there = ids.stream().filter(id -> index.get(id).isPresent()).toList();
    try {
      index.replaceAll(Set.copyOf(there), List.of());
      return there.size();
    } catch (UnknownFaceException e) {
      return 0; // somebody removed one in this moment: the others go with the next run
    }
  }

  private boolean isBack(String photo) {
    try {
      return PhotoRoot.locate(root.folder(), photo).isPresent();
    } catch (IOException e) {
      return true; // cannot be told
    }
  }

  @Override
  public String toString() {
    return gone.size()
        + " of "
        + known
        + " photos of "
        + root.name()
        + " are gone, and "
        + broken.size()
        + " are broken";
  }
}
