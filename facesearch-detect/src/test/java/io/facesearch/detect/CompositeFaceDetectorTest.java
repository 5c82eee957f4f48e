package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.testing.FaceDetectorContract;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompositeFaceDetectorTest extends FaceDetectorContract {
  @Override
  protected FaceDetector create() {
    return CompositeFaceDetector.of(YuNetDetector.create(), TinyFaceDetector.create());
  }

  @Override
  protected List<Sample> samples() {
    return Samples.all();
  }

  @Test
  void theNextDetectorIsAskedOnlyWhereTheFirstFindsNothing() {
    FaceImage photo = Samples.query(4);
    try (FaceDetector blind = TinyFaceDetector.builder().minScore(1).build();
        FaceDetector yunet = YuNetDetector.create();
        FaceDetector tiny = TinyFaceDetector.create()) {
      assertThat(CompositeFaceDetector.of(yunet, tiny).detect(photo))
          .isEqualTo(yunet.detect(photo));
      assertThat(CompositeFaceDetector.of(blind, tiny).detect(photo)).isEqualTo(tiny.detect(photo));
    }
  }

  @Test
  void needsAtLeastOne() {
    assertThatThrownBy(CompositeFaceDetector::of).isInstanceOf(IllegalArgumentException.class);
  }
}
