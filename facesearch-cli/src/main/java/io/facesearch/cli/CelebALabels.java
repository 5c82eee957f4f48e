package io.facesearch.cli;

import io.facesearch.FolderSource;
import io.facesearch.PhotoSource;
import io.facesearch.TagValue;
import io.facesearch.train.CelebA;
import io.facesearch.train.DatasetFormatException;
import io.facesearch.train.FaceDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is in a photo of CelebA, and with which attributes, from its lists. Immutable. */
final class CelebALabels {
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

  /** The photos of a folder with their labels; empty if it has none of CelebA's lists. */
  static Optional<FolderSource> of(Path folder) throws IOException {
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
      CelebALabels labels = new CelebALabels(photos, byName, celebA.dataset().attributeNames());
      return Optional.of(PhotoSource.folder(photos).person(labels::person).tags(labels::tags));
    }
  }

  private Optional<String> person(Path file) {
    return Optional.ofNullable(byName.get(photos.resolve(file).toString()))
        .map(FaceDataset.Photo::identity);
  }

  private Map<String, TagValue> tags(Path file) {
    FaceDataset.Photo photo = byName.get(file.getFileName().toString());
    Map<String, TagValue> tags = new HashMap<>();
    for (int i = 0; photo != null && i < attributes.size(); i++) {
      if ((photo.attributes() >> i & 1) != 0) {
        tags.put(attributes.get(i), TagValue.of(YES));
      }
    }
    return tags;
  }
}
