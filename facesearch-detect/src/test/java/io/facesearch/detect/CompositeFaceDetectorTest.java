package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import org.junit.jupiter.api.Test;

class CompositeFaceDetectorTest extends FaceDetectorContract {
  @Override
  FaceDetector create() {
    return CompositeFaceDetector.of(HaarFaceDetector.create(), TinyFaceDetector.create());
  }

  @Test
  void theNextDetectorIsAskedOnlyWhereTheFirstFindsNothing() {
    FaceImage photo = Samples.query(4);
    try (FaceDetector blind = HaarFaceDetector.builder().minFaceSize(1000).build();
        FaceDetector haar = HaarFaceDetector.create();
        FaceDetector tiny = TinyFaceDetector.create()) {
      assertThat(CompositeFaceDetector.of(haar, tiny).detect(photo)).isEqualTo(haar.detect(photo));
      assertThat(CompositeFaceDetector.of(blind, tiny).detect(photo)).isEqualTo(tiny.detect(photo));
    }
  }

  @Test
  void needsAtLeastOne() {
    assertThatThrownBy(CompositeFaceDetector::of).isInstanceOf(IllegalArgumentException.class);
  }
}
