package io.facesearch;

import static io.facesearch.TestImages.ascii;
import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.concat;
import static io.facesearch.TestImages.deflate;
import static io.facesearch.TestImages.encode;
import static io.facesearch.TestImages.exifSegment;
import static io.facesearch.TestImages.gradient;
import static io.facesearch.TestImages.insertChunks;
import static io.facesearch.TestImages.insertSegments;
import static io.facesearch.TestImages.jpegSegment;
import static io.facesearch.TestImages.pixels;
import static io.facesearch.TestImages.pngChunk;
import static io.facesearch.TestImages.pngOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken and hostile files: an image or an ImageFormatException, soon, and nothing else. */
@Timeout(300)
class FaceImageReaderHostileTest {
  private static final BufferedImage PICTURE = gradient(37, 29);

  private static final List<byte[]> FILES = TestImages.oneOfEachKind();

  static List<byte[]> files() {
    return FILES;
  }

  private static FaceImage read(byte[] encoded) {
    return FaceImageReader.DEFAULT.read(encoded, "evil.jpg");
  }

  private static void assertRefused(byte[] encoded, String message) {
    assertThatThrownBy(() -> read(encoded))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageStartingWith("evil.jpg ")
        .hasMessageContaining(message);
  }

  @Test
  void whatIsNoImage() {
    assertRefused(new byte[0], "is empty");
    assertRefused(new byte[1], "is not an image");
    assertRefused(new byte[100_000], "is not an image");
    assertRefused(ascii("<html><body>404 Not Found</body></html>"), "is not an image");
    assertRefused(ascii("RIFF....WEBPVP8 "), "is truncated");
    assertRefused(ascii("II*\0"), "");
    assertRefused(ascii("BM"), "");
    assertRefused(ascii("GIF89a"), "");
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    assertRefused(noise, "");
    assertRefused(concat(bytes(0xff, 0xd8, 0xff), noise), "");
  }

