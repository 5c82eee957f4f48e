package io.facesearch;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which faces {@link FaceSearch#prune} would remove: those whose photo is gone. To be shown before
 * it is done. Immutable and thread-safe.
 */
public final class Pruning {
  /** Beyond this share of a folder's photos, their being gone may be a disk that is not there. */
  private static final double MANY = 0.5;

  private final PhotoRoot root;
  private final Map<String, Set<String>> gone;
  private final int known;
  private final boolean missing;
  private final boolean confirmed;

  private Pruning(
      PhotoRoot root,
      Map<String, Set<String>> gone,
      int known,
      boolean missing,
      boolean confirmed) {
    this.root = root;
    this.gone = gone;
    this.known = known;
    this.missing = missing;
    this.confirmed = confirmed;
  }

  static Pruning plan(FaceIndex index, PhotoRoot asked, boolean followLinks) throws IOException {
    PhotoGallery gallery;
    try {
      gallery = PhotoGallery.of(index, asked);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return withoutFolder(index, asked);
    }
    PhotoWalk walk = PhotoWalk.of(gallery.folder, gallery.source, followLinks);
    Map<String, PhotoGallery.Known> known = gallery.known(walk);
    Set<String> present = new HashSet<>();
    walk.photos.forEach(photo -> present.add(photo.source()));
    Map<String, Set<String>> gone = new TreeMap<>();
    known.forEach(
        (name, photo) -> {
          if (!present.contains(name) && gallery.isGone(name, walk)) {
            gone.put(name, Set.copyOf(photo.ids));
          }
        });
    return new Pruning(gallery.root, gone, known.size(), false, false);
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
    return new Pruning(asked, gone, gone.size(), true, false);
  }

  /**
   * The photos that are gone.
   *
   * @return their names, sorted
   */
  public List<String> photos() {
    return List.copyOf(gone.keySet());
  }

  /**
   * How many faces would be removed.
   *
   * @return 0 or more
   */
  public int faces() {
    return gone.values().stream().mapToInt(Set::size).sum();
  }

  /**
   * Why this looks like a disk that is not there, rather than like photos that were deleted.
   *
   * @return what to look at; empty if nothing is wrong
   */
  public Optional<String> warning() {
    if (gone.isEmpty()) {
      return Optional.empty();
    }
    if (missing) {
      return Optional.of(
          "the folder \""
              + root.name()
              + "\" is not there, and so are its "
              + gone.size()
              + " photos; is its disk mounted, or was it moved?");
    }
    if (gone.size() > MANY * known) {
      return Optional.of(
          gone.size()
              + " of the "
              + known
              + " photos that the index has of the folder \""
              + root.name()
              + "\" are gone; is a disk not mounted?");
    }
    return Optional.empty();
  }

  /**
   * The same, to be done in spite of the {@link #warning}.
   *
   * @return a confirmed copy
   */
  public Pruning confirmed() {
    return new Pruning(root, gone, known, missing, true);
  }

  /** Removes the faces; returns how many. */
  int apply(FaceIndex index) {
    Optional<String> warning = warning();
    if (warning.isPresent() && !confirmed) {
      throw new FaceSearchException(
          "nothing was removed: "
              + warning.get()
              + " If they are to go, confirm it: Pruning.confirmed()");
    }
    int removed = 0;
    for (Map.Entry<String, Set<String>> photo : gone.entrySet()) {
      if (isBack(photo.getKey())) {
        continue;
      }
      List<String> there =
          new ArrayList<>(
              photo.getValue().stream().filter(id -> index.get(id).isPresent()).toList());
      try {
        index.replaceAll(Set.copyOf(there), List.of());
        removed += there.size();
      } catch (UnknownFaceException e) {
        // Somebody removed one in this moment: the others go with the next run.
      }
    }
    return removed;
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
    return photos().size() + " of " + known + " photos of " + root.name() + " are gone";
  }
}
