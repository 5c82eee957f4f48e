package io.facesearch;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which face of a photo is used where only one is wanted. */
public enum FaceChoice {
  /** The one with the largest box. */
  LARGEST,
  /** The one whose center is nearest the center of the photo. */
  MOST_CENTRAL,
  /** The one that the detector is most confident of. */
  BEST_SCORE;

  /**
   * Chooses a face.
   *
   * @param faces of one photo, most confident first
   * @param image the photo
   * @return the chosen face, or empty if there is none
   */
  public Optional<DetectedFace> choose(List<DetectedFace> faces, FaceImage image) {
    Comparator<DetectedFace> order =
        switch (this) {
          case LARGEST -> Comparator.comparingDouble(f -> -f.box().area());
          case MOST_CENTRAL ->
              Comparator.comparingDouble(
                  f ->
                      Math.hypot(
                          f.box().centerX() - image.width() / 2.0,
                          f.box().centerY() - image.height() / 2.0));
          case BEST_SCORE -> Comparator.comparingDouble(f -> -f.score());
        };
    return faces.stream().min(order);
  }
}
