package io.facesearch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The photos of a folder as an index knows them: under which root they are, and which faces each
 * has. Also finds those that are known by another name: by their path, as older releases called
 * them, or by a root that is a folder of this one. Not thread-safe; what it says of one photo is
 * for any thread.
 */
final class IndexedFolder {
  /** So many faces of a root tell whether its folder was moved. */
  private static final int LOOKED_AT = 200;

  private static final String REMEDY = "--root NAME, in Java PhotoRoot.of(name, folder)";

  /** A photo of which the index has faces. */
  static final class Known {
    /** What it is called in the index. */
    String indexed;

    /** Of an older release, which gave every face the name of the folder. */
    final boolean old;

    final List<String> ids = new ArrayList<>(1);

    /** -1 if the index knows nothing of the file. */
    long size = -1;

    long modified;

    /** Whose photo it is, as the index has it. */
    @Nullable String photoOf;

    int named;

    private Known(String indexed, boolean old) {
      this.indexed = indexed;
      this.old = old;
    }

    /** Whether none of several faces has the name. */
    boolean isOpen() {
      return ids.size() > 1 && named == 0 && photoOf != null;
    }

    /** Whether its faces were taken from a file with those bytes. */
    boolean hasContent(FaceIndex index, FileStamp stamp) {
      return index
          .get(ids.get(0))
          .flatMap(face -> face.face().stamp())
          .filter(before -> before.sha256().equals(stamp.sha256()))
          .isPresent();
    }

    private void add(FaceRecord face) {
      ids.add(face.id());
      named += face.person().isPresent() ? 1 : 0;
      photoOf = (old ? face.person() : face.photoOf()).orElse(null);
      face.stamp()
          .ifPresent(
              stamp -> {
                size = stamp.size();
                modified = stamp.modified().toEpochMilli();
              });
    }
  }

  /** Name and folder, which is a real path. */
  final PhotoRoot root;

  /** The folder that was asked for: that of the root, or one below it. */
  final Path folder;

  /** What it is called. */
  final String source;

  /** Names of other roots whose folders lie in this one, and what these folders are called here. */
  final Map<String, String> absorbed;

  /** Faces of photos that the index also has under the name that they have now. */
  final Set<String> twice = new HashSet<>();

  private final FaceIndex index;

  /** As the caller wrote the folder of the root. */
  private final Path written;

  private IndexedFolder(
      FaceIndex index, PhotoRoot root, Path folder, Path written, Map<String, String> absorbed) {
    this.index = index;
    this.root = root;
    this.folder = folder;
    this.written = written;
    this.absorbed = absorbed;
    source = folder.equals(root.folder()) ? root.name() : root.sourceOf(folder);
  }

