package io.facesearch;

import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.gradient;
import static io.facesearch.TestImages.pixels;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Point;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaceImageTest {
  private static final int[] FOUR = {0x0a141e, 0xffffff, 0x000000, 0xc86432};

  private static BufferedImage four(int type) {
    BufferedImage image = new BufferedImage(2, 2, type);
    for (int i = 0; i < 4; i++) {
      image.setRGB(i % 2, i / 2, 0xff000000 | FOUR[i]);
    }
    return image;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_ARGB_PRE,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE
      })
  void everyTypeOf8BitsIsConvertedExactly(int type) {
    assertThat(pixels(FaceImage.of(four(type)))).containsExactly(FOUR);
  }

  @ParameterizedTest
  @ValueSource(ints = {BufferedImage.TYPE_USHORT_565_RGB, BufferedImage.TYPE_USHORT_555_RGB})
  void packedTypesAreConvertedAsJavaDoes(int type) {
    BufferedImage image = four(type);
    int[] expected = new int[4];
    image.getRGB(0, 0, 2, 2, expected, 0, 2);
    for (int i = 0; i < 4; i++) {
      expected[i] &= 0xffffff;
    }
    assertThat(pixels(FaceImage.of(image))).containsExactly(expected);
  }

  @Test
  void grayIsTakenAsItIs() {
    BufferedImage bytes = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    bytes.getRaster().setSample(0, 0, 0, 60);
    bytes.getRaster().setSample(1, 0, 0, 255);
    assertThat(pixels(FaceImage.of(bytes))).containsExactly(0x3c3c3c, 0xffffff);
    BufferedImage shorts = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    shorts.getRaster().setSample(0, 0, 0, 60 * 257 + 128);
    shorts.getRaster().setSample(1, 0, 0, 60 * 257 + 129);
    assertThat(pixels(FaceImage.of(shorts))).containsExactly(0x3c3c3c, 0x3d3d3d);
  }

  @Test
  void alphaIsLaidOnWhite() {
    for (int type :
        new int[] {
          BufferedImage.TYPE_INT_ARGB,
          BufferedImage.TYPE_4BYTE_ABGR,
          BufferedImage.TYPE_INT_ARGB_PRE,
          BufferedImage.TYPE_4BYTE_ABGR_PRE
        }) {
      BufferedImage image = new BufferedImage(2, 1, type);
      image.setRGB(0, 0, 0x00123456);
      image.setRGB(1, 0, 0x80000000);
      assertThat(pixels(FaceImage.of(image)))
          .as("type %s", type)
          .containsExactly(0xffffff, 0x7f7f7f);
    }
  }

  @Test
  void binaryAndPalette() {
    BufferedImage binary = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    binary.setRGB(1, 0, 0xffffffff);
    assertThat(pixels(FaceImage.of(binary))).containsExactly(0, 0xffffff);
    IndexColorModel palette =
        new IndexColorModel(8, 2, bytes(1, 2), bytes(3, 4), bytes(5, 6), bytes(255, 0));
    BufferedImage indexed = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, palette);
    indexed.getRaster().setSample(1, 0, 0, 1);
    indexed.getRaster().setSample(2, 0, 0, 99); // beyond the palette
    assertThat(pixels(FaceImage.of(indexed))).containsExactly(0x010305, 0xffffff, 0);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_BYTE_INDEXED,
        BufferedImage.TYPE_USHORT_GRAY,
        BufferedImage.TYPE_INT_BGR
      })
  void partOfAnImageIsConvertedLikeACopyOfIt(int type) {
    BufferedImage image = TestImages.as(gradient(20, 15), type);
    BufferedImage part = image.getSubimage(3, 4, 7, 5);
    FaceImage whole = FaceImage.of(image);
    FaceImage converted = FaceImage.of(part);
    assertThat(converted.width()).isEqualTo(7);
    assertThat(converted.height()).isEqualTo(5);
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 7; x++) {
        assertThat(converted.rgb(x, y)).isEqualTo(whole.rgb(x + 3, y + 4));
      }
    }
  }

  @Test
  void bandedImage() {
    ColorModel rgb =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            ColorModel.OPAQUE,
            DataBuffer.TYPE_BYTE);
    byte[][] banks = {bytes(1, 4), bytes(2, 5), bytes(3, 6)};
    WritableRaster raster =
        Raster.createBandedRaster(
            new DataBufferByte(banks, 2),
            2,
            1,
            2,
            new int[] {0, 1, 2},
            new int[3],
            new Point(0, 0));
    BufferedImage image = new BufferedImage(rgb, raster, false, null);
    assertThat(pixels(FaceImage.of(image))).containsExactly(0x010203, 0x040506);
  }

  @Test
  void otherColorSpacesAreConverted() {
    ColorModel linear =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB),
            false,
            false,
            ColorModel.OPAQUE,
            DataBuffer.TYPE_BYTE);
    BufferedImage image =
        new BufferedImage(linear, linear.createCompatibleWritableRaster(1, 1), false, null);
    image.getRaster().setPixel(0, 0, new int[] {55, 55, 55});
    assertThat(FaceImage.of(image).rgb(0, 0) & 0xff).isBetween(126, 130);
  }

  @Test
  void roundTripThroughBufferedImage() {
    FaceImage image = FaceImage.of(gradient(13, 9));
    assertThat(FaceImage.of(image.toBufferedImage())).isEqualTo(image);
  }

  @Test
  void rawPixelsAreCopied() {
    byte[] rgb = bytes(1, 2, 3, 4, 5, 250);
    FaceImage image = FaceImage.ofRgb(2, 1, rgb);
    rgb[0] = 99;
    assertThat(pixels(image)).containsExactly(0x010203, 0x0405fa);
    assertThat(image.rgb().remaining()).isEqualTo(6);
    assertThatThrownBy(() -> image.rgb().put(0, (byte) 7))
        .isInstanceOf(ReadOnlyBufferException.class);
  }

  @Test
  void wrongSizesAreRefused() {
    assertThatThrownBy(() -> FaceImage.ofRgb(0, 1, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x1");
    assertThatThrownBy(() -> FaceImage.ofRgb(2, 1, new byte[5]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an image of 2x1 pixels needs 6 bytes of RGB, but got 5");
    // 3 * width * height overflows an int to the length given.
    assertThatThrownBy(() -> FaceImage.ofRgb(1 << 16, 1 << 16, new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 2})
  void pixelOutsideIsRefused(int outside) {
    FaceImage image = FaceImage.ofRgb(2, 2, new byte[12]);
    assertThatThrownBy(() -> image.rgb(outside, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> image.rgb(0, outside)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void equality() {
    FaceImage a = FaceImage.ofRgb(2, 1, bytes(1, 2, 3, 4, 5, 6));
    assertThat(a).isEqualTo(FaceImage.ofRgb(2, 1, bytes(1, 2, 3, 4, 5, 6)));
    assertThat(a).hasSameHashCodeAs(FaceImage.ofRgb(2, 1, bytes(1, 2, 3, 4, 5, 6)));
    assertThat(a).isNotEqualTo(FaceImage.ofRgb(1, 2, bytes(1, 2, 3, 4, 5, 6)));
    assertThat(a).isNotEqualTo(FaceImage.ofRgb(2, 1, bytes(1, 2, 3, 4, 5, 7)));
    assertThat(a).hasToString("FaceImage[2x1]");
  }

  @Test
  void allWaysInGiveTheSame(@TempDir Path directory) throws IOException {
    byte[] png = TestImages.encode(gradient(13, 9), "png");
    Path file = Files.write(directory.resolve("a.png"), png);
    FaceImage expected = FaceImage.of(gradient(13, 9));
    assertThat(FaceImage.read(png)).isEqualTo(expected);
    assertThat(FaceImage.read(file)).isEqualTo(expected);
    try (InputStream in = Files.newInputStream(file)) {
      assertThat(FaceImage.read(in)).isEqualTo(expected);
    }
  }
}
