package io.facesearch.detect;

import io.facesearch.AlignmentTemplate;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceAligner;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import java.util.Optional;

/**
 * Rotates, scales and moves a face so that its landmarks fit the anchors of a template best (least
 * squares). For a face without landmarks or a template without anchors, it cuts out the box plus
 * the template's margin. Pixels outside the photo become black. Thread-safe. Takes time
 * proportional to the pixels of the chip, and more for faces much larger than the chip, which are
 * averaged down.
 *
 * @see <a href="https://doi.org/10.1109/34.88573">Umeyama, Least-squares estimation of
 *     transformation parameters between two point patterns, PAMI 1991</a>
 */
public final class SimilarityAligner implements FaceAligner {
  /** Creates an aligner. */
  public SimilarityAligner() {}

  @Override
  public FaceImage align(FaceImage image, DetectedFace face, AlignmentTemplate template) {
    Landmarks landmarks = face.landmarks();
    double[] map;
    if (template.anchors() == 0 || landmarks.count() == 0) {
      map = boxMap(face.box(), template);
    } else {
      if (template.scheme() == 5) {
        landmarks = landmarks.toFivePoints();
      }
      if (landmarks.count() != template.scheme()) {
        throw new IllegalArgumentException(
            "the template "
                + template
                + " needs "
                + template.scheme()
                + " landmarks, but the face has "
                + landmarks.count()
                + "; use a landmarker that gives "
                + template.scheme()
                + " points");
      }
      map = similarity(landmarks, template);
    }
    return ImageWarp.toImage(image, map, template.width(), template.height());
  }

  @Override
  public Optional<String> configuration() {
    return Optional.of("similarity v2");
  }

  /** The whole widened box, keeping its shape by extending the shorter side. */
  private static double[] boxMap(BoundingBox box, AlignmentTemplate template) {
    double w = box.width() * (1 + 2 * template.margin());
    double h = box.height() * (1 + 2 * template.margin());
    double scale = Math.max(w / template.width(), h / template.height());
    w = scale * template.width();
    h = scale * template.height();
    return ImageWarp.crop(
        box.centerX() - w / 2, box.centerY() - h / 2, w, h, template.width(), template.height());
  }

  /**
   * The similarity from chip to photo, written with complex numbers: chip = c * photo + d with c =
   * sum(conj(p') q') / sum(|p'|²), where p' and q' are centered; then inverted.
   */
  private static double[] similarity(Landmarks landmarks, AlignmentTemplate template) {
    int n = template.anchors();
    double px = 0;
    double py = 0;
    double qx = 0;
    double qy = 0;
    for (int i = 0; i < n; i++) {
      px += landmarks.x(template.point(i));
      py += landmarks.y(template.point(i));
      qx += template.targetX(i);
      qy += template.targetY(i);
    }
    px /= n;
    py /= n;
    qx /= n;
    qy /= n;
    double re = 0;
    double im = 0;
    double norm = 0;
    for (int i = 0; i < n; i++) {
      double ax = landmarks.x(template.point(i)) - px;
      double ay = landmarks.y(template.point(i)) - py;
      double bx = template.targetX(i) - qx;
      double by = template.targetY(i) - qy;
      re += ax * bx + ay * by;
      im += ax * by - ay * bx;
      norm += ax * ax + ay * ay;
    }
    double length = re * re + im * im;
    if (!(norm > 0 && length > 0)) {
      throw new IllegalArgumentException(
          "the landmarks all lie on one point, so the face cannot be aligned");
    }
    // photo = p + (chip - q) / c, and 1 / c = norm * conj(re + i im) / length
    double a = norm * re / length;
    double b = -norm * im / length;
    return new double[] {a, -b, px - a * qx + b * qy, b, a, py - b * qx - a * qy};
  }
}
