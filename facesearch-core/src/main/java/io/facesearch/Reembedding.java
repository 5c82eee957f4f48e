package io.facesearch;

import io.facesearch.spi.GalleryStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Gallery#reembed} copies from a gallery of another model: the faces at the time when
 * this was created, without their vectors, and where their photos are. The old gallery itself is no
 * longer needed; it may be closed, searched or changed. Immutable and thread-safe.
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
   * Takes the faces of a gallery, with its folders of photos and its crops. Takes the memory of the
   * records.
   *
   * @param old the storage of the old gallery, or another index; not changed
   * @return its current faces
   */
  public static Reembedding of(FaceIndex old) {
    return new Reembedding(
        old.faces().stream().map(EmbeddedFace::face).toList(),
        Map.copyOf(old.roots()),
        old instanceof GalleryStorage storage ? storage.photos() : null);
  }

  /** {@return the faces to copy, in insertion order} */
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
