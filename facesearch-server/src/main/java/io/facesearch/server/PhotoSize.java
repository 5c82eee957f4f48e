package io.facesearch.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Looks how large a photo is before anything of it is decoded. */
final class PhotoSize {
  private PhotoSize() {}

  /** Sends a large photo to the lane for it, and refuses one that is larger than allowed. */
  static void check(byte[] encoded, Exchange exchange, long most) {
    long pixels = pixels(encoded);
    if (pixels > most) {
      throw new Problem(
          422,
          "image_unreadable",
          "the photo is too large: expected at most "
              + most
              + " pixels, but it has "
              + pixels
              + "; scale it down");
    }
    if (pixels > Workers.SMALL_PIXELS && !exchange.heavy()) {
      throw new Workers.TooLargeForThisLane();
    }
  }

  /** Width times height by the header; 0 if it cannot be told. */
  private static long pixels(byte[] encoded) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
      return pixels(in);
    } catch (IOException | RuntimeException e) {
      return 0; // damaged: whoever decodes it says how
    }
  }

  private static long pixels(ImageInputStream in) throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    if (!readers.hasNext()) {
      return 0;
    }
    ImageReader reader = readers.next();
    try {
      reader.setInput(in, true, true);
      return (long) reader.getWidth(0) * reader.getHeight(0);
    } finally {
      reader.dispose();
    }
  }
}
