package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every detector must do. */
public abstract class FaceDetectorContract {
  private FaceDetector detector;

  protected abstract FaceDetector create();

  @BeforeEach
  protected void open() {
    detector = create();
  }

  @AfterEach
  protected void close() {
    detector.close();
  }

  @Test
  protected void findsTheFaceOfEverySample() {
    BoundingBox middle = new BoundingBox(25, 25, 126, 126);
    for (int person = 1; person <= 32; person++) {
      List<DetectedFace> faces = detector.detect(Samples.query(person));
      assertThat(faces).as("person %d", person).isNotEmpty();
      assertThat(faces.get(0).box().iou(middle)).as("person %d", person).isGreaterThan(0.3);
    }
  }

  @Test
  protected void findsAFaceWhereItIs() {
    FaceImage photo = Samples.pasted(Samples.query(3), 640, 480, 400, 250);
    BoundingBox there = new BoundingBox(425, 275, 126, 126);
    assertThat(detector.detect(photo))
        .anySatisfy(face -> assertThat(face.box().iou(there)).isGreaterThan(0.3));
  }

  @Test
  protected void surestFirst() {
    for (int person = 1; person <= 8; person++) {
      assertThat(detector.detect(Samples.pasted(Samples.query(person), 500, 400, 50, 60)))
          .isSortedAccordingTo(Comparator.comparingDouble(DetectedFace::score).reversed());
    }
  }

  @Test
  protected void findsNothingWhereNothingIs() {
    assertThat(detector.detect(FaceImage.ofRgb(300, 200, new byte[3 * 300 * 200]))).isEmpty();
  }

  @Test
  protected void takesImagesOfAnyShape() {
    for (int[] size : new int[][] {{1, 1}, {1, 500}, {500, 1}, {7, 3}, {2000, 10}}) {
      FaceImage image = FaceImage.ofRgb(size[0], size[1], new byte[3 * size[0] * size[1]]);
      assertThat(detector.detect(image)).as("%dx%d", size[0], size[1]).isEmpty();
    }
  }

  @Test
  protected void sixteenThreadsSeeWhatOneSees() throws Exception {
    List<FaceImage> images = new ArrayList<>();
    List<List<DetectedFace>> expected = new ArrayList<>();
    for (int person = 1; person <= 16; person++) {
      images.add(Samples.query(person));
      expected.add(detector.detect(images.get(person - 1)));
    }
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      List<Callable<List<DetectedFace>>> calls = new ArrayList<>();
      for (int round = 0; round < 5; round++) {
        images.forEach(image -> calls.add(() -> detector.detect(image)));
      }
      List<Future<List<DetectedFace>>> answers = pool.invokeAll(calls);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo(expected.get(i % 16));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  protected void refusesToWorkWhenClosed() {
    detector.close();
    detector.close();
    assertThatThrownBy(() -> detector.detect(Samples.query(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
