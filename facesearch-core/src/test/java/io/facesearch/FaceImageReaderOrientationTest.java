package io.facesearch;

import static io.facesearch.TestImages.ascii;
import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.concat;
import static io.facesearch.TestImages.encode;
import static io.facesearch.TestImages.exif;
import static io.facesearch.TestImages.exifSegment;
import static io.facesearch.TestImages.gradient;
import static io.facesearch.TestImages.insertChunks;
import static io.facesearch.TestImages.insertSegments;
import static io.facesearch.TestImages.jpegSegment;
import static io.facesearch.TestImages.pixels;
import static io.facesearch.TestImages.pngChunk;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.internal.image.EncodedImage;
import io.facesearch.internal.image.ExifOrientation;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import io.facesearch.testing.Size;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** EXIF orientation. */
class FaceImageReaderOrientationTest {
  private static FaceImage read(byte[] encoded) {
    return FaceImageReader.DEFAULT.read(encoded, "test");
  }

  /** What EXIF says of each orientation, from the upright image's point of view. */
  private static FaceImage oracle(FaceImage stored, int orientation) {
    int w = stored.width();
    int h = stored.height();
    int width = orientation < 5 ? w : h;
    int height = orientation < 5 ? h : w;
    byte[] rgb = new byte[3 * width * height];
    for (int v = 0; v < height; v++) {
      for (int u = 0; u < width; u++) {
        int pixel =
            switch (orientation) {
              case 1 -> stored.rgb(u, v);
              case 2 -> stored.rgb(w - 1 - u, v);
              case 3 -> stored.rgb(w - 1 - u, h - 1 - v);
              case 4 -> stored.rgb(u, h - 1 - v);
              case 5 -> stored.rgb(v, u);
              case 6 -> stored.rgb(v, h - 1 - u);
              case 7 -> stored.rgb(w - 1 - v, h - 1 - u);
              case 8 -> stored.rgb(w - 1 - v, u);
              default -> throw new AssertionError(orientation);
            };
        int i = 3 * (v * width + u);
        rgb[i] = (byte) (pixel >> 16);
        rgb[i + 1] = (byte) (pixel >> 8);
        rgb[i + 2] = (byte) pixel;
      }
    }
    return FaceImage.ofRgb(width, height, rgb);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void jpeg(int orientation) {
    for (byte[] jpeg :
        new byte[][] {
          encode(gradient(45, 31), "jpeg"),
          TestImages.progressive(gradient(45, 31), "jpeg"),
          encode(
              TestImages.as(gradient(45, 31), java.awt.image.BufferedImage.TYPE_BYTE_GRAY), "jpeg"),
          TestImages.jpegOfFourBands(45, 31, new int[] {255, 200, 100, 200}, false)
        }) {
      FaceImage expected = oracle(read(jpeg), orientation);
      for (boolean little : new boolean[] {false, true}) {
        byte[] turned = insertSegments(jpeg, exifSegment(exif(orientation, little)));
        assertThat(read(turned)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void png(int orientation) {
    byte[] png = encode(gradient(45, 31), "png");
    FaceImage expected = oracle(read(png), orientation);
    byte[] chunk = pngChunk("eXIf", exif(orientation, true));
    assertThat(read(insertChunks(png, chunk))).isEqualTo(expected);
    // It may also stand behind the image data.
    byte[] front = Arrays.copyOf(png, png.length - 12);
    byte[] end = Arrays.copyOfRange(png, png.length - 12, png.length);
    assertThat(read(concat(front, chunk, end))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 6})
  void tiff(int orientation) {
    FaceImage expected = oracle(FaceImage.of(gradient(45, 31)), orientation);
    assertThat(read(TestImages.tiff(gradient(45, 31), orientation))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 0", "2, 1, 0", "3, 1, 1", "4, 0, 1", "5, 0, 0", "6, 1, 0", "7, 1, 1", "8, 0, 1"
  })
  void storedTopLeftGoesWhereTheTagSays(int orientation, int right, int bottom) {
    byte[][] rows = {bytes(255, 0, 0), bytes(0, 0, 0)};
    byte[] png = TestImages.png(3, 8, 0, rows, pngChunk("eXIf", exif(orientation, false)));
    FaceImage image = read(png);
    assertThat(image.width()).isEqualTo(orientation < 5 ? 3 : 2);
    assertThat(image.rgb(right * (image.width() - 1), bottom * (image.height() - 1)))
        .isEqualTo(0xffffff);
    assertThat(pixels(image)).containsOnlyOnce(0xffffff);
  }

  @Test
  void firstExifSegmentCounts() {
    byte[] jpeg = encode(gradient(45, 31), "jpeg");
    byte[] both = insertSegments(jpeg, exifSegment(exif(6, true)), exifSegment(exif(3, true)));
    assertThat(read(both)).isEqualTo(oracle(read(jpeg), 6));
    byte[] xmp = jpegSegment(0xe1, ascii("http://ns.adobe.com/xap/1.0/\0<x/>"));
    assertThat(read(insertSegments(jpeg, xmp, exifSegment(exif(6, true)))))
        .isEqualTo(oracle(read(jpeg), 6));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 255, 65535})
  void orientationOutOfRangeIsUpright(int orientation) {
    byte[] jpeg = encode(gradient(45, 31), "jpeg");
    assertThat(read(TestImages.withExif(jpeg, orientation))).isEqualTo(read(jpeg));
  }

  @Test
  void brokenExifIsUpright() {
    byte[] jpeg = encode(gradient(45, 31), "jpeg");
    byte[] png = encode(gradient(45, 31), "png");
    byte[] exif = exif(6, true);
    for (int length = 0; length < 32; length++) {
      byte[] cut = Arrays.copyOf(exif, length);
      assertThat(read(insertSegments(jpeg, exifSegment(cut)))).isEqualTo(read(jpeg));
      assertThat(read(insertChunks(png, pngChunk("eXIf", cut)))).isEqualTo(read(png));
    }
    for (int offset : new int[] {0x7fffffff, -1, 1000, 3}) {
      byte[] away = exif.clone();
      for (int i = 0; i < 4; i++) {
        away[4 + i] = (byte) (offset >> (8 * i));
      }
      assertThat(read(insertSegments(jpeg, exifSegment(away)))).isEqualTo(read(jpeg));
    }
    assertThat(read(insertSegments(jpeg, jpegSegment(0xe1, ascii("Exif\0")))))
        .isEqualTo(read(jpeg));
    assertThat(read(insertSegments(jpeg, jpegSegment(0xe1, new byte[0])))).isEqualTo(read(jpeg));
  }

  @Test
  void orientationAsLongOrByte() {
    byte[] asLong = exif(0, true);
    int tag = 10 + 12;
    asLong[tag + 2] = 4;
    asLong[tag + 8] = 8;
    assertThat(ExifOrientation.find(asLong, 0, asLong.length)).isEqualTo(8);
    byte[] asByte = exif(0, false);
    asByte[tag + 3] = 1;
    asByte[tag + 8] = 7;
    assertThat(ExifOrientation.find(asByte, 0, asByte.length)).isEqualTo(7);
  }

  @Test
  void exifOfWebp() {
    byte[] exif = exif(5, true);
    byte[] head = concat(ascii("RIFF"), bytes(0, 0, 0, 0), ascii("WEBPVP8X"), bytes(1, 0, 0, 0));
    byte[] file = concat(head, bytes(0, 0), ascii("EXIF"), bytes(exif.length, 0, 0, 0), exif);
    assertThat(orientationOf(file)).isEqualTo(5);
    byte[] named = concat(ascii("Exif\0\0"), exif);
    file = concat(head, bytes(0, 0), ascii("EXIF"), bytes(named.length, 0, 0, 0), named);
    assertThat(orientationOf(file)).isEqualTo(5);
    assertThat(orientationOf(concat(head, bytes(0, 0)))).isEqualTo(1);
  }

  private static int orientationOf(byte[] file) {
    try {
      return EncodedImage.inspect(file).orientation;
    } catch (javax.imageio.IIOException e) {
      throw new AssertionError(e);
    }
  }

  @Property(tries = 2000)
  void anyBytesGiveAnOrientation(
      @ForAll @Size(max = 80) byte[] data, @ForAll @IntRange(max = 4) int kind) {
    byte[] exif = concat(kind == 0 ? new byte[0] : exif(6, kind % 2 == 0), data);
    byte[] mixed = exif.clone();
    for (int i = 0; i < data.length && kind > 2; i++) {
      mixed[(data[i] & 0xff) % mixed.length] ^= (byte) (1 << (i & 7));
    }
    assertThat(ExifOrientation.find(mixed, 0, mixed.length)).isBetween(1, 8);
  }
}
