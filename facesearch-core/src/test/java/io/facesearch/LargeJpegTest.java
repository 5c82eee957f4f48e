package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.internal.image.JpegDecoder;
import io.facesearch.internal.image.JpegFile;
import io.facesearch.internal.image.LargeJpeg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.IIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeJpegTest {
  private static final Path FILES = Path.of("src/test/resources/images/large");

  private static byte[] file(String name) throws Exception {
    return Files.readAllBytes(FILES.resolve(name + ".jpg"));
  }

  private static FaceImage large(byte[] file) throws IIOException {
    JpegFile jpeg = JpegFile.inspect(file);
    assertThat(LargeJpeg.isPlain(jpeg)).isTrue();
    FaceImage image = FaceImage.of(LargeJpeg.open(jpeg));
    assertThat(image.half()).isPresent();
    return image;
  }

  private static FaceImage whole(byte[] file) throws IIOException {
    return FaceImage.of(JpegDecoder.decode(JpegFile.inspect(file)));
  }

  /** In every orientation, at the borders and within; the seed is told. */
  @ParameterizedTest
  @ValueSource(strings = {"420", "420-restart", "422", "440", "444"})
  void partsAreThoseOfTheWhole(String name) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] file = TestImages.withExif(file(name), orientation);
      FaceImage whole = whole(file);
      FaceImage large = large(file);
      assertThat(List.of(large.width(), large.height()))
          .isEqualTo(List.of(whole.width(), whole.height()));
      for (int i = 0; i < 40; i++) {
        int left = random.nextInt(whole.width());
        int top = random.nextInt(whole.height());
        int width = 1 + random.nextInt(whole.width() - left);
        int height = 1 + random.nextInt(whole.height() - top);
        assertThat(large.part(left, top, width, height))
            .as("seed %d, orientation %d, %d,%d %dx%d", seed, orientation, left, top, width, height)
            .isEqualTo(whole.part(left, top, width, height));
      }
      assertThat(large).as("orientation %d", orientation).isEqualTo(whole);
    }
  }

  /** OpenCV's decoder is libjpeg-turbo, and this what it gives for half the size. */
  @ParameterizedTest
  @ValueSource(strings = {"420", "420-restart", "444"})
  void halfIsThatOfLibjpeg(String name) throws Exception {
    FaceImage expected = FaceImage.read(FILES.resolve(name + ".jpg.half.png"));
    assertThat(large(file(name)).half()).hasValue(expected);
  }

  /** There libjpeg shrinks the colors first and smooths them after it. */
  @ParameterizedTest
  @ValueSource(strings = {"422", "440"})
  void halfIsNearToThatOfLibjpeg(String name) throws Exception {
    FaceImage expected = FaceImage.read(FILES.resolve(name + ".jpg.half.png"));
    FaceImage half = large(file(name)).half().orElseThrow();
    assertThat(meanDifference(half, expected)).isLessThan(1.5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"420", "420-restart", "422", "440", "444"})
  void halfIsTheMeanOfFourPixels(String name) throws Exception {
    for (int orientation : new int[] {1, 6, 7}) {
      byte[] file = TestImages.withExif(file(name), orientation);
      FaceImage whole = whole(file);
      FaceImage half = large(file).half().orElseThrow();
      byte[] mean = new byte[3 * half.width() * half.height()];
      for (int y = 0, to = 0; y < half.height(); y++) {
        for (int x = 0; x < half.width(); x++) {
          for (int shift = 16; shift >= 0; shift -= 8) {
            int sum = 2;
            for (int i = 0; i < 4; i++) {
              sum += whole.rgb(2 * x + i % 2, 2 * y + i / 2) >> shift & 0xff;
            }
            mean[to++] = (byte) (sum / 4);
          }
        }
      }
      FaceImage expected = FaceImage.ofRgb(half.width(), half.height(), mean);
      assertThat(meanDifference(half, expected)).as("orientation %d", orientation).isLessThan(1.5);
    }
  }

  private static double meanDifference(FaceImage a, FaceImage b) {
    int[] left = TestImages.pixels(a);
    int[] right = TestImages.pixels(b);
    assertThat(left).hasSameSizeAs(right);
    return IntStream.range(0, left.length)
        .mapToDouble(
            i ->
                (Math.abs((left[i] >> 16 & 0xff) - (right[i] >> 16 & 0xff))
                        + Math.abs((left[i] >> 8 & 0xff) - (right[i] >> 8 & 0xff))
                        + Math.abs((left[i] & 0xff) - (right[i] & 0xff)))
                    / 3.0)
        .average()
        .orElseThrow();
  }

  @Test
  void severalThreadsMayLookAtOnce() throws Exception {
    byte[] file = file("420");
    FaceImage whole = whole(file);
    for (int round = 0; round < 20; round++) {
      FaceImage large = large(file);
      assertThat(
              IntStream.range(0, 16)
                  .parallel()
                  .allMatch(
                      i ->
                          i % 4 == 0
                              ? large.equals(whole)
                              : large.part(i, i, 40, 30).equals(whole.part(i, i, 40, 30))))
          .isTrue();
    }
  }

  /** The caller may use the array again. */
  @Test
  void aChangedArrayChangesNothing() throws Exception {
    byte[] file = file("420");
    FaceImage large = large(file);
    byte[] before = file.clone();
    Arrays.fill(file, (byte) 0);
    assertThat(large).isEqualTo(whole(before));
  }

  @Test
  void otherKindsAreDecodedWhole() throws Exception {
    Path kinds = Path.of("src/test/resources/images/kinds");
    for (String name :
        List.of(
            "jpeg-gray", "jpeg-2x2-progressive", "jpeg-not-interleaved", "jpeg-4x1", "jpeg-rgb")) {
      JpegFile jpeg = JpegFile.inspect(Files.readAllBytes(kinds.resolve(name + ".jpg")));
      assertThat(LargeJpeg.isPlain(jpeg)).as(name).isFalse();
    }
    byte[] small = file("420");
    assertThat(LargeJpeg.suits(JpegFile.inspect(small))).isFalse();
    FaceImage image = FaceImage.read(small);
    assertThat(image.half()).isEmpty();
    assertThat(image.part(0, 0, image.width(), image.height())).isSameAs(image);
  }

  /** Damage is told when the file is read, as of small ones. */
  @Test
  void damageIsToldAtOnce() throws Exception {
    byte[] file = file("420");
    JpegFile half = JpegFile.inspect(Arrays.copyOf(file, file.length / 2));
    assertThatThrownBy(() -> LargeJpeg.open(half))
        .isInstanceOf(IIOException.class)
        .hasMessageContaining("missing or damaged");
  }

  /** Through the reader, at the size from which it is done. */
  @Test
  void largePhotosAreReadSo() {
    byte[] file = TestImages.encode(TestImages.gradient(3200, 2000), "jpg");
    FaceImage image = FaceImage.read(file);
    assertThat(image.half()).isPresent();
    assertThat(image.half().orElseThrow().width()).isEqualTo(1600);
    FaceImage part = image.part(1000, 900, 200, 150);
    assertThat(image.rgb(1100, 950)).isEqualTo(part.rgb(100, 50));
    assertThat(FaceImage.read(TestImages.encode(TestImages.gradient(3200, 1998), "jpg")).half())
        .isEmpty();
  }

  @Test
  void partsLieInside() throws Exception {
    FaceImage image = large(file("420"));
    for (int[] p :
        new int[][] {
          {-1, 0, 5, 5},
          {0, -1, 5, 5},
          {0, 0, 0, 5},
          {0, 0, 5, 0},
          {149, 0, 2, 1},
          {0, 133, 1, 2},
          {0, 0, Integer.MAX_VALUE, 1}
        }) {
      assertThatThrownBy(() -> image.part(p[0], p[1], p[2], p[3]))
          .as(Arrays.toString(p))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("is not inside the image of 150x134");
    }
  }
}
