package io.facesearch.checks;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.facesearch.FaceImageReader;
import io.facesearch.ImageFormatException;

/** Any bytes are a photo or an {@link ImageFormatException}. */
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
}
