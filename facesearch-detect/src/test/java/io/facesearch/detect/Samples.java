package io.facesearch.detect;

import io.facesearch.BoundingBox;
import io.facesearch.FaceImage;
import io.facesearch.testing.FaceDetectorContract;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;

/** The sample faces that the examples ship (synthetic, CC0). */
public final class Samples {
  private static final Path FOLDER =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");

  private Samples() {}

  public static FaceImage query(int person) {
    try {
      return FaceImage.read(FOLDER.resolve(String.format("queries/person_%02d.jpg", person)));
    } catch (IOException e) {
      return Assertions.fail(e);
    }
  }

  /** All of them for the contract: 176x176 pixels with the face in the middle. */
  public static List<FaceDetectorContract.Sample> all() {
    BoundingBox middle = new BoundingBox(25, 25, 126, 126);
    return IntStream.rangeClosed(1, 32)
        .mapToObj(n -> new FaceDetectorContract.Sample("person " + n, query(n), middle))
        .toList();
  }

  /** A gray photo of the given size with a sample face at (x, y). */
  public static FaceImage pasted(FaceImage face, int width, int height, int x, int y) {
    byte[] rgb = new byte[3 * width * height];
    java.util.Arrays.fill(rgb, (byte) 128);
    for (int v = 0; v < face.height(); v++) {
      for (int u = 0; u < face.width(); u++) {
        int p = 3 * ((y + v) * width + x + u);
        int c = face.rgb(u, v);
        rgb[p] = (byte) (c >> 16);
        rgb[p + 1] = (byte) (c >> 8);
        rgb[p + 2] = (byte) c;
      }
    }
    return FaceImage.ofRgb(width, height, rgb);
  }
}
