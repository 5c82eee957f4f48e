package io.facesearch.server;

import io.facesearch.BoundingBox;
import io.facesearch.DecisionThreshold;
import io.facesearch.DetectedFace;
import io.facesearch.FaceQuality;
import io.facesearch.Landmarks;
import io.facesearch.Rate;
import io.facesearch.TagValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the server answers, as it is written in JSON; openapi.json describes each. */
final class Answers {
  private Answers() {}

  record Size(int width, int height) {}

  record Box(double x, double y, double width, double height) {
    static Box of(BoundingBox box) {
      return new Box(round(box.x()), round(box.y()), round(box.width()), round(box.height()));
    }
  }

  record Measure(String reason, double value, double limit, boolean rejected) {}

  record Quality(double score, List<Measure> measures) {
    static Quality of(FaceQuality quality) {
      return new Quality(
          round(quality.score()),
          quality.measures().stream()
              .map(
                  m ->
                      new Measure(
                          m.reason().name(), round(m.value()), round(m.limit()), m.rejected()))
              .toList());
    }
  }

  /** Somebody of the gallery whom a face may show; the distance is that to all of the person. */
  record Candidate(
      @Nullable String person, GalleryFace face, int photos, double distance, String decision) {}

  /** Whom a face shows. */
  record Who(String decision, @Nullable String person, List<Candidate> candidates) {}

  /**
   * A face found in a photo, and what the photo itself calls it; the vector, and whom it shows,
   * only if that was asked for.
   */
  record FoundFace(
      Box box,
      double score,
      List<double[]> landmarks,
      Quality quality,
      @Nullable String named,
      @Nullable List<Float> vector,
      @Nullable Who who) {
    static FoundFace of(
        DetectedFace face,
        FaceQuality quality,
        @Nullable String named,
        float @Nullable [] vector,
        @Nullable Who who) {
      List<double[]> points = new ArrayList<>();
      Landmarks landmarks = face.landmarks();
      for (int i = 0; i < landmarks.count(); i++) {
        points.add(new double[] {round(landmarks.x(i)), round(landmarks.y(i))});
      }
      List<Float> values = null;
      if (vector != null) {
        values = new ArrayList<>(vector.length);
        for (float v : vector) {
          values.add(v);
        }
      }
      return new FoundFace(
          Box.of(face.box()), round(face.score()), points, Quality.of(quality), named, values, who);
    }
  }

  /** A face of the gallery. */
  record GalleryFace(
      String id,
      @Nullable String person,
      @Nullable String source,
      boolean photo,
      Map<String, Object> tags) {}

  /** The group is that of a face without a name, if it is known. */
  record Match(GalleryFace face, double distance, String decision, @Nullable String group) {
    Match in(@Nullable String other) {
      return new Match(face, distance, decision, other);
    }
  }

  record RateInterval(double value, double low, double high) {
    static RateInterval of(Rate rate) {
      return new RateInterval(rate.value(), rate.low(), rate.high());
    }
  }

  record Threshold(
      double distance,
      double differentBeyond,
      int gallerySize,
      double falseAcceptRate,
      @Nullable RateInterval falseAccept,
      @Nullable RateInterval falseReject,
      String calibratedOn) {
    static Threshold of(DecisionThreshold t) {
      return new Threshold(
          t.distance(),
          t.differentBeyond(),
          t.gallerySize(),
          t.falseAcceptRate(),
          t.falseAccept().map(RateInterval::of).orElse(null),
          t.falseReject().map(RateInterval::of).orElse(null),
          t.calibratedOn());
    }
  }

  record Times(
      @Nullable Double read,
      @Nullable Double detect,
      @Nullable Double embed,
      @Nullable Double search) {}

  /** The matches of one face. */
  record Found(
      List<Match> matches,
      Who who,
      Threshold threshold,
      String plan,
      boolean exact,
      int gallerySize,
      long distancesComputed) {}

