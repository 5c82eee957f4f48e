package io.facesearch.detect;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Keeps only those faces of one detector that a second one confirms in a square crop around the
 * box. A fast detector that finds nearly everything but gives many false boxes, combined with a
 * confirming one that takes a few milliseconds per box, is both thorough and accurate. Boxes and
 * scores are those of the first detector. Thread-safe if the parts are; {@link #close} closes them.
 */
public final class ConfirmedFaceDetector implements FaceDetector {
  /** Side of the crop, in sides of the box; the judge needs to see the whole head. */
  private static final double CROP = 1.8;

  /** A larger crop is shrunk to this; pixels. */
  private static final int CROP_PIXELS = 320;

  private static final double OVERLAP = 0.3;

  private final FaceDetector detector;
  private final FaceDetector judge;

  private ConfirmedFaceDetector(FaceDetector detector, FaceDetector judge) {
    this.detector = Objects.requireNonNull(detector, "detector");
    this.judge = Objects.requireNonNull(judge, "judge");
  }

  /**
   * Creates a detector with a second one that confirms its faces.
   *
   * @param detector finds the faces; owned by the result from now on
   * @param judge confirms each of them; owned by the result from now on
   * @return the detector
   */
  public static ConfirmedFaceDetector of(FaceDetector detector, FaceDetector judge) {
    return new ConfirmedFaceDetector(detector, judge);
  }

  /**
   * Creates a detector whose faces the tiny network confirms, with a minimum score that drops
   * hardly any true face.
   *
   * @param detector finds the faces; owned by the result from now on
   * @return the detector
   * @throws io.facesearch.NativeRuntimeException if ONNX Runtime does not load
   */
  public static ConfirmedFaceDetector of(FaceDetector detector) {
    return of(detector, TinyFaceDetector.builder().inputSize(160).minScore(0.05).build());
  }

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    return detector.detect(image).stream().filter(face -> confirmed(image, face.box())).toList();
  }

  private boolean confirmed(FaceImage image, BoundingBox box) {
    BoundingBox square = box.square(CROP);
    int pixels = (int) Math.max(1, Math.min(CROP_PIXELS, Math.round(square.width())));
    double scale = square.width() / pixels;
    double[] map =
        ImageWarp.crop(square.x(), square.y(), square.width(), square.height(), pixels, pixels);
    for (DetectedFace seen : judge.detect(ImageWarp.toImage(image, map, pixels, pixels))) {
      BoundingBox s = seen.box();
      BoundingBox there =
          new BoundingBox(
              square.x() + scale * s.x(),
              square.y() + scale * s.y(),
              scale * s.width(),
              scale * s.height());
      if (there.iou(box) >= OVERLAP) {
        return true;
      }
    }
    return false;
  }

  @Override
  public int landmarks() {
    return detector.landmarks();
  }

  @Override
  public Optional<String> configuration() {
    return detector
        .configuration()
        .flatMap(d -> judge.configuration().map(j -> d + " confirmed by " + j + " v1"));
  }

  @Override
  public void close() {
    try (judge) {
      detector.close();
    }
  }
}
