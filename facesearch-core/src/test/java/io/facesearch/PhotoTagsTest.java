package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a gallery tells of photos by tags of its own, and the filters for it. */
class PhotoTagsTest {
  private static final LocalDate DAY = LocalDate.of(2024, 5, 17);

  /** A TIFF structure with a directory, in it a pointer to another, in that the date. */
  private static byte[] exif(ByteOrder order, String date) {
    byte[] text = (date + "\0").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer b = ByteBuffer.allocate(44 + text.length).order(order);
    b.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.ISO_8859_1));
    b.putShort((short) 42).putInt(8);
    b.putShort((short) 1).putShort((short) 0x8769).putShort((short) 4).putInt(1).putInt(26);
    b.putInt(0);
    b.putShort((short) 1).putShort((short) 0x9003).putShort((short) 2);
    b.putInt(text.length).putInt(44);
    b.putInt(0).put(text);
    return b.array();
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] i32(int value, ByteOrder order) {
    return ByteBuffer.allocate(4).order(order).putInt(value).array();
  }

  private static byte[] jpeg(byte[] exif) {
    int length = exif.length + 8;
    return join(
        latin("\u00ff\u00d8\u00ff\u00e0\0\u0004ab"), // another segment before
        new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length},
        latin("Exif\0\0"),
        exif,
        latin("\u00ff\u00da\0\u0002"));
  }

  private static byte[] png(byte[] exif) {
    return join(
        latin("\u0089PNG\r\n\u001a\n"),
        i32(3, ByteOrder.BIG_ENDIAN),
        latin("tIMEabc\0\0\0\0"),
        i32(exif.length, ByteOrder.BIG_ENDIAN),
        latin("eXIf"),
        exif,
        latin("\0\0\0\0"));
  }

  private static byte[] webp(byte[] exif) {
    return join(
        latin("RIFF\0\0\0\0WEBP"),
        latin("VP8X"),
        i32(3, ByteOrder.LITTLE_ENDIAN),
        latin("abc\0"), // chunks begin at even places
        latin("EXIF"),
        i32(exif.length + 6, ByteOrder.LITTLE_ENDIAN),
        latin("Exif\0\0"),
        exif);
  }

  @Test
  void theDayIsReadFromEveryFormatThatHasIt() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      byte[] exif = exif(order, "2024:05:17 12:30:59");
      for (byte[] file : new byte[][] {exif, jpeg(exif), png(exif), webp(exif)}) {
        assertThat(PhotoTags.taken(file)).contains(DAY);
      }
    }
  }

  @Test
  void whatIsNoDayIsNone() {
    for (String text :
        new String[] {
          "0000:00:00 00:00:00",
          "    :  :     :  :  ",
          "2024:13:17",
          "2024:02:30",
          "1800:01:01",
          "2024:5:17"
        }) {
      byte[] exif = exif(ByteOrder.BIG_ENDIAN, text);
      assertThat(PhotoTags.taken(jpeg(exif))).as(text).isEmpty();
    }
    assertThat(PhotoTags.taken(new byte[0])).isEmpty();
    assertThat(PhotoTags.taken(latin("no image"))).isEmpty();
  }

  @Test
  void brokenFilesHaveNoDayAndDoNoHarm() {
    Random random = new Random(1);
    byte[] exif = exif(ByteOrder.LITTLE_ENDIAN, "2024:05:17 12:30:59");
    for (byte[] file : new byte[][] {exif, jpeg(exif), png(exif), webp(exif)}) {
      for (int length = 0; length < file.length; length++) {
        PhotoTags.taken(Arrays.copyOf(file, length)); // throws nothing
      }
      for (int i = 0; i < 20_000; i++) {
        byte[] damaged = file.clone();
        for (int n = 0; n <= i % 4; n++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        PhotoTags.taken(damaged);
      }
    }
  }

  private static FaceRecord face(String source, Map<String, TagValue> tags) {
    return new FaceRecord(source + "#0", null, source, null, tags);
  }

  @Test
  void facesAreFilteredByDayAndQuality() {
    FaceInfo info = FaceInfo.nothing().taken(DAY).tag(PhotoTags.QUALITY, .48);
    FaceRecord face = face("photos/a.jpg", info.tags());
    FaceRecord plain = face("photos/b.jpg", Map.of());
    assertThat(PhotoTags.taken(face)).contains(DAY);
    assertThat(PhotoTags.taken(plain)).isEmpty();
    assertThat(FaceFilter.takenBetween(DAY, DAY).matches(face)).isTrue();
    assertThat(FaceFilter.takenBetween(DAY.plusDays(1), DAY.plusYears(9)).matches(face)).isFalse();
    assertThat(FaceFilter.takenBetween(DAY.minusYears(1), DAY.minusDays(1)).matches(face))
        .isFalse();
    assertThat(FaceFilter.takenBetween(LocalDate.of(1, 1, 1), DAY).matches(plain)).isFalse();
    assertThat(FaceFilter.qualityAtLeast(.48).matches(face)).isTrue();
    assertThat(FaceFilter.qualityAtLeast(.5).matches(face)).isFalse();
    assertThat(FaceFilter.qualityAtLeast(0).matches(plain)).isFalse();
    assertThatThrownBy(() -> FaceFilter.takenBetween(DAY, DAY.minusDays(1)))
        .hasMessageContaining("2024-05-17 and 2024-05-16");
  }

  @Test
  void facesAreFilteredByFolder() {
    FaceFilter filter = FaceFilter.folder("photos/2024/");
    assertThat(filter).isEqualTo(FaceFilter.folder("photos/2024"));
    assertThat(filter.matches(face("photos/2024/a.jpg", Map.of()))).isTrue();
    assertThat(filter.matches(face("photos/2024/summer/a.jpg", Map.of()))).isTrue();
    assertThat(filter.matches(face("photos/20245/a.jpg", Map.of()))).isFalse();
    assertThat(filter.matches(face("photos/2024", Map.of()))).isFalse();
    assertThat(filter.matches(FaceRecord.of("photos/2024/a.jpg#0"))).isFalse();
    assertThatThrownBy(() -> FaceFilter.folder("/")).hasMessageContaining("must not be empty");
  }
}
