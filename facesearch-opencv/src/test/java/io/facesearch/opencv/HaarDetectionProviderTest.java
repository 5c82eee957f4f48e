package io.facesearch.opencv;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceDetector;
import io.facesearch.FaceLandmarker;
import io.facesearch.detect.Samples;
import io.facesearch.spi.DetectionProvider;
import io.facesearch.testing.FaceDetectorContract;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** The whole chain, as it is found by its name. */
class HaarDetectionProviderTest extends FaceDetectorContract {
  private static DetectionProvider chain() {
    return ServiceLoader.load(DetectionProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.name().equals("haar"))
        .findFirst()
        .orElseThrow();
  }

  @Override
  protected FaceDetector create() {
    return chain().newDetector();
  }

  @Override
  protected List<Sample> samples() {
    return Samples.all();
  }

  @Test
  void itsLandmarksAreSixtyEight() {
    try (FaceDetector detector = create();
        FaceLandmarker landmarker = chain().newLandmarker().orElseThrow()) {
      var face = detector.detect(Samples.query(3)).get(0);
      assertThat(landmarker.locate(Samples.query(3), face.box()).count()).isEqualTo(68);
    }
  }
}