  /**
   * Finds the root that a folder belongs to.
   *
   * @throws NoSuchFileException if there is no such folder
   * @throws NotDirectoryException if it is none
   * @throws FaceSearchException if its name is taken by another folder
   */
  static IndexedFolder of(FaceIndex index, PhotoRoot asked) throws IOException {
    Path folder = asked.folder().toRealPath();
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(asked.folder().toString());
    }
    Map<String, Path> roots = new HashMap<>();
    index.roots().forEach((name, path) -> roots.put(name, real(path)));
    String outer = null;
    Path outerFolder = folder;
    for (Map.Entry<String, Path> other : roots.entrySet()) {
      boolean holds = folder.startsWith(other.getValue());
      if (holds && (outer == null || other.getValue().startsWith(outerFolder))) {
        outer = other.getKey();
        outerFolder = other.getValue();
      }
    }
    if (outer != null && !asked.isNamed()) {
      return new IndexedFolder(
          index,
          PhotoRoot.of(outer, outerFolder),
          folder,
          asked.folder(),
          inside(roots, outer, outerFolder));
    }
    String name = asked.name();
    if (outer != null && !outer.equals(name) && !outerFolder.equals(folder)) {
      throw new FaceSearchException(
          "the folder cannot be called \""
              + name
              + "\", since it lies in a folder that the index knows as \""
              + outer
              + "\"; give it no name: omit --root, or use PhotoRoot.of(folder) in Java");
    }
    Path known = roots.get(name);
    if (known == null && !asked.isNamed()) {
      name = movedFrom(index, roots, folder).orElse(name);
      known = roots.get(name);
    }
    if (known != null && !known.equals(folder) && Files.isDirectory(known)) {
      throw new FaceSearchException(
          "the index has photos of another folder called \""
              + name
              + "\", which still exists; give this one another name: "
              + REMEDY);
    }
    return new IndexedFolder(
        index, PhotoRoot.of(name, folder), folder, asked.folder(), inside(roots, name, folder));
  }

  /** The root that lay in a folder that is gone, if most of its photos are in this one. */
  private static Optional<String> movedFrom(FaceIndex index, Map<String, Path> roots, Path folder) {
    for (Map.Entry<String, Path> root : roots.entrySet()) {
      if (!Files.exists(root.getValue()) && holdsMost(index, PhotoRoot.of(root.getKey(), folder))) {
        return Optional.of(root.getKey());
      }
    }
    return Optional.empty();
  }

  private static boolean holdsMost(FaceIndex index, PhotoRoot root) {
    int looked = 0;
    int same = 0;
    for (EmbeddedFace face : index.faces()) {
      String source = face.face().source().orElse("");
      Optional<FileStamp> stamp = face.face().stamp();
      if (stamp.isPresent() && source.startsWith(root.name() + "/") && looked < LOOKED_AT) {
        looked++;
        same += root.fileOf(source).filter(file -> isOfSize(file, stamp.get())).isPresent() ? 1 : 0;
      }
    }
    return 2 * same > looked;
  }

  private static boolean isOfSize(Path file, FileStamp stamp) {
    try {
      return Files.size(file) == stamp.size();
    } catch (IOException e) {
      return false;
    }
  }

  private static Map<String, String> inside(Map<String, Path> roots, String name, Path folder) {
    PhotoRoot root = PhotoRoot.of(name, folder);
    Map<String, String> inside = new HashMap<>();
    roots.forEach(
        (other, path) -> {
          if (!other.equals(name) && path.startsWith(folder)) {
            inside.put(other, path.equals(folder) ? name : root.sourceOf(path));
          }
        });
    return inside;
  }

  static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path; // gone, or on a disk that is not there now
    }
  }

  /** Whether the index knew that the root lies where it lies. */
  boolean isPlaceKnown() {
    Path known = index.roots().get(root.name());
    return known != null && real(known).equals(root.folder());
  }

  /**
   * All photos of the folder that the index has faces of, by the names they have now; O(n).
   *
   * @param walk what there is
   */
  Map<String, Known> known(PhotoWalk walk) {
    Map<String, Known> known = new LinkedHashMap<>();
    Map<String, Boolean> present = new HashMap<>();
    Map<String, Optional<String>> names = new HashMap<>();
    for (EmbeddedFace face : index.faces()) {
      String indexed = face.face().source().orElse("");
      Optional<String> name;
      if (indexed.startsWith(root.name() + "/")) {
        name = Optional.of(indexed);
      } else {
        if (present.isEmpty()) {
          walk.photos.forEach(photo -> present.put(photo.source(), true));
          present.put("", true);
        }
        name = names.computeIfAbsent(indexed, text -> nameNow(text, present));
      }
      if (name.isPresent() && name.get().startsWith(source + "/")) {
        Known photo =
            known.computeIfAbsent(
                name.get(), text -> new Known(indexed, PhotoRoot.isAbsolute(indexed)));
        if (photo.indexed.equals(indexed)) {
          photo.add(face.face());
        } else {
          twice.add(face.face().id());
        }
      }
    }
    return known;
  }

  /** The name of a photo that is known by another; empty if it is not of this root. */
  private Optional<String> nameNow(String indexed, Map<String, Boolean> present) {
    if (!PhotoRoot.isAbsolute(indexed)) {
      return PhotoRoot.nameIn(indexed)
          .map(absorbed::get)
          .map(folderNow -> folderNow + indexed.substring(indexed.indexOf('/')));
    }
    for (Path place : List.of(root.folder(), written)) {
      String prefix = place.toString();
      if (indexed.startsWith(prefix)
          && indexed.length() > prefix.length() + 1
          && (prefix.endsWith("/") || "/\\".indexOf(indexed.charAt(prefix.length())) >= 0)) {
        String base = place.equals(written) ? source : root.name();
        return Optional.of(base + "/" + PhotoNames.ofText(indexed.substring(prefix.length())));
      }
    }
    return moved(indexed, present);
  }

  /** A photo by the path that it had before its folder was moved. */
  private Optional<String> moved(String indexed, Map<String, Boolean> present) {
    String path = indexed.replace('\\', '/');
    String folderName = "/" + root.name() + "/";
    for (int at = path.indexOf(folderName); at >= 0; at = path.indexOf(folderName, at + 1)) {
      int end = at + folderName.length() - 1;
      String name = root.name() + "/" + PhotoNames.ofText(path.substring(end));
      if (present.containsKey(name) && !exists(indexed.substring(0, end))) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  private static boolean exists(String path) {
    try {
      return Files.exists(Path.of(path));
    } catch (InvalidPathException e) {
      return false; // a path of another platform
    }
  }

  /** Whether a photo that was not found is gone for sure. */
  boolean isGone(String photo, PhotoWalk walk) {
    if (walk.mayHold(photo)) {
      return false;
    }
    try {
      return PhotoRoot.locate(root.folder(), photo).isEmpty();
    } catch (IOException e) {
      return false; // cannot be told
    }
  }

  /**
   * Refuses a folder that is another than the one whose photos the index has under its name. Where
   * it lies where it lay, or was named by the caller, it is taken at its word.
   *
   * @throws FaceSearchException if no photo of the name is there, or most of equal names differ
   */
  void requireSame(PhotoRoot asked, Map<String, Known> known, PhotoWalk walk) {
    if (asked.isNamed() || isPlaceKnown()) {
      return;
    }
    int common = 0;
    int stamped = 0;
    int same = 0;
    for (PhotoWalk.Found photo : walk.photos) {
      Known before = known.get(photo.source());
      if (before != null && before.indexed.equals(photo.source())) {
        common++;
        stamped += before.size >= 0 ? 1 : 0;
        same += before.size == photo.size() ? 1 : 0;
      }
    }
    // Those of an older release and those of folders in this one have other names.
    long under =
        known.entrySet().stream().filter(p -> p.getKey().equals(p.getValue().indexed)).count();
    if (under > 0 && common == 0) {
      throw another("none of its " + under + " photos is here");
    }
    if (2 * same < stamped) {
      throw another("of " + stamped + " photos of equal names, " + (stamped - same) + " differ");
    }
  }

  private FaceSearchException another(String why) {
    return new FaceSearchException(
        "the index has photos of a folder called \""
            + root.name()
            + "\", but it seems to be another: "
            + why
            + "; give this folder another name: "
            + REMEDY
            + "; or that same name if it is the same gallery");
  }
}