  @ParameterizedTest
  @MethodSource("files")
  void truncatedFileIsRefusedOrWhole(byte[] file) {
    FaceImage whole = read(file);
    int step = Math.max(1, file.length / 400);
    int refused = 0;
    int cuts = 0;
    for (int length = 0; length < file.length; length += step, cuts++) {
      try {
        assertThat(read(Arrays.copyOf(file, length))).as("%s bytes", length).isEqualTo(whole);
      } catch (ImageFormatException e) {
        assertThat(e).hasMessageStartingWith("evil.jpg ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(cuts * 8 / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5})
  void jpegThatLacksDataBeforeItsEndIsRefused(int index) {
    byte[] jpeg = FILES.get(index);
    byte[] end = bytes(0xff, 0xd9);
    byte[] half = Arrays.copyOf(jpeg, jpeg.length - jpeg.length / 5);
    assertThatThrownBy(() -> read(concat(half, end))).isInstanceOf(ImageFormatException.class);
    // The rest never arrived, but its place was kept.
    assertThatThrownBy(() -> read(Arrays.copyOf(half, jpeg.length + 5000)))
        .isInstanceOf(ImageFormatException.class);
  }

  @Test
  void smallPngThatClaimsToBeLarge() {
    byte[] data = pngChunk("IDAT", deflate(new byte[100_000]));
    byte[] end = pngChunk("IEND", new byte[0]);
    // Within the default limit of pixels, but not within what the data can hold.
    assertRefused(pngOf(TestImages.header(9000, 9000, 8, 2), data, end), "cannot hold them");
    assertRefused(pngOf(TestImages.header(20_000, 20_000, 8, 6), data, end), "");
    assertRefused(pngOf(TestImages.header(-1, -1, 16, 6), data, end), "");
    assertRefused(pngOf(TestImages.header(0, 10, 8, 2), data, end), "");
    assertRefused(pngOf(TestImages.header(10, 0, 8, 2), data, end), "");
    byte[] bomb = pngChunk("IDAT", deflate(new byte[60_000_000]));
    assertRefused(
        pngOf(TestImages.header(20_000, 20_000, 1, 0), bomb, end),
        "is too large: expected at most 100000000 pixels, but it has 20000x20000 = 400000000");
  }

  @Test
  void smallJpegThatClaimsToBeLarge() {
    byte[] jpeg = encode(PICTURE, "jpeg").clone();
    int frame = frameOf(jpeg);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 9000).putShort(frame + 7, (short) 9000);
    assertRefused(jpeg, "cannot hold them");
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 0);
    assertRefused(jpeg, "");
    ByteBuffer.wrap(jpeg).putInt(frame + 5, -1);
    assertRefused(concat(jpeg, new byte[10_000_000]), "65535x65535");
  }

  private static int frameOf(byte[] jpeg) {
    int at = 2;
    while ((jpeg[at + 1] & 0xff) != 0xc0 && (jpeg[at + 1] & 0xff) != 0xc2) {
      at += 2 + ((jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff));
    }
    return at;
  }

  @Test
  void metadataAreNotInflated() {
    // 200 MB each, were they inflated.
    byte[] zeros = deflate(new byte[200_000_000]);
    byte[][] bombs = {
      pngChunk("zTXt", concat(ascii("Title\0\0"), zeros)),
      pngChunk("iTXt", concat(ascii("Title\0\1\0\0\0"), zeros)),
      pngChunk("iCCP", concat(ascii("sRGB\0\0"), zeros)),
      pngChunk("zTXt", concat(ascii("Comment\0\0"), zeros)),
      pngChunk("unKn", zeros),
    };
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_INDEXED}) {
      byte[] png = encode(TestImages.as(PICTURE, type), "png");
      Duration start = TestImages.processorTime();
      assertThat(read(insertChunks(png, bombs))).isEqualTo(read(png));
      assertThat(TestImages.processorTime().minus(start)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void brokenMetadataOfPngDoNotMatter() {
    byte[] png = encode(TestImages.as(PICTURE, BufferedImage.TYPE_BYTE_INDEXED), "png");
    byte[] wrongCrc = pngChunk("tEXt", ascii("a\0b"));
    wrongCrc[wrongCrc.length - 1]++;
    byte[][] broken = {
      wrongCrc,
      pngChunk("iCCP", new byte[0]),
      pngChunk("iTXt", new byte[1]),
      pngChunk("gAMA", new byte[0]),
      pngChunk("hIST", new byte[3]),
      pngChunk("pHYs", new byte[2]),
      pngChunk("tIME", new byte[1]),
    };
    assertThat(read(insertChunks(png, broken))).isEqualTo(read(png));
  }

  @Test
  void damagedPngIsRefused() {
    byte[] png = encode(PICTURE, "png");
    byte[] damaged = png.clone();
    damaged[png.length - 30] ^= 4;
    assertRefused(damaged, "check sum");
    assertRefused(insertChunks(png, TestImages.header(37, 29, 8, 2)), "header (IHDR)");
    assertRefused(pngOf(pngChunk("IDAT", new byte[5])), "header (IHDR)");
    assertRefused(pngOf(TestImages.header(5, 5, 8, 2)), "before any image data");
    assertRefused(pngOf(), "before any image data");
    byte[] endless = pngChunk("tEXt", new byte[4]);
    ByteBuffer.wrap(endless).putInt(0, 0x7fffffff);
    assertRefused(insertChunks(png, endless), "truncated");
    ByteBuffer.wrap(endless).putInt(0, -4);
    assertRefused(insertChunks(png, endless), "truncated");
  }

  @Test
  void pngWhoseDataAreShortIsRefused() {
    byte[] end = pngChunk("IEND", new byte[0]);
    byte[] header = TestImages.header(37, 29, 8, 2);
    assertRefused(pngOf(header, pngChunk("IDAT", deflate(new byte[500])), end), "");
    byte[] whole = deflate(new byte[112 * 29]);
    assertThat(pixels(read(pngOf(header, pngChunk("IDAT", whole), end)))).containsOnly(0);
    byte[] half = Arrays.copyOf(whole, whole.length / 2);
    assertRefused(pngOf(header, pngChunk("IDAT", half), end), "");
  }

  @Test
  void jpegOfThousandsOfScansIsRefused() {
    byte[] jpeg = TestImages.progressive(PICTURE, "jpeg");
    int second = indexOfScan(jpeg, indexOfScan(jpeg, 0) + 2);
    // One code: 16,384 blocks without this coefficient.
    byte[] counts = new byte[16];
    counts[0] = 1;
    byte[] table = jpegSegment(0xc4, concat(bytes(0x10), counts, bytes(0xe0)));
    List<byte[]> parts = new java.util.ArrayList<>();
    parts.add(Arrays.copyOf(jpeg, second));
    parts.add(table);
    for (int k = 1; k < 64; k++) {
      for (int low = 13; low >= 0; low--) {
        int approximation = (low == 13 ? 0 : low + 1) << 4 | low;
        parts.add(jpegSegment(0xda, bytes(1, 1, 0, k, k, approximation)));
        parts.add(bytes(0, 1));
      }
    }
    parts.add(bytes(0xff, 0xd9));
    assertRefused(concat(parts.toArray(new byte[0][])), "it has 65 scans or more");
  }

  private static int indexOfScan(byte[] jpeg, int from) {
    int at = from;
    while (jpeg[at] != (byte) 0xff || (jpeg[at + 1] & 0xff) != 0xda) {
      at++;
    }
    return at;
  }

  @Test
  void manyMetadataOfJpegAreSkippedQuickly() {
    byte[][] segments = new byte[3000][];
    Arrays.fill(segments, jpegSegment(0xe2, concat(ascii("ICC_PROFILE\0"), new byte[20_000])));
    byte[] jpeg = encode(PICTURE, "jpeg");
    byte[] large = insertSegments(jpeg, segments);
    Duration start = TestImages.processorTime();
    assertThat(read(large)).isEqualTo(read(jpeg));
    assertThat(TestImages.processorTime().minus(start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void faultyHeadersOfJpeg() {
    byte[] jpeg = encode(PICTURE, "jpeg");
    int frame = frameOf(jpeg);
    byte[] twoFrames = Arrays.copyOfRange(jpeg, frame, frame + 19);
    assertRefused(insertSegments(jpeg, twoFrames), "two frame headers");
    byte[] sampling = jpeg.clone();
    sampling[frame + 11] = 0x07;
    assertRefused(sampling, "sampling factors");
    byte[] components = jpeg.clone();
    components[frame + 9] = 9;
    assertRefused(components, "components");
    assertRefused(bytes(0xff, 0xd8, 0xff, 0xd9), "before any image data");
    assertRefused(bytes(0xff, 0xd8, 0xff), "before any image data");
    assertRefused(bytes(0xff, 0xd8, 0xff, 0xe0, 0, 1), "truncated");
    assertRefused(bytes(0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0, 0), "no frame header");
    assertRefused(insertSegments(jpeg, exifSegment(new byte[0]), bytes(0xff, 0xe1, 0, 0)), "");
  }

  @Test
  void bmpThatTakesMemoryBeforeItIsChecked() {
    byte[] bmp = encode(PICTURE, "bmp");
    ByteBuffer png = ByteBuffer.wrap(bmp.clone()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    png.putInt(30, 5);
    assertRefused(png.array(), "PNG within BMP");
    ByteBuffer palette = ByteBuffer.wrap(bmp.clone()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    palette.putInt(10, 0x7fffffff);
    assertRefused(palette.array(), "beyond the file");
  }

  /** An ImageIO plug-in of the user. */
  private static final class Plugin extends ImageReaderSpi {
    private static final byte[] MAGIC = ascii("PLUGIN");
    private final Supplier<BufferedImage> decoder;

    Plugin(Supplier<BufferedImage> decoder) {
      this.decoder = decoder;
      inputTypes = new Class<?>[] {ImageInputStream.class};
      names = new String[] {"plugin"};
    }

    @Override
    public boolean canDecodeInput(Object source) throws java.io.IOException {
      ImageInputStream in = (ImageInputStream) source;
      byte[] start = new byte[MAGIC.length];
      in.mark();
      in.readFully(start);
      in.reset();
      return Arrays.equals(start, MAGIC);
    }

    @Override
    public String getDescription(Locale locale) {
      return "test";
    }

    @Override
    public ImageReader createReaderInstance(Object extension) {
      return new ImageReader(this) {
        @Override
        public int getNumImages(boolean allowSearch) {
          return 1;
        }

        @Override
        public int getWidth(int index) {
          return 3;
        }

        @Override
        public int getHeight(int index) {
          return 2;
        }

        @Override
        public java.util.Iterator<ImageTypeSpecifier> getImageTypes(int index) {
          return List.of(ImageTypeSpecifier.createFromBufferedImageType(BufferedImage.TYPE_INT_RGB))
              .iterator();
        }

        @Override
        public IIOMetadata getStreamMetadata() {
          return null;
        }

        @Override
        public IIOMetadata getImageMetadata(int index) {
          return null;
        }

        @Override
        public BufferedImage read(int index, ImageReadParam param) {
          return decoder.get();
        }
      };
    }
  }

  private static void withPlugin(Supplier<BufferedImage> decoder, Runnable test) {
    Plugin plugin = new Plugin(decoder);
    IIORegistry registry = IIORegistry.getDefaultInstance();
    registry.registerServiceProvider(plugin);
    try {
      test.run();
    } finally {
      registry.deregisterServiceProvider(plugin);
    }
  }

  @Test
  void pluginOfTheUserWorks() {
    BufferedImage image = gradient(3, 2);
    withPlugin(() -> image, () -> assertThat(read(Plugin.MAGIC)).isEqualTo(FaceImage.of(image)));
  }

  @Test
  void failuresOfCodecsAreMapped() {
    List<Throwable> failures =
        List.of(
            new ArrayIndexOutOfBoundsException("x"),
            new NullPointerException(),
            new IllegalArgumentException("x"),
            new StackOverflowError(),
            new InternalError("x"),
            new NegativeArraySizeException("x"));
    for (Throwable failure : failures) {
      withPlugin(
          () -> doThrow(failure),
          () ->
              assertThatThrownBy(() -> read(Plugin.MAGIC))
                  .isInstanceOf(ImageFormatException.class)
                  .hasMessage(
                      "evil.jpg is not a readable image: its decoder failed; it is probably"
                          + " truncated or damaged")
                  .hasCause(failure));
    }
  }

  @Test
  void outOfMemoryIsNotABrokenImage() {
    List<Throwable> failures =
        List.of(
            new OutOfMemoryError("test"),
            new IllegalStateException(new OutOfMemoryError("test")),
            new java.io.UncheckedIOException(
                new javax.imageio.IIOException("x", new OutOfMemoryError("test"))));
    for (Throwable failure : failures) {
      withPlugin(
          () -> doThrow(failure),
          () ->
              assertThatThrownBy(() -> read(Plugin.MAGIC))
                  .isInstanceOf(InsufficientMemoryException.class)
                  .isNotInstanceOf(ImageFormatException.class)
                  .hasMessageStartingWith("evil.jpg cannot be read: there is not enough heap")
                  .hasMessageContaining("raise -Xmx"));
    }
  }

  @Test
  void otherErrorsPass() {
    Error failure = new AssertionError("x");
    withPlugin(
        () -> doThrow(failure),
        () -> assertThatThrownBy(() -> read(Plugin.MAGIC)).isSameAs(failure));
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <E extends Throwable> BufferedImage doThrow(Throwable failure) throws E {
    throw (E) failure;
  }
}
