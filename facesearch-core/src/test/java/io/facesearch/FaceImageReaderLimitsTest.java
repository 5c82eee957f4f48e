package io.facesearch;

import static io.facesearch.TestImages.encode;
import static io.facesearch.TestImages.gradient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits, and the ways in. */
class FaceImageReaderLimitsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 715_827_880, Long.MAX_VALUE, Long.MIN_VALUE})
  void maxPixelsOutOfRange(long pixels) {
    assertThatThrownBy(() -> FaceImageReader.builder().maxPixels(pixels))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxPixels must be between 1 and 715827879, but is: " + pixels);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 2_147_482_624, Long.MAX_VALUE})
  void maxBytesOutOfRange(long bytes) {
    assertThatThrownBy(() -> FaceImageReader.builder().maxBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maxBytes must be between 1 and 2147482623, but is: " + bytes);
  }

  @Test
  void wholeRangeIsAccepted() {
    byte[] png = encode(gradient(1, 1), "png");
    FaceImageReader largest =
        FaceImageReader.builder().maxPixels(715_827_879).maxBytes(2_147_482_623).build();
    assertThat(largest.read(png, "x").width()).isEqualTo(1);
    FaceImageReader smallest = FaceImageReader.builder().maxPixels(1).maxBytes(1).build();
    assertThatThrownBy(() -> smallest.read(png, "x")).isInstanceOf(ImageFormatException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpeg", "png", "bmp", "tiff"})
  void maxPixelsIsAnInclusiveLimit(String format) {
    byte[] encoded = encode(gradient(20, 10), format);
    FaceImageReader exact = FaceImageReader.builder().maxPixels(200).build();
    assertThat(exact.read(encoded, "a." + format).width()).isEqualTo(20);
    FaceImageReader less = FaceImageReader.builder().maxPixels(199).build();
    assertThatThrownBy(() -> less.read(encoded, "a." + format))
        .isInstanceOf(ImageFormatException.class)
        .hasMessage(
            "a."
                + format
                + " is too large: expected at most 199 pixels, but it has 20x10 = 200; scale it "
                + "down, or raise maxPixels of FaceImageReader.builder()");
  }

  @Test
  void maxBytesIsAnInclusiveLimit() throws IOException {
    byte[] png = encode(gradient(20, 10), "png");
    Path file = Files.write(directory.resolve("a.png"), png);
    FaceImageReader exact = FaceImageReader.builder().maxBytes(png.length).build();
    FaceImage expected = FaceImage.read(png);
    assertThat(exact.read(png, "x")).isEqualTo(expected);
    assertThat(exact.read(file)).isEqualTo(expected);
    assertThat(exact.read(new ByteArrayInputStream(png), "x")).isEqualTo(expected);
    FaceImageReader less = FaceImageReader.builder().maxBytes(png.length - 1).build();
    assertThatThrownBy(() -> less.read(png, "x"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("x is too large: expected at most " + (png.length - 1) + " bytes");
    assertThatThrownBy(() -> less.read(file))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageStartingWith(file + " is too large");
    assertThatThrownBy(() -> less.read(new ByteArrayInputStream(png), "x"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageStartingWith("x is too large");
  }

  @Test
  void largeFileIsRefusedBeforeItIsRead() throws IOException {
    Path file = directory.resolve("large.jpg");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> FaceImage.read(file))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining("at most 268435456 bytes, but it has 1099511627776");
  }

  @Test
  void endlessStreamIsReadNoFurtherThanTheLimit() {
    AtomicLong read = new AtomicLong();
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            read.incrementAndGet();
            return 0;
          }

          @Override
          public int read(byte[] target, int offset, int length) {
            read.addAndGet(length);
            return length;
          }
        };
    FaceImageReader reader = FaceImageReader.builder().maxBytes(5000).build();
    assertThatThrownBy(() -> reader.read(endless, "endless"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageStartingWith("endless is too large");
    assertThat(read).hasValue(5001);
  }

  @Test
  void failureOfTheStreamIsPassedOn() {
    IOException failure = new IOException("disk on fire");
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw failure;
          }

          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw failure;
          }
        };
    assertThatThrownBy(() -> FaceImage.read(broken)).isSameAs(failure);
  }

  @Test
  void streamIsLeftOpen() throws IOException {
    AtomicBoolean closed = new AtomicBoolean();
    InputStream stream =
        new ByteArrayInputStream(encode(gradient(5, 5), "png")) {
          @Override
          public void close() {
            closed.set(true);
          }
        };
    assertThat(FaceImage.read(stream).width()).isEqualTo(5);
    assertThat(closed).isFalse();
  }

  @Test
  void fileThatIsNotThere() {
    Path file = directory.resolve("none.jpg");
    assertThatThrownBy(() -> FaceImage.read(file)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> FaceImage.read(directory)).isInstanceOf(IOException.class);
  }

  @Test
  void nullIsRefusedAtOnce() {
    byte[] png = encode(gradient(5, 5), "png");
    FaceImageReader reader = FaceImageReader.DEFAULT;
    assertThatThrownBy(() -> reader.read(png, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> reader.read((byte[]) null, "x"))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> reader.read((Path) null)).isInstanceOf(NullPointerException.class);
  }
}
