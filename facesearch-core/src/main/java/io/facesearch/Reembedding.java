package io.facesearch;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * What is to come over from a gallery of one model into a gallery of another: its faces as they
 * were when this was made, without their vectors, and where their photos lie. The gallery itself is
 * not needed any more; it may be closed, or searched and changed meanwhile. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * try (FaceStore old = FaceStore.open(oldFolder);
 *     FaceStore target = FaceStore.open(newFolder);
 *     FaceSearch faces = FaceSearch.builder().model("sface").index(target).build()) {
 *   ReembeddingReport report = faces.reembed(Reembedding.of(old), progress -> true);
 * }
 * }</pre>
 */
public final class Reembedding {
  private final List<FaceRecord> faces;
  private final Map<String, Path> roots;
  private final Function<FaceRecord, Optional<Path>> others;

  private Reembedding(
      List<FaceRecord> faces,
      Map<String, Path> roots,
      Function<FaceRecord, Optional<Path>> others) {
    this.faces = faces;
    this.roots = roots;
    this.others = others;
  }

  /**
   * Takes the faces of a gallery, with the folders of its photos. Costs the memory of the records.
   *
   * @param old the gallery; not changed
   * @return its faces as they are now
   */
  public static Reembedding of(FaceIndex old) {
    return new Reembedding(
        old.faces().stream().map(EmbeddedFace::face).toList(),
        Map.copyOf(old.roots()),
        face -> Optional.empty());
  }

  /**
   * Also looks elsewhere for photos that lie in no folder of the gallery.
   *
   * @param photoOf the photo of a face, if it is known; called in any thread
   * @return a copy
   */
  public Reembedding withPhotos(Function<FaceRecord, Optional<Path>> photoOf) {
    return new Reembedding(faces, roots, Objects.requireNonNull(photoOf, "photoOf"));
  }

  /**
   * The faces that are to come over.
   *
   * @return in order of insertion
   */
  public List<FaceRecord> faces() {
    return faces;
  }

  List<PhotoRoot> roots() {
    return roots.entrySet().stream()
        .map(root -> PhotoRoot.of(root.getKey(), root.getValue()))
        .toList();
  }

  Optional<Path> photoOf(FaceRecord face) {
    return face.source()
        .flatMap(
            source ->
                PhotoRoot.nameIn(source)
                    .flatMap(name -> Optional.ofNullable(roots.get(name)))
                    .flatMap(folder -> PhotoRoot.fileIn(folder, source)))
        .or(() -> others.apply(face));
  }
}
