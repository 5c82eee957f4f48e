package io.facesearch.examples.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.train.CelebA;
import io.facesearch.train.DatasetFormatException;
import io.facesearch.train.FaceDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Who is in a photo, and with which attributes: of CelebA from its lists, elsewhere the name of the
 * subfolder and no attributes. Immutable and thread-safe.
 */
final class PhotoLabels {
  /** The value of an attribute's tag. */
  static final String YES = "yes";

  private final Path photos;
  private final Map<String, FaceDataset.Photo> byName;
  private final List<String> attributes;

  private PhotoLabels(Path photos, Map<String, FaceDataset.Photo> byName, List<String> attributes) {
    this.photos = photos;
    this.byName = byName;
    this.attributes = attributes;
  }

  /** The labels of a folder, of CelebA if it has CelebA's lists. */
  static PhotoLabels of(Path folder) throws IOException {
    Path root = folder.toAbsolutePath().normalize();
    if (!CelebA.isOne(root)) {
      return new PhotoLabels(root, Map.of(), List.of());
    }
    try (CelebA celebA = CelebA.read(root)) {
      List<FaceDataset.Photo> all = celebA.dataset().photos();
      Path photos =
          celebA
              .folder()
              .orElseThrow(
                  () ->
                      new DatasetFormatException(
                          "the photos of "
                              + root
                              + " are in img_align_celeba.zip, which cannot be shown; unpack it"
                              + " there"));
      Map<String, FaceDataset.Photo> byName = new HashMap<>();
      for (FaceDataset.Photo photo : all) {
        byName.put(photo.file().getFileName().toString(), photo);
      }
      return new PhotoLabels(photos, byName, celebA.dataset().attributeNames());
    }
  }

  /** The folder with the photos. */
  Path photos() {
    return photos;
  }

  /** For {@code FaceSearch.Builder.person}; absent where the subfolder is the person. */
  Optional<Function<Path, Optional<String>>> person() {
    if (byName.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        file ->
            Optional.ofNullable(byName.get(photos.resolve(file).toString()))
                .map(FaceDataset.Photo::identity));
  }

  /** The face with a tag for each attribute that its photo has. */
  EmbeddedFace label(EmbeddedFace face) {
    FaceDataset.Photo photo =
        face.face().source().map(PhotoLabels::fileName).map(byName::get).orElse(null);
    if (photo == null) {
      return face;
    }
    var labelled = face.face();
    for (int i = 0; i < attributes.size(); i++) {
      if ((photo.attributes() >> i & 1) != 0) {
        labelled = labelled.withTag(attributes.get(i), YES);
      }
    }
    return new EmbeddedFace(labelled, face.embedding());
  }

  private static String fileName(String source) {
    return source.substring(source.lastIndexOf('/') + 1);
  }
}