  record PhotoSearch(
      Size photo,
      List<FoundFace> faces,
      @Nullable Integer searched,
      @Nullable Found result,
      Times milliseconds) {}

  record Identified(
      Size photo,
      List<FoundFace> faces,
      Threshold threshold,
      int gallerySize,
      Times milliseconds) {}

  record VectorSearch(Found result, Times milliseconds) {}

  /** Which face of a photo was compared, the largest, and how many others there are. */
  record ComparedFace(Box box, int otherFaces) {}

  /** The aligned face, a JPEG in Base64; empty if there is no photo to cut it from. */
  record Chips(String first, String second) {}

  record Verified(
      @Nullable Double distance,
      @Nullable String decision,
      Threshold threshold,
      boolean faceInFirst,
      boolean faceInSecond,
      @Nullable ComparedFace firstFace,
      @Nullable ComparedFace secondFace,
      @Nullable Chips chips) {}

  record Added(GalleryFace face, int gallerySize) {}

  record Faces(int total, List<GalleryFace> faces) {}

  record Person(String name, int faces, String face) {}

  record People(int total, List<Person> people) {}

  /** Faces that are taken to be of one person. */
  record Group(String id, @Nullable String name, int faces, String face) {}

  record Groups(int total, int named, boolean grouped, List<Group> groups) {}

  record Similar(List<Group> groups) {}

  record PersonFace(GalleryFace face, double distance, boolean doubtful) {}

  record PersonFaces(int total, List<PersonFace> faces) {}

  /** The correction can be taken back by its number. */
  record Corrected(@Nullable Integer correction, @Nullable Group group) {}

  record PhotoFace(GalleryFace face, @Nullable Box box) {}

  record PhotoOf(List<PhotoFace> faces) {}

  record Forgotten(
      String person,
      String at,
      int faces,
      String stateHash,
      int photosDeleted,
      int photosNotDeleted,
      int photosLeft) {}

  /** How many faces a choice would leave. */
  record Count(String name, int faces) {}

  record TagCounts(String tag, List<Count> values) {}

  /** The first and the last day; so many faces have one. */
  record Taken(String first, String last, int faces, List<Count> years) {}

  /** How many faces filters leave; of quality, those from each tenth on. */
  record Facets(
      int faces,
      int people,
      int gallerySize,
      List<Count> folders,
      List<TagCounts> tags,
      @Nullable Taken taken,
      List<Integer> quality) {}

  /** A gallery, and what its paths begin with. */
  record ServedAs(String name, String path) {}

  record Galleries(List<ServedAs> galleries) {}

  record Health(String status) {}

  record Model(String name, int dimension, String license, String fingerprint) {}

  record UploadLimits(int uploadBytes, long pixels, int k, int nameLength) {}

  record Indexing(
      String state,
      int filesDone,
      int filesTotal,
      int noFace,
      int broken,
      @Nullable String reason) {}

  record Info(
      String version,
      Model model,
      Threshold threshold,
      List<RatePoint> rates,
      @Nullable String ratesCalibratedOn,
      UploadLimits limits,
      int faces,
      int people,
      boolean kept,
      boolean readOnly,
      boolean photos,
      boolean originals,
      List<String> samples,
      Indexing indexing) {}

  /** The rates at one distance. */
  record RatePoint(double distance, double falseAccept, double falseReject) {}

  record Progress(int faces, Indexing indexing) {}

  /** RFC 9457. */
  record ProblemDetails(String type, String title, int status, String code, String detail) {}

  static Map<String, Object> tags(Map<String, TagValue> tags) {
    Map<String, Object> values = new LinkedHashMap<>();
    tags.forEach(
        (name, value) ->
            values.put(
                name,
                value instanceof TagValue.Numeric number ? (Object) number.value() : "" + value));
    return values;
  }

  /** Five digits after the point: finer than anything here is measured. */
  static double round(double value) {
    return Math.rint(value * 1e5) / 1e5;
  }
}
