package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.server.PhotoLabels;
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

/** Who is in a photo of CelebA, and with which attributes, from its lists. Immutable. */
final class CelebALabels implements PhotoLabels {
  /** The value of an attribute's tag. */
  private static final String YES = "yes";

  private final Path photos;
  private final Map<String, FaceDataset.Photo> byName;
  private final List<String> attributes;

  private CelebALabels(
      Path photos, Map<String, FaceDataset.Photo> byName, List<String> attributes) {
    this.photos = photos;
    this.byName = byName;
    this.attributes = attributes;
  }

  /** The labels of a folder; empty if it has none of CelebA's lists. */
  static Optional<PhotoLabels> of(Path folder) throws IOException {
    Path root = folder.toRealPath();
    if (!CelebA.isOne(root)) {
      return Optional.empty();
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
      return Optional.of(new CelebALabels(photos, byName, celebA.dataset().attributeNames()));
    }
  }

  @Override
  public Path photos() {
    return photos;
  }

  @Override
  public Optional<Function<Path, Optional<String>>> person() {
    return Optional.of(
        file ->
            Optional.ofNullable(byName.get(photos.resolve(file).toString()))
                .map(FaceDataset.Photo::identity));
  }

  @Override
  public EmbeddedFace label(EmbeddedFace face) {
    FaceDataset.Photo photo =
        face.face().source().map(CelebALabels::fileName).map(byName::get).orElse(null);
    if (photo == null) {
      return face;
    }
    var labeled = face.face();
    for (int i = 0; i < attributes.size(); i++) {
      if ((photo.attributes() >> i & 1) != 0) {
        labeled = labeled.withTag(attributes.get(i), YES);
      }
    }
    return new EmbeddedFace(labeled, face.embedding());
  }

  private static String fileName(String source) {
    return source.substring(source.lastIndexOf('/') + 1);
  }
}
