package io.facesearch;

import io.facesearch.spi.GalleryStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is to come over from a gallery of one model into a gallery of another: its faces as they
 * were when this was made, without their vectors, and where their photos lie. The gallery itself is
 * not needed any more; it may be closed, or searched and changed meanwhile. Immutable and
 * thread-safe.
 *
 * <pre>{@code
 * try (Gallery old = Gallery.open(oldFolder); // of the model "dlib"
 *     Gallery target =
 *         Gallery.builder()
 *             .folder(newFolder)
 *             .analyzer(FaceAnalyzer.builder().model("sface"))
 *             .open()) {
 *   ReembeddingReport report = target.reembed(Reembedding.of(old.storage()), progress -> true);
 * }
 * }</pre>
 */
public final class Reembedding {
  private final List<FaceRecord> faces;
  private final Map<String, Path> roots;

  /** Null where none are kept. */
  private final @Nullable KeptPhotos crops;

  private Reembedding(List<FaceRecord> faces, Map<String, Path> roots, @Nullable KeptPhotos crops) {
    this.faces = faces;
    this.roots = roots;
    this.crops = crops;
  }

  /**
   * Takes the faces of a gallery, with the folders of its photos, and the crops that it keeps.
   * Costs the memory of the records.
   *
   * @param old the gallery's storage, or another index; not changed
   * @return its faces as they are now
   */
  public static Reembedding of(FaceIndex old) {
    return new Reembedding(
        old.faces().stream().map(EmbeddedFace::face).toList(),
        Map.copyOf(old.roots()),
        old instanceof GalleryStorage storage ? storage.photos() : null);
  }

  /** {@return the faces that are to come over, in order of insertion} */
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
                    .flatMap(folder -> PhotoRoot.fileIn(folder, source)));
  }

  /** The crop that the old gallery keeps of the photo of a face. */
  Optional<byte[]> cropOf(FaceRecord face) throws IOException {
    return crops == null || face.source().isEmpty()
        ? Optional.empty()
        : crops.read(face.source().get());
  }
}
