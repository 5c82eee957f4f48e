package io.facesearch.detect;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Moves, scales, turns and thins out detected faces, and turns the photos they are found in. */
final class FaceBoxes {
  private FaceBoxes() {}

  /** The face as it lies in a photo of which the image is a part, at another scale. */
  static DetectedFace placed(DetectedFace face, double scaleX, double scaleY, int left, int top) {
    BoundingBox box = face.box();
    float[] xy = new float[2 * face.landmarks().count()];
    for (int p = 0; p < face.landmarks().count(); p++) {
      xy[2 * p] = (float) ((face.landmarks().x(p) + left) * scaleX);
      xy[2 * p + 1] = (float) ((face.landmarks().y(p) + top) * scaleY);
    }
    return new DetectedFace(
        new BoundingBox(
            (box.x() + left) * scaleX,
            (box.y() + top) * scaleY,
            box.width() * scaleX,
            box.height() * scaleY),
        face.score(),
        Landmarks.of(xy),
        face.turn());
  }

  /**
   * Turns a photo.
   *
   * @param turn clockwise: 90, 180 or 270 degrees
   */
  static FaceImage turned(FaceImage image, int turn) {
    int w = image.width();
    int h = image.height();
    byte[] rgb = new byte[3 * w * h];
    byte[] row = new byte[3 * w];
    ByteBuffer source = image.rgb();
    for (int y = 0; y < h; y++) {
      source.get(3 * y * w, row);
      int first = turn == 90 ? h - 1 - y : turn == 180 ? w * h - 1 - y * w : (w - 1) * h + y;
      int step = turn == 90 ? h : turn == 180 ? -1 : -h;
      for (int i = 0, to = 3 * first; i < row.length; i += 3, to += 3 * step) {
        rgb[to] = row[i];
        rgb[to + 1] = row[i + 1];
        rgb[to + 2] = row[i + 2];
      }
    }
    return turn == 180 ? FaceImage.ofRgb(w, h, rgb) : FaceImage.ofRgb(h, w, rgb);
  }

  /** The face as it lies in the photo, found in what {@link #turned} made of it. */
  static DetectedFace turnedBack(DetectedFace face, int turn, FaceImage photo) {
    BoundingBox box = face.box();
    double[] a = back(box.x(), box.y(), turn, photo);
    double[] b = back(box.right(), box.bottom(), turn, photo);
    float[] xy = new float[2 * face.landmarks().count()];
    for (int p = 0; p < face.landmarks().count(); p++) {
      double[] at = back(face.landmarks().x(p), face.landmarks().y(p), turn, photo);
      xy[2 * p] = (float) at[0];
      xy[2 * p + 1] = (float) at[1];
    }
    return new DetectedFace(
        new BoundingBox(
            Math.min(a[0], b[0]),
            Math.min(a[1], b[1]),
            Math.abs(a[0] - b[0]),
            Math.abs(a[1] - b[1])),
        face.score(),
        Landmarks.of(xy),
        turn);
  }

  private static double[] back(double x, double y, int turn, FaceImage photo) {
    return switch (turn) {
      case 90 -> new double[] {y, photo.height() - x};
      case 180 -> new double[] {photo.width() - x, photo.height() - y};
      default -> new double[] {photo.width() - y, x};
    };
  }

  /** Greedy non-maximum suppression. Surest first; of two that overlap more, the surer stays. */
  static List<DetectedFace> suppress(List<DetectedFace> faces, double overlap) {
    List<DetectedFace> sorted = new ArrayList<>(faces);
    sorted.sort(Comparator.comparingDouble(DetectedFace::score).reversed());
    List<DetectedFace> kept = new ArrayList<>();
    for (DetectedFace face : sorted) {
      boolean clear = true;
      for (int i = 0; clear && i < kept.size(); i++) {
        clear = kept.get(i).box().iou(face.box()) <= overlap;
      }
      if (clear) {
        kept.add(face);
      }
    }
    return List.copyOf(kept);
  }
}
