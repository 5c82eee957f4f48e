package io.facesearch.server;

import io.facesearch.BoundingBox;
import io.facesearch.FaceImage;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Crops, scales and encodes pictures, in memory. */
final class Pictures {
  private static final float QUALITY = 0.88f;

  private Pictures() {}

  /** The pixels of a box that lies inside the image; at least one. */
  static FaceImage crop(FaceImage image, BoundingBox box) {
    int left = Math.min(image.width() - 1, Math.max(0, (int) box.x()));
    int top = Math.min(image.height() - 1, Math.max(0, (int) box.y()));
    int right = Math.max(left + 1, Math.min(image.width(), (int) Math.ceil(box.right())));
    int bottom = Math.max(top + 1, Math.min(image.height(), (int) Math.ceil(box.bottom())));
    return image.part(left, top, right - left, bottom - top);
  }

  /** Scaled so that the shorter side has so many pixels at most, by halves, so nothing aliases. */
  static BufferedImage shrink(BufferedImage image, int side) {
    return scale(image, (double) side / Math.min(image.getWidth(), image.getHeight()));
  }

  /** Scaled so that the longer side has so many pixels at most. */
  static BufferedImage shrinkLonger(BufferedImage image, int side) {
    return scale(image, (double) side / Math.max(image.getWidth(), image.getHeight()));
  }

  private static BufferedImage scale(BufferedImage image, double scale) {
    BufferedImage now = image;
    int width = (int) Math.max(1, Math.round(image.getWidth() * Math.min(1, scale)));
    int height = (int) Math.max(1, Math.round(image.getHeight() * Math.min(1, scale)));
    while (now.getWidth() > width || now.getHeight() > height) {
      now = draw(now, Math.max(width, now.getWidth() / 2), Math.max(height, now.getHeight() / 2));
    }
    return now;
  }

  private static BufferedImage draw(BufferedImage image, int width, int height) {
    BufferedImage result = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = result.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(image, 0, 0, width, height, null);
    g.dispose();
    return result;
  }

  static byte[] jpeg(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      writer.setOutput(new MemoryCacheImageOutputStream(bytes));
      writer.write(null, new IIOImage(image, null, null), param);
      ((MemoryCacheImageOutputStream) writer.getOutput()).close();
      return bytes.toByteArray();
    } finally {
      writer.dispose();
    }
  }
}
