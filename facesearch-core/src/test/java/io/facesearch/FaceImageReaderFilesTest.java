package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of other programs give the pixels that other programs see. */
class FaceImageReaderFilesTest {
  private static final Path FOLDER = Path.of("src/test/resources/images");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> Files.exists(expected(file)))
          .sorted()
          .map(FOLDER::relativize)
          .toList();
    }
  }

  private static Path expected(Path file) {
    return file.resolveSibling(file.getFileName() + ".expected.png");
  }

  @ParameterizedTest
  @MethodSource("files")
  void pixelsAreThoseOfOtherDecoders(Path name) throws IOException {
    Path file = FOLDER.resolve(name);
    FaceImage image = FaceImage.read(file);
    // Read by the JDK alone: plain RGB or gray.
    BufferedImage expected = ImageIO.read(expected(file).toFile());
    assertThat(image.width()).isEqualTo(expected.getWidth());
    assertThat(image.height()).isEqualTo(expected.getHeight());
    boolean gray = expected.getRaster().getNumBands() == 1;
    long error = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        for (int c = 0; c < 3; c++) {
          int actual = image.rgb(x, y) >> (16 - 8 * c) & 0xff;
          error += Math.abs(actual - expected.getRaster().getSample(x, y, gray ? 0 : c));
        }
      }
    }
    double mean = error / (3.0 * image.width() * image.height());
    String path = name.toString();
    // JPEG: the same integers as libjpeg-turbo. Lossy WebP: the plug-in scales colors otherwise.
    boolean lossy =
        Stream.of("webp-green", "webp-anim-anim", "webp-lossy", "webp-alpha")
            .anyMatch(path::contains);
    assertThat(mean).isLessThanOrEqualTo(lossy ? 1.0 : 0);
  }

  @Test
  void thereAreFilesOfAllKinds() throws IOException {
    assertThat(files()).hasSizeGreaterThan(60);
    assertThat(files().stream().filter(file -> file.startsWith("cases"))).hasSize(19);
  }

  @ParameterizedTest
  @CsvSource({
    "refused-arithmetic.jpg, an arithmetic-coded JPEG",
    "refused-avif.avif, AVIF: convert it to JPEG",
    "refused-zstd.tif, compressed by method 50000 of TIFF",
  })
  void unsupportedKindIsNamed(String file, String message) {
    assertThatThrownBy(() -> FaceImage.read(FOLDER.resolve("kinds").resolve(file)))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "'\0\0\0\u0018ftypheic\0\0\0\0mif1heic', HEIC or AVIF: convert it to JPEG",
    "'\0\0\0\u0018ftypmif1\0\0\0\0mif1heic', HEIC or AVIF: convert it to JPEG",
    "'\0\0\0\u0018ftypavis\0\0\0\0avismif1', AVIF: convert it to JPEG",
    "'\0\0\0\u0018ftypcrx \0\0\0\u0001crx isom', a camera's raw file",
    "'\0\0\0\u0018ftypisom\0\0\0\0isommp41', a video",
    "'\0\0\0\u0018ftypqt  \0\0\0\0qt      ', a video",
    "'8BPS\0\u0001\0\0\0\0\0\0', a Photoshop document",
    "'FUJIFILMCCD-RAW 0201', a camera's raw file",
    "'IIU\0\u0008\0\0\0\0\0\0\0\0\0\0\0\0\0', a camera's raw file",
    "'%PDF-1.7', a PDF",
    "'<?xml version=\"1.0\"?><svg width=\"1\"/>', an SVG drawing",
    "'<!DOCTYPE html><title>404</title>', a web page",
    "'PK\u0003\u0004abcdefgh', an archive",
  })
  void foreignFormatIsNamedWithTheRemedy(String start, String message) {
    byte[] file = start.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> FaceImageReader.DEFAULT.read(file, "photo"))
        .isInstanceOf(ImageFormatException.class)
        .hasMessageStartingWith("photo is not an image that can be read: expected JPEG, PNG, GIF")
        .hasMessageContaining("; it is " + message);
  }
}
