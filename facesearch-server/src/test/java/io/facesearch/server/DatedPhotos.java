package io.facesearch.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Photos that tell the day on which they were taken, as cameras write it. */
final class DatedPhotos {
  private DatedPhotos() {}

  /** A JPEG with EXIF data of that day, such as {@code 2024:05:17}, in front of the others. */
  static byte[] taken(byte[] jpeg, String day) {
    byte[] text = (day + " 12:00:00\0").getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer exif = ByteBuffer.allocate(54 + text.length);
    exif.put((byte) 0xff).put((byte) 0xe1).putShort((short) (52 + text.length));
    exif.put("Exif\0\0MM\0*".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    exif.putShort((short) 1).putShort((short) 0x8769).putShort((short) 4).putInt(1).putInt(26);
    exif.putInt(0);
    exif.putShort((short) 1).putShort((short) 0x9003).putShort((short) 2);
    exif.putInt(text.length).putInt(44);
    exif.putInt(0).put(text);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(exif.array());
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** Photo n of each person is of year 2020 + n, but the last, which does not tell it. */
  static void date(Path gallery) {
    try (Stream<Path> files = Files.walk(gallery)) {
      List<Path> photos = files.filter(Files::isRegularFile).toList();
      for (Path photo : photos) {
        int n = photo.getFileName().toString().charAt("photo_".length()) - '0';
        if (n < 4) {
          Files.write(photo, taken(Files.readAllBytes(photo), 2020 + n + ":06:15"));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
