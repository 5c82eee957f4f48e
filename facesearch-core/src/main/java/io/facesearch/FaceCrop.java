package io.facesearch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * The part of a photo around a face, encoded anew, so without the photo's metadata.
 *
 * @param jpeg its bytes
 * @param face where the face is in it, pixels
 */
record FaceCrop(byte[] jpeg, BoundingBox face) {
  /** As many widths of the face's box as a square around it. */
  private static final double WIDTHS = 2.5;

  private static final float QUALITY = 0.88f;

  static FaceCrop of(FaceImage photo, BoundingBox face) {
    BoundingBox box = face.square(WIDTHS).clip(photo.width(), photo.height());
    int left = Math.min(photo.width() - 1, Math.max(0, (int) box.x()));
    int top = Math.min(photo.height() - 1, Math.max(0, (int) box.y()));
    int right = Math.max(left + 1, Math.min(photo.width(), (int) Math.ceil(box.right())));
    int bottom = Math.max(top + 1, Math.min(photo.height(), (int) Math.ceil(box.bottom())));
    return new FaceCrop(
        jpeg(photo.part(left, top, right - left, bottom - top)),
        new BoundingBox(face.x() - left, face.y() - top, face.width(), face.height()));
  }

  private static byte[] jpeg(FaceImage image) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image.toBufferedImage(), null, null), param);
    } catch (IOException e) {
      throw new IllegalStateException("memory can be written to", e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
