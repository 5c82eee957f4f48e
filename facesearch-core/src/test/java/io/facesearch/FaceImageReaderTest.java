package io.facesearch;

import static io.facesearch.TestImages.adobeSegment;
import static io.facesearch.TestImages.ascii;
import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.concat;
import static io.facesearch.TestImages.encode;
import static io.facesearch.TestImages.gradient;
import static io.facesearch.TestImages.insertSegments;
import static io.facesearch.TestImages.jpegSegment;
import static io.facesearch.TestImages.maxDifference;
import static io.facesearch.TestImages.pixels;
import static io.facesearch.TestImages.png;
import static io.facesearch.TestImages.pngChunk;
import static io.facesearch.TestImages.progressive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of file gives the right pixels. */
class FaceImageReaderTest {
  private static final int WHITE = 0xffffff;

  private static FaceImage read(byte[] encoded) {
    return FaceImageReader.DEFAULT.read(encoded, "test");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "bmp", "tiff"})
  void losslessFormatsGiveTheSamePixels(String format) {
    BufferedImage image = gradient(41, 23);
    assertThat(read(encode(image, format))).isEqualTo(FaceImage.of(image));
  }

  @Test
  void interlacedPngGivesTheSamePixels() {
    BufferedImage image = gradient(41, 23);
    assertThat(read(progressive(image, "png"))).isEqualTo(FaceImage.of(image));
  }

  @Test
  void gifGivesTheSamePixels() {
    BufferedImage image = TestImages.as(gradient(41, 23), BufferedImage.TYPE_BYTE_INDEXED);
    assertThat(read(encode(image, "gif"))).isEqualTo(FaceImage.of(image));
  }

  @Test
  void jpegIsClose() {
    BufferedImage image = gradient(123, 77);
    assertThat(maxDifference(read(encode(image, "jpeg")), FaceImage.of(image))).isLessThan(40);
    assertThat(maxDifference(read(TestImages.jpeg444(image)), FaceImage.of(image))).isLessThan(20);
  }

  @Test
  void progressiveJpegGivesThePixelsOfTheLastPass() {
    BufferedImage image = gradient(123, 77);
    // The same coefficients, so the same pixels.
    assertThat(read(progressive(image, "jpeg"))).isEqualTo(read(encode(image, "jpeg")));
  }

  @Test
  void grayJpegIsNotBrightened() {
    BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 256; i++) {
      image.getRaster().setSample(i % 16, i / 16, 0, 60);
    }
    assertThat(pixels(read(encode(image, "jpeg")))).containsOnly(0x3c3c3c);
    assertThat(pixels(read(progressive(image, "jpeg")))).containsOnly(0x3c3c3c);
  }

  @Test
  void jpegWithoutAnyMarkerIsYcc() {
    byte[] jpeg = TestImages.jpeg444(gradient(40, 30));
    byte[] bare = TestImages.withoutAppSegments(jpeg);
    assertThat(bare.length).isLessThan(jpeg.length);
    assertThat(read(bare)).isEqualTo(read(jpeg));
  }

  @Test
  void adobeMarkerSaysThatJpegIsRgb() {
    // A picture of one color; as YCbCr, its samples are 76, 85, 255.
    BufferedImage red = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 256; i++) {
      red.setRGB(i % 16, i / 16, 0xff0000);
    }
    byte[] bare = TestImages.withoutAppSegments(TestImages.jpeg444(red));
    FaceImage ycc = read(insertSegments(bare, adobeSegment(1)));
    FaceImage rgb = read(insertSegments(bare, adobeSegment(0)));
    assertThat(ycc.rgb(5, 5)).isEqualTo(read(bare).rgb(5, 5));
    assertThat(ycc.rgb(5, 5) >> 16).isGreaterThan(250);
    assertThat(rgb.rgb(5, 5) >> 16).isBetween(74, 78);
    assertThat(rgb.rgb(5, 5) & 0xff).isGreaterThan(250);
  }

  @Test
  void colorProfileOfJpegIsNotApplied() {
    byte[] jpeg = encode(gradient(40, 30), "jpeg");
    byte[] profile = ICC_Profile.getInstance(ColorSpace.CS_LINEAR_RGB).getData();
    byte[] segment = jpegSegment(0xe2, concat(ascii("ICC_PROFILE\0"), bytes(1, 1), profile));
    assertThat(read(insertSegments(jpeg, segment))).isEqualTo(read(jpeg));
  }

  @Test
  void restAndRubbishBehindJpegIsIgnored() {
    byte[] jpeg = encode(gradient(40, 30), "jpeg");
    assertThat(read(concat(jpeg, new byte[100]))).isEqualTo(read(jpeg));
    assertThat(read(concat(jpeg, encode(gradient(9, 9), "jpeg")))).isEqualTo(read(jpeg));
  }

  @Test
  void jpegThatLostOnlyItsEndMarkerIsRead() {
    byte[] jpeg = encode(gradient(40, 30), "jpeg");
    byte[] cut = Arrays.copyOf(jpeg, jpeg.length - 2);
    assertThat(read(cut)).isEqualTo(read(jpeg));
  }

  @Test
  void fillBytesAndRubbishBetweenSegmentsOfJpegAreSkipped() {
    byte[] jpeg = encode(gradient(40, 30), "jpeg");
    byte[] fill = bytes(0xff, 0xff, 0xff);
    byte[] rubbish = bytes(1, 2, 3);
    assertThat(read(insertSegments(jpeg, fill))).isEqualTo(read(jpeg));
    assertThat(read(insertSegments(jpeg, jpegSegment(0xfe, ascii("comment")), rubbish)))
        .isEqualTo(read(jpeg));
  }

  @Test
  void jpegWithQuantizationTableOf16BitsIsRead() {
    byte[] jpeg = encode(gradient(40, 30), "jpeg");
    int table = indexOf(jpeg, bytes(0xff, 0xdb));
    byte[] wide = new byte[129];
    wide[0] = (byte) (0x10 | jpeg[table + 4]);
    for (int i = 0; i < 64; i++) {
      wide[2 + 2 * i] = jpeg[table + 5 + i];
    }
    byte[] before = Arrays.copyOf(jpeg, table);
    byte[] after = Arrays.copyOfRange(jpeg, table + 69, jpeg.length);
    assertThat(jpeg[table + 3]).isEqualTo((byte) 67);
    assertThat(read(concat(before, jpegSegment(0xdb, wide), after))).isEqualTo(read(jpeg));
  }

  private static int indexOf(byte[] data, byte[] pattern) {
    for (int i = 0; i + pattern.length <= data.length; i++) {
      if (Arrays.equals(Arrays.copyOfRange(data, i, i + pattern.length), pattern)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }

  // Stored CMYK is inverted: 255 is no ink.
  @ParameterizedTest
  @CsvSource({
    "255, 255, 255, 255, ffffff", // no ink
    "0, 255, 255, 255, 00ffff", // cyan
    "255, 0, 255, 255, ff00ff", // magenta
    "255, 255, 0, 255, ffff00", // yellow
    "255, 255, 255, 0, 000000", // black
    "255, 255, 255, 100, 646464",
    "200, 100, 50, 255, c86432",
    "200, 100, 50, 128, 643219",
  })
  void cmykJpeg(int c, int m, int y, int k, String expected) {
    for (boolean progressive : new boolean[] {false, true}) {
      byte[] jpeg = TestImages.jpegOfFourBands(24, 17, new int[] {c, m, y, k}, progressive);
      FaceImage image = read(insertSegments(jpeg, adobeSegment(0)));
      assertThat(image.width()).isEqualTo(24);
      assertThat(image.height()).isEqualTo(17);
      assertClose(image, Integer.parseInt(expected, 16), 2);
      // Without the marker it is CMYK too.
      assertThat(read(jpeg)).isEqualTo(image);
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 100, 50, 255, c86432", "200, 100, 50, 128, 643219", "9, 250, 99, 255, 09fa63"})
  void ycckJpeg(int r, int g, int b, int k, String expected) {
    // YCCK holds the YCbCr of the complement of what CMYK holds.
    int luma = (int) Math.round(0.299 * (255 - r) + 0.587 * (255 - g) + 0.114 * (255 - b));
    int blue = (int) Math.round(128 + 0.564 * (255 - b - luma));
    int red = (int) Math.round(128 + 0.713 * (255 - r - luma));
    byte[] jpeg = TestImages.jpegOfFourBands(24, 17, new int[] {luma, blue, red, k}, false);
    FaceImage image = read(insertSegments(jpeg, adobeSegment(2)));
    assertClose(image, Integer.parseInt(expected, 16), 4);
  }

  private static void assertClose(FaceImage image, int rgb, int tolerance) {
    for (int pixel : pixels(image)) {
      for (int shift = 0; shift <= 16; shift += 8) {
        assertThat(pixel >> shift & 0xff)
            .as("pixel %06x, expected %06x", pixel, rgb)
            .isCloseTo(rgb >> shift & 0xff, within(tolerance));
      }
    }
  }

  @Test
  void grayPngOfEveryDepth() {
    byte[][] one = {bytes(0b01000000)};
    assertThat(pixels(read(png(2, 1, 0, one)))).containsExactly(0, WHITE);
    byte[][] two = {bytes(0b00011011)};
    assertThat(pixels(read(png(4, 2, 0, two)))).containsExactly(0, 0x555555, 0xaaaaaa, WHITE);
    byte[][] four = {bytes(0x0f, 0x30)};
    assertThat(pixels(read(png(3, 4, 0, four)))).containsExactly(0, WHITE, 0x333333);
    byte[][] eight = {bytes(0, 60, 255)};
    assertThat(pixels(read(png(3, 8, 0, eight)))).containsExactly(0, 0x3c3c3c, WHITE);
    byte[][] sixteen = {bytes(0, 0, 60, 60, 255, 255, 60, 255)};
    assertThat(pixels(read(png(4, 16, 0, sixteen)))).containsExactly(0, 0x3c3c3c, WHITE, 0x3d3d3d);
  }

  @Test
  void rgbPngOf16Bits() {
    byte[][] rows = {bytes(10, 10, 20, 20, 30, 30), bytes(255, 255, 0, 0, 128, 0)};
    assertThat(pixels(read(png(1, 16, 2, rows)))).containsExactly(0x0a141e, 0xff0080);
  }

  @Test
  void alphaIsLaidOnWhite() {
    byte[][] rgba = {bytes(10, 20, 30, 255, 10, 20, 30, 0, 0, 100, 200, 128)};
    assertThat(pixels(read(png(3, 8, 6, rgba)))).containsExactly(0x0a141e, WHITE, 0x7fb1e3);
    byte[][] rgba16 = {bytes(0, 0, 100, 100, 200, 200, 128, 128)};
    assertThat(pixels(read(png(1, 16, 6, rgba16)))).containsExactly(0x7fb1e3);
    byte[][] gray = {bytes(60, 255, 60, 0, 0, 128)};
    assertThat(pixels(read(png(3, 8, 4, gray)))).containsExactly(0x3c3c3c, WHITE, 0x7f7f7f);
    byte[][] gray16 = {bytes(60, 60, 255, 255)};
    assertThat(pixels(read(png(1, 16, 4, gray16)))).containsExactly(0x3c3c3c);
  }

  @Test
  void paletteOfPngWithTransparency() {
    byte[] palette = pngChunk("PLTE", bytes(255, 0, 0, 0, 255, 0, 1, 2, 3));
    byte[] alpha = pngChunk("tRNS", bytes(255, 0));
    byte[][] rows = {bytes(0, 1, 2)};
    assertThat(pixels(read(png(3, 8, 3, rows, palette, alpha))))
        .containsExactly(0xff0000, WHITE, 0x010203);
    assertThat(pixels(read(png(3, 8, 3, rows, palette))))
        .containsExactly(0xff0000, 0x00ff00, 0x010203);
  }

  @Test
  void transparentColorOfPng() {
    byte[] transparent = pngChunk("tRNS", bytes(0, 10, 0, 20, 0, 30));
    byte[][] rows = {bytes(10, 20, 30, 10, 20, 31)};
    assertThat(pixels(read(png(2, 8, 2, rows, transparent)))).containsExactly(WHITE, 0x0a141f);
  }

  @Test
  void pngWithoutEndIsRead() {
    byte[] png = encode(gradient(20, 10), "png");
    assertThat(read(Arrays.copyOf(png, png.length - 12))).isEqualTo(read(png));
  }

  @Test
  void imageOfOnePixel() {
    BufferedImage pixel = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    pixel.setRGB(0, 0, 0x808080);
    for (String format : List.of("png", "bmp", "jpeg", "tiff")) {
      assertThat(pixels(read(encode(pixel, format)))).as(format).containsExactly(0x808080);
    }
    assertThat(pixels(read(progressive(pixel, "jpeg")))).containsExactly(0x808080);
    assertThat(read(encode(TestImages.as(pixel, BufferedImage.TYPE_BYTE_INDEXED), "gif")).width())
        .isEqualTo(1);
  }

  @Test
  void manyThreadsGetTheSamePixelsAsOne() throws Exception {
    List<byte[]> files =
        List.of(
            encode(gradient(200, 150), "jpeg"),
            progressive(gradient(90, 120), "jpeg"),
            TestImages.withExif(encode(gradient(70, 30), "jpeg"), 6),
            insertSegments(
                TestImages.jpegOfFourBands(50, 40, new int[] {9, 99, 199, 255}, false),
                adobeSegment(2)),
            encode(gradient(60, 50), "png"),
            encode(gradient(60, 50), "bmp"));
    List<FaceImage> expected = new ArrayList<>();
    files.forEach(file -> expected.add(read(file)));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<FaceImage>> tasks = new ArrayList<>();
      for (int i = 0; i < 50 * files.size(); i++) {
        byte[] file = files.get(i % files.size());
        tasks.add(() -> read(file));
      }
      List<Future<FaceImage>> results = threads.invokeAll(tasks);
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(expected.get(i % files.size()));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void bytesOfTheCallerStayAsTheyAre() {
    byte[] jpeg = TestImages.withExif(encode(gradient(20, 10), "jpeg"), 3);
    byte[] copy = jpeg.clone();
    read(jpeg);
    assertThat(jpeg).isEqualTo(copy);
  }

  @Test
  void aFolderIsNamedInTheMessage(@TempDir Path folder) {
    assertThatThrownBy(() -> FaceImage.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessage(folder + ": is a folder, not a photo; name a photo in it");
  }
}
