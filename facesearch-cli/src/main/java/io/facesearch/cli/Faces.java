package io.facesearch.cli;

import io.facesearch.AnalyzedFace;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceQuality;
import io.facesearch.FaceRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Faces in words and as JSON. Stateless. */
final class Faces {
  private Faces() {}

  /** Where a face is: width, height, left, top in pixels. */
  static String words(BoundingBox box) {
    return String.format(
        Locale.ROOT, "%.0fx%.0f+%.0f+%.0f", box.width(), box.height(), box.x(), box.y());
  }

  /** Why a face is ill suited; empty if it is not. */
  static String rejections(FaceQuality quality) {
    List<String> reasons =
        quality.rejections().stream()
            .map(
                measure ->
                    String.format(
                        Locale.ROOT,
                        "%s (%.3g, limit %.3g)",
                        measure.reason().words(),
                        measure.value(),
                        measure.limit()))
            .toList();
    return String.join(", ", reasons);
  }

  /** A face of a photo. */
  static Map<String, @Nullable Object> json(AnalyzedFace face) {
    return json(face.face(), face.quality());
  }

  /** A face of a photo. */
  static Map<String, @Nullable Object> json(DetectedFace face, FaceQuality quality) {
    Map<String, Object> measures = new LinkedHashMap<>();
    quality
        .measures()
        .forEach(m -> measures.put(m.reason().name().toLowerCase(Locale.ROOT), m.value()));
    return Output.object(
        "box", face.box(),
        "score", face.score(),
        "usable", quality.rejections().isEmpty(),
        "rejected",
            quality.rejections().stream()
                .map(m -> m.reason().name().toLowerCase(Locale.ROOT))
                .toList(),
        "quality", measures);
  }

  /** A face of a gallery. */
  static Map<String, @Nullable Object> json(FaceRecord face) {
    return Output.object(
        "id", face.id(),
        "person", face.person(),
        "source", face.source(),
        "box", face.box());
  }
}
