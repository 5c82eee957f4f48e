package io.facesearch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link FaceDetector} must do. A plug-in extends it in its own tests; it needs JUnit 5
 * and AssertJ.
 */
public abstract class FaceDetectorContract {
  /**
   * A photo of one face.
   *
   * @param name for messages
   * @param photo not larger than 4000 x 4000 pixels
   * @param face where the face is; a box that overlaps it by 0.3 (intersection over union) is right
   */
  public record Sample(String name, FaceImage photo, BoundingBox face) {}

  private FaceDetector detector;

  /**
   * Makes the detector that is checked.
   *
   * @return a new detector, closed by the contract
   */
  protected abstract FaceDetector create();

  /**
   * Photos in which the detector finds the face.
   *
   * @return at least one; of more than 16, some tests take the first 16
   * @throws Exception if they cannot be read
   */
  protected abstract List<Sample> samples() throws Exception;

  @BeforeEach
  void openDetector() {
    detector = create();
  }

  @AfterEach
  void closeDetector() {
    detector.close();
  }

  @Test
  void findsTheFaceOfEverySample() throws Exception {
    for (Sample sample : samples()) {
      List<DetectedFace> faces = detector.detect(sample.photo());
      assertThat(faces).as(sample.name()).isNotEmpty();
      assertThat(faces.get(0).box().iou(sample.face())).as(sample.name()).isGreaterThan(0.3);
    }
  }

  @Test
  void findsAFaceWhereItIs() throws Exception {
    List<Sample> samples = samples();
    Sample sample = samples.get(Math.min(2, samples.size() - 1));
    FaceImage photo = pasted(sample.photo(), 464, 304, 400, 250);
    BoundingBox face = sample.face();
    BoundingBox there =
        new BoundingBox(face.x() + 400, face.y() + 250, face.width(), face.height());
    assertThat(detector.detect(photo))
        .anySatisfy(found -> assertThat(found.box().iou(there)).isGreaterThan(0.3));
  }

  @Test
  void surestFirst() throws Exception {
    for (Sample sample : samples().subList(0, Math.min(8, samples().size()))) {
      assertThat(detector.detect(pasted(sample.photo(), 324, 224, 50, 60)))
          .as(sample.name())
          .isSortedAccordingTo(Comparator.comparingDouble(DetectedFace::score).reversed());
    }
  }

  @Test
  void everyFaceHasTheLandmarksThatAreTold() throws Exception {
    for (DetectedFace face : detector.detect(samples().get(0).photo())) {
      assertThat(face.landmarks().count()).isGreaterThanOrEqualTo(detector.landmarks());
    }
    assertThat(detector.landmarks()).isIn(0, 5, 68);
  }

  @Test
  void findsNothingWhereNothingIs() {
    assertThat(detector.detect(FaceImage.ofRgb(300, 200, new byte[3 * 300 * 200]))).isEmpty();
  }

  @Test
  void takesImagesOfAnyShape() {
    for (int[] size : new int[][] {{1, 1}, {1, 500}, {500, 1}, {7, 3}, {2000, 10}}) {
      FaceImage image = FaceImage.ofRgb(size[0], size[1], new byte[3 * size[0] * size[1]]);
      assertThat(detector.detect(image)).as("%dx%d", size[0], size[1]).isEmpty();
    }
  }

  @Test
  void sixteenThreadsSeeWhatOneSees() throws Exception {
    List<FaceImage> images = samples().stream().limit(16).map(Sample::photo).toList();
    List<List<DetectedFace>> expected = images.stream().map(detector::detect).toList();
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      List<Callable<List<DetectedFace>>> calls = new ArrayList<>();
      for (int round = 0; round < 80 / images.size(); round++) {
        images.forEach(image -> calls.add(() -> detector.detect(image)));
      }
      List<Future<List<DetectedFace>>> answers = pool.invokeAll(calls);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(expected.get(i % images.size()));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void refusesToWorkWhenClosed() throws Exception {
    detector.close();
    detector.close();
    FaceImage photo = samples().get(0).photo();
    assertThatThrownBy(() -> detector.detect(photo))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  /** The photo on gray, which is wider and higher by so much, at (x, y). */
  private static FaceImage pasted(FaceImage photo, int wider, int higher, int x, int y) {
    int width = photo.width() + wider;
    int height = photo.height() + higher;
    byte[] rgb = new byte[3 * width * height];
    Arrays.fill(rgb, (byte) 128);
    byte[] row = new byte[3 * photo.width()];
    for (int v = 0; v < photo.height(); v++) {
      photo.rgb().get(v * row.length, row);
      System.arraycopy(row, 0, rgb, 3 * ((y + v) * width + x), row.length);
    }
    return FaceImage.ofRgb(width, height, rgb);
  }
}
