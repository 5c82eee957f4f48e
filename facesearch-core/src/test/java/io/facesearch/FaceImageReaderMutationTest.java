package io.facesearch;

import static io.facesearch.TestImages.bytes;
import static io.facesearch.TestImages.concat;
import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Valid files with random changes: an image or an ImageFormatException, soon, and nothing else. */
class FaceImageReaderMutationTest {
  private static final List<byte[]> FILES = TestImages.oneOfEachKind();

  @Property(tries = 4000)
  void mutatedFileIsReadOrRefused(
      @ForAll @IntRange(max = 14) int index, @ForAll long seed, @ForAll boolean repair) {
    Random random = new Random(seed);
    byte[] file = FILES.get(index).clone();
    int edits = 1 + random.nextInt(6);
    for (int i = 0; i < edits; i++) {
      // Headers are where the damage is done.
      int range = random.nextInt(3) == 0 ? file.length : Math.min(file.length, 160);
      int at = random.nextInt(range);
      switch (random.nextInt(3)) {
        case 0 -> file[at] = (byte) random.nextInt(256);
        case 1 -> file[at] ^= (byte) (1 << random.nextInt(8));
        default -> file[at] = bytes(0, 1, 2, 4, 0x7f, 0x80, 0xff)[random.nextInt(7)];
      }
    }
    if (repair && file[1] == 'P') {
      TestImages.repairCrc(file);
    }
    // 4 million pixels, lest valid but large TIFF files make the suite slow.
    assertReadOrRefused(FaceImageReader.builder().maxPixels(4_000_000).build(), file);
  }

  @Property(tries = 1000)
  void splicedFileIsReadOrRefused(
      @ForAll @IntRange(max = 14) int index,
      @ForAll @IntRange(max = 14) int other,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] a = FILES.get(index);
    byte[] b = FILES.get(other);
    int cut = random.nextInt(a.length);
    byte[] tail = Arrays.copyOfRange(b, random.nextInt(b.length), b.length);
    byte[] file = concat(Arrays.copyOf(a, cut), tail);
    assertReadOrRefused(FaceImageReader.builder().maxPixels(4_000_000).build(), file);
  }

  private static void assertReadOrRefused(FaceImageReader reader, byte[] file) {
    Duration start = TestImages.processorTime();
    try {
      FaceImage image = reader.read(file, "evil.jpg");
      assertThat(image.rgb().remaining()).isEqualTo(3 * image.width() * image.height());
    } catch (ImageFormatException e) {
      assertThat(e).hasMessageStartingWith("evil.jpg ");
    }
    assertThat(TestImages.processorTime().minus(start)).isLessThan(Duration.ofSeconds(10));
  }
}
