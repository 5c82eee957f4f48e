package io.facesearch;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Reads images. */
public final class FaceImageReader {
  /** Default limits. */
  public static final FaceImageReader DEFAULT = new FaceImageReader();

  private FaceImageReader() {}

  /**
   * Reads.
   *
   * @param file file
   * @return image
   * @throws IOException on failure
   */
  public FaceImage read(Path file) throws IOException {
    return read(Files.readAllBytes(file), file.toString());
  }

  /**
   * Reads.
   *
   * @param stream stream
   * @param source name
   * @return image
   * @throws IOException on failure
   */
  public FaceImage read(InputStream stream, String source) throws IOException {
    return read(stream.readAllBytes(), source);
  }

  /**
   * Reads.
   *
   * @param encoded bytes
   * @param source name
   * @return image
   */
  public FaceImage read(byte[] encoded, String source) {
    try {
      return toRgb(ImageIO.read(new ByteArrayInputStream(encoded)));
    } catch (IOException e) {
      throw new ImageFormatException(source, e);
    }
  }

  static FaceImage toRgb(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    byte[] rgb = new byte[3 * w * h];
    for (int y = 0, i = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int p = image.getRGB(x, y);
        rgb[i++] = (byte) (p >> 16);
        rgb[i++] = (byte) (p >> 8);
        rgb[i++] = (byte) p;
      }
    }
    return FaceImage.wrap(w, h, rgb);
  }
}
