package io.facesearch;

import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.gradient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Random;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The oracle is the reader of the JDK, which shows every pass and the right pixels last. */
class ProgressiveJpegTest {
  private static Raster raw(byte[] jpeg) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      for (Iterator<ImageReader> it = ImageIO.getImageReadersByFormatName("jpeg"); it.hasNext(); ) {
        ImageReader reader = it.next();
        if (reader.getClass().getName().startsWith("com.sun.")) {
          reader.setInput(in, false, true);
          try {
            return reader.readRaster(0, null);
          } finally {
            reader.dispose();
          }
        }
      }
    }
    throw new AssertionError("no JPEG reader of the JDK");
  }

  private static byte[] sequential(byte[] progressive) throws IIOException {
    EncodedImage image = EncodedImage.inspect(progressive);
    assertThat(image.progressive).isTrue();
    return ProgressiveJpeg.open(image.data).toSequential();
  }

  private static void assertSameSamples(byte[] progressive) throws IOException {
    Raster expected = raw(progressive);
    Raster actual = raw(sequential(progressive));
    assertThat(actual.getBounds()).isEqualTo(expected.getBounds());
    assertThat(actual.getNumBands()).isEqualTo(expected.getNumBands());
    int[] samples =
        expected.getPixels(0, 0, expected.getWidth(), expected.getHeight(), (int[]) null);
    assertThat(actual.getPixels(0, 0, actual.getWidth(), actual.getHeight(), (int[]) null))
        .isEqualTo(samples);
  }

  /** Noise over a gradient: coefficients of all sizes, so all kinds of codes. */
  private static BufferedImage noise(int width, int height, Random random) {
    BufferedImage image = gradient(width, height);
    int amplitude = 1 + random.nextInt(255);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (random.nextInt(3) == 0) {
          image.setRGB(x, y, image.getRGB(x, y) ^ random.nextInt(amplitude) * 0x010101);
        }
      }
    }
    return image;
  }

  @Property(tries = 300)
  void samplesAreTheSame(
      @ForAll @IntRange(min = 1, max = 90) int width,
      @ForAll @IntRange(min = 1, max = 90) int height,
      @ForAll @FloatRange(min = 0.02f, max = 1) float quality,
      @ForAll boolean gray,
      @ForAll boolean subsampled,
      @ForAll @IntRange(max = 9) int restart,
      @ForAll long seed)
      throws IOException {
    BufferedImage image = noise(width, height, new Random(seed));
    if (gray) {
      image = TestImages.as(image, BufferedImage.TYPE_BYTE_GRAY);
    }
    assertSameSamples(TestImages.progressiveJpeg(image, quality, subsampled, restart));
  }

  @Test
  void restartMarkers() throws IOException {
    byte[] jpeg = TestImages.progressiveJpeg(gradient(90, 90), 0.9f, true, 3);
    String text = new String(jpeg, StandardCharsets.ISO_8859_1);
    assertThat(text).contains("\u00ff\u00dd\0\4\0\3").contains("\u00ff\u00d7");
    assertSameSamples(jpeg);
  }

  @Test
  void fourComponents() throws IOException {
    assertSameSamples(TestImages.jpegOfFourBands(33, 18, new int[] {9, 99, 199, 250}, true));
  }

  @Test
  void sizeIsKnownBeforeMemoryIsTaken() throws IIOException {
    byte[] jpeg = TestImages.progressive(gradient(33, 18), "jpeg");
    ProgressiveJpeg opened = ProgressiveJpeg.open(EncodedImage.inspect(jpeg).data);
    assertThat(opened.width()).isEqualTo(33);
    assertThat(opened.height()).isEqualTo(18);
    assertThatThrownBy(
            () -> FaceImageReader.builder().maxPixels(500).build().read(jpeg, "large.jpg"))
        .hasMessageContaining("33x18 = 594");
  }

  @Test
  void imageOfMoreBlocksThanOneScanMayHoldIsReadAsItIs() throws IIOException {
    byte[] jpeg = TestImages.progressive(gradient(64, 64), "jpeg");
    int frame = 2;
    while ((jpeg[frame + 1] & 0xff) != 0xc2) {
      frame += 2 + ((jpeg[frame + 2] & 0xff) << 8 | (jpeg[frame + 3] & 0xff));
    }
    jpeg[frame + 11] = 0x44;
    assertThat(ProgressiveJpeg.open(EncodedImage.inspect(jpeg).data).fitsOneScan()).isFalse();
  }

  @Test
  void damageIsRefused() throws IIOException {
    byte[] jpeg = TestImages.progressive(noise(60, 50, new Random(1)), "jpeg");
    byte[] data = EncodedImage.inspect(jpeg).data;
    int refused = 0;
    int tried = 0;
    for (int i = 200; i < data.length; i += 7, tried++) {
      byte[] damaged = data.clone();
      damaged[i] ^= 0x55;
      try {
        ProgressiveJpeg.open(damaged).toSequential();
      } catch (IIOException e) {
        assertThat(e).hasMessageContaining("missing or damaged");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(tried / 3);
    byte[] cut = Arrays.copyOf(data, data.length - 40);
    assertThatThrownBy(() -> ProgressiveJpeg.open(cut).toSequential())
        .isInstanceOf(IIOException.class);
    byte[] ended = TestImages.concat(cut, bytes(0xff, 0xd9));
    assertThatThrownBy(() -> ProgressiveJpeg.open(ended).toSequential())
        .isInstanceOf(IIOException.class);
  }
}
