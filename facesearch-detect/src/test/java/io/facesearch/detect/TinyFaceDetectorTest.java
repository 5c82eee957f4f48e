package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.testing.FaceDetectorContract;
import java.util.List;
import org.junit.jupiter.api.Test;

class TinyFaceDetectorTest extends FaceDetectorContract {
  @Override
  protected FaceDetector create() {
    // Tuned to portraits, as the samples are.
    return TinyFaceDetector.builder().inputSize(224).minScore(0.2).build();
  }

  @Override
  protected List<Sample> samples() {
    return Samples.all();
  }

  @Test
  void scoresAreAtLeastTheMinimum() {
    try (FaceDetector detector = TinyFaceDetector.builder().minScore(0.7).build()) {
      List<DetectedFace> faces = detector.detect(Samples.query(1));
      assertThat(faces).allSatisfy(face -> assertThat(face.score()).isBetween(0.7, 1.0));
    }
  }

  @Test
  void inputSizeIsChecked() {
    assertThatThrownBy(() -> TinyFaceDetector.builder().inputSize(100))
        .hasMessage("inputSize must be a multiple of 32, but is: 100");
    assertThatThrownBy(() -> TinyFaceDetector.builder().inputSize(64))
        .hasMessage("inputSize must be between 96 and 1536, but is: 64");
    assertThatThrownBy(() -> TinyFaceDetector.builder().minScore(0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
