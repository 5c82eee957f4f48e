package io.facesearch.internal.image;

import io.facesearch.InsufficientMemoryException;
import javax.imageio.IIOException;

/**
 * A large JPEG of which half the size is decoded at once, and the full size where it is asked for:
 * a face is looked for in the former and cut out of the latter, which takes half the time and a
 * quarter of the memory of decoding it whole. All of the file was read, so whatever is wrong with
 * it is known. Immutable and thread-safe.
 */
public final class LargeJpeg implements DecodedImage {
  /** From so many pixels on, half the size is as much as a detector looks at of a large photo. */
  private static final long LARGE = 6_400_000;

  /** Units beside a part that the filters for the colors reach into. */
  private static final int MARGIN = 1;

  private final JpegFile file;
  private final JpegDecoder decoder;
  private final RgbPixels half;

  private LargeJpeg(JpegFile file, JpegDecoder decoder) {
    this.file = file;
    this.decoder = decoder;
    half = decoder.halfImage();
  }

  /** Whether it is worth it, and of the kind that cameras write. */
  public static boolean suits(JpegFile file) {
    return (long) file.width() * file.height() >= LARGE && isPlain(file);
  }

  /** Sequential, in one scan, of even sides, with colors in full or half the size. */
  public static boolean isPlain(JpegFile file) {
    boolean plain =
        !file.isProgressive()
            && file.colors() == JpegFile.Colors.YCC
            && file.firstScan() == file.components()
            && file.width() % 2 == 0
            && file.height() % 2 == 0;
    for (int i = 0; plain && i < file.components(); i++) {
      plain =
          isOneOrTwo(file.maxHorizontal(), file.horizontal(i))
              && isOneOrTwo(file.maxVertical(), file.vertical(i));
    }
    return plain;
  }

  private static boolean isOneOrTwo(int a, int b) {
    return a == b || a == 2 * b;
  }

  /** Decodes half the size, or all of it if the file is not what it seemed. */
  public static DecodedImage open(JpegFile file) throws IIOException {
    JpegFile own = file.copy();
    JpegDecoder decoder = JpegDecoder.half(own);
    if (!decoder.knowsRows()) {
      return JpegDecoder.decode(file);
    }
    return new LargeJpeg(own, decoder);
  }

  @Override
  public int width() {
    return file.orientation() < 5 ? file.width() : file.height();
  }

  @Override
  public int height() {
    return file.orientation() < 5 ? file.height() : file.width();
  }

  /** The photo at half its width and height. */
  public RgbPixels half() {
    return half;
  }

  /** A rectangle of the upright picture, which lies inside it. */
  public byte[] part(int left, int top, int width, int height) {
    int orientation = file.orientation();
    boolean swap = orientation >= 5;
    boolean mirrorX = ExifOrientation.mirrorsX(orientation);
    boolean mirrorY = ExifOrientation.mirrorsY(orientation);
    int w = swap ? height : width;
    int h = swap ? width : height;
    int alongX = swap ? top : left;
    int alongY = swap ? left : top;
    int x = mirrorX ? file.width() - alongX - w : alongX;
    int y = mirrorY ? file.height() - alongY - h : alongY;
    int unitX = 8 * file.maxHorizontal();
    int unitY = 8 * file.maxVertical();
    int firstX = Math.max(0, x / unitX - MARGIN);
    int firstY = Math.max(0, y / unitY - MARGIN);
    int endX = Math.min(file.width(), ((x + w - 1) / unitX + 1 + MARGIN) * unitX);
    int endY = Math.min(file.height(), ((y + h - 1) / unitY + 1 + MARGIN) * unitY);
    int partWidth = endX - firstX * unitX;
    int skipX = 3 * (x - firstX * unitX);
    int skipY = y - firstY * unitY;
    byte[] row = new byte[3 * partWidth];
    try {
      JpegPixels pixels = decoder.part(firstX, firstY, partWidth, endY - firstY * unitY);
      return RgbConversion.turned(
          w,
          h,
          orientation,
          (line, rgb, offset) -> {
            pixels.read(skipY + line, row, 0);
            System.arraycopy(row, skipX, rgb, offset, 3 * w);
          });
    } catch (IIOException e) {
      throw new IllegalStateException("a JPEG that was decoded before is damaged now", e);
    } catch (OutOfMemoryError e) {
      throw new InsufficientMemoryException(
          "there is not enough heap for "
              + width
              + "x"
              + height
              + " pixels of a photo; raise -Xmx, or lower maxPixels of FaceImageReader",
          e);
    }
  }
}
