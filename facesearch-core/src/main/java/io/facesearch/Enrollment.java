package io.facesearch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns photos into faces of an index: what single photos, folders and streams have in common.
 * Thread-safe.
 *
 * @param analyzer finds and embeds the faces
 * @param index gets them
 * @param threshold for two photos
 * @param settings which faces are kept
 * @param threads of bulk work, at least 1
 */
record Enrollment(
    FaceAnalyzer analyzer,
    FaceIndex index,
    DecisionThreshold threshold,
    Settings settings,
    int threads) {
  /**
   * Which faces are kept.
   *
   * @param allFaces of a photo, or one
   * @param bystanders whether faces of others are kept in photos of a person
   * @param namesFromPhotos whether faces get the names that their photo gives them
   */
  record Settings(boolean allFaces, boolean bystanders, boolean namesFromPhotos) {}

  /** The same for a bulk run. */
  Enrollment on(RunIndex run) {
    return new Enrollment(analyzer, run, threshold, settings, threads);
  }

  /** Faces of a bulk run that were not added, since their person was forgotten meanwhile. */
  int dropped() {
    return index instanceof RunIndex run ? run.dropped() : 0;
  }

  /**
   * A photo with its faces cut out, ready to embed.
   *
   * @param names of the faces, by the photo itself; null of those without
   * @param fault why names that the photo has were ignored; null if none was
   */
  record PreparedPhoto(
      String source,
      FaceInfo info,
      @Nullable FileStamp stamp,
      List<DetectedFace> faces,
      List<FaceImage> chips,
      List<FaceQuality> quality,
      List<@Nullable String> names,
      @Nullable String fault) {}

  /** Finds the faces of a photo and cuts them out. */
  PreparedPhoto prepare(PhotoFile photo, FaceInfo info, String source) {
    FaceImage image = photo.image();
    List<DetectedFace> faces =
        settings.allFaces || info.person().isPresent()
            ? analyzer.detect(image)
            : analyzer.detectOne(image).map(List::of).orElse(List.of());
    List<FaceImage> chips = faces.stream().map(face -> analyzer.align(image, face)).toList();
    List<FaceQuality> quality = new ArrayList<>(faces.size());
    for (int i = 0; i < faces.size(); i++) {
      quality.add(analyzer.qualityCheck().measure(image, faces.get(i), chips.get(i)));
    }
    FaceInfo dated = PhotoTags.withTaken(info, photo.taken());
    PhotoPeople people =
        settings.namesFromPhotos
            ? photo.people().fitting(image.width(), image.height())
            : PhotoPeople.NOBODY;
    List<BoundingBox> boxes = faces.stream().map(DetectedFace::box).toList();
    return new PreparedPhoto(
        source,
        dated,
        photo.stamp(),
        faces,
        chips,
        quality,
        people.namesOf(boxes, image.width(), image.height()),
        people.fault().orElse(null));
  }

  /** The faces of each photo, with the names that it gives them; embedded in one batch. */
  List<List<EmbeddedFace>> embed(List<PreparedPhoto> photos) {
    List<FaceImage> chips = photos.stream().flatMap(photo -> photo.chips().stream()).toList();
    List<Embedding> embeddings = chips.isEmpty() ? List.of() : analyzer.embedAligned(chips);
    List<List<EmbeddedFace>> result = new ArrayList<>(photos.size());
    int next = 0;
    for (PreparedPhoto photo : photos) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < photo.faces().size(); i++) {
        FaceRecord face =
            new FaceRecord(
                photo.source() + "#" + i,
                photo.names().get(i),
                photo.source(),
                photo.faces().get(i).box(),
                PhotoTags.withQuality(photo.info(), photo.quality().get(i)),
                photo.info().person().orElse(null),
                photo.stamp());
        faces.add(new EmbeddedFace(face, embeddings.get(next++)));
      }
      result.add(faces);
    }
    return result;
  }

  PersonLabels labels(PersonLabels.Taker taker) {
    boolean others = settings.allFaces && settings.bystanders;
    return new PersonLabels(index, threshold, others, taker);
  }
}
