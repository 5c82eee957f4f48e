package io.facesearch.opencv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.NativeRuntimeException;
import io.facesearch.detect.Samples;
import io.facesearch.testing.FaceDetectorContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaarFaceDetectorTest extends FaceDetectorContract {
  @Override
  protected FaceDetector create() {
    return HaarFaceDetector.create();
  }

  @Override
  protected List<Sample> samples() {
    return Samples.all();
  }

  @Test
  void everyKnobRefusesSenselessValues() {
    HaarFaceDetector.Builder b = HaarFaceDetector.builder();
    assertThatThrownBy(() -> b.scaleStep(1))
        .hasMessage("scaleStep must be between 1.01 and 2, but is: 1");
    assertThatThrownBy(() -> b.scaleStep(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> b.minNeighbors(0))
        .hasMessage("minNeighbors must be between 1 and 50, but is: 0");
    assertThatThrownBy(() -> b.minFaceSize(19)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> b.minFaceShare(1.1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> b.poolSize(0)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theLargerMinimumHolds() {
    FaceImage photo = Samples.pasted(Samples.query(2), 400, 400, 100, 100);
    try (FaceDetector px = HaarFaceDetector.builder().minFaceSize(300).build();
        FaceDetector share = HaarFaceDetector.builder().minFaceShare(0.75).build();
        FaceDetector small = HaarFaceDetector.builder().minFaceShare(0.1).build()) {
      assertThat(px.detect(photo)).isEmpty();
      assertThat(share.detect(photo)).isEmpty();
      assertThat(small.detect(photo)).isNotEmpty();
    }
  }

  @Test
  void everyBundledCascadeLoads() {
    for (HaarCascade cascade : HaarCascade.values()) {
      try (FaceDetector detector = HaarFaceDetector.builder().cascade(cascade).build()) {
        assertThat(detector.detect(FaceImage.ofRgb(60, 60, new byte[3 * 3600]))).isEmpty();
      }
    }
  }

  @Test
  void aFileThatIsNoCascadeIsNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("none.xml"), "<a>no cascade</a>");
    assertThatThrownBy(() -> HaarFaceDetector.builder().cascade(file).build())
        .isInstanceOf(NativeRuntimeException.class)
        .hasMessageContaining("none.xml");
    assertThatThrownBy(
            () -> HaarFaceDetector.builder().cascade(folder.resolve("missing.xml")).build())
        .isInstanceOf(NativeRuntimeException.class)
        .hasMessageContaining("missing.xml");
  }

  @Test
  void openingAndClosingManyTimesLeavesMemoryFlat() throws Exception {
    for (int i = 0; i < 200; i++) {
      openDetectClose();
    }
    long before = residentKib();
    for (int i = 0; i < 100; i++) {
      openDetectClose();
    }
    // The allocator keeps some memory at first; 100 leaked classifiers of 1 MB would show after.
    assertThat(residentKib() - before).isLessThan(60_000);
  }

  private static void openDetectClose() {
    try (FaceDetector detector = HaarFaceDetector.create()) {
      assertThat(detector.detect(Samples.query(1))).isNotEmpty();
    }
  }

  private static long residentKib() throws Exception {
    Path status = Path.of("/proc/self/status");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(status), "needs Linux's /proc");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
