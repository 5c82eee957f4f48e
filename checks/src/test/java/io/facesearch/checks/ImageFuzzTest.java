package io.facesearch.checks;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.facesearch.BoundingBox;
import io.facesearch.FaceImageReader;
import io.facesearch.ImageFormatException;
import io.facesearch.PhotoPeople;
import io.facesearch.PhotoTags;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Any bytes are a photo or an {@link ImageFormatException}; its metadata say something, or nothing.
 */
class ImageFuzzTest {
  private static final FaceImageReader READER =
      FaceImageReader.builder().maxPixels(1 << 20).maxBytes(1 << 20).build();

  @FuzzTest(maxDuration = "30m")
  void bytesAreAPhotoOrRefused(byte[] bytes) {
    try {
      READER.read(bytes, "fuzz");
    } catch (ImageFormatException expected) {
      // Told by name.
    }
  }

  @FuzzTest(maxDuration = "30m")
  void metadata(byte[] bytes) {
    read(bytes);
    // Else nearly all that is tried ends at the first bytes.
    read(jpeg("http://ns.adobe.com/xap/1.0/\0", bytes));
    read(jpeg("Exif\0\0", bytes));
  }

  private static void read(byte[] photo) {
    PhotoTags.taken(photo);
    PhotoPeople people = PhotoPeople.of(photo);
    people.fitting(400, 300).namesOf(List.of(new BoundingBox(10, 10, 50, 50)), 400, 300);
  }

  /** A file of one segment. */
  private static byte[] jpeg(String kind, byte[] data) {
    byte[] head = kind.getBytes(StandardCharsets.US_ASCII);
    int length = Math.min(2 + head.length + data.length, 0xffff);
    ByteBuffer file = ByteBuffer.allocate(6 + length);
    file.putInt(0xffd8ffe1).putShort((short) length).put(head);
    file.put(data, 0, length - 2 - head.length).putShort((short) 0xffd9);
    return file.array();
  }
}
