package io.facesearch;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;
import javax.imageio.plugins.tiff.TIFFTag;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Small generated images and the encoders that the tests need. */
final class TestImages {
  private TestImages() {}

  /** What this process has used of processors: unlike the clock, the same on a busy machine. */
  static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  /** A smooth picture without any symmetry. */
  static BufferedImage gradient(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int r = 255 * x / width;
        int g = 255 * y / height;
        int b = 128 + (int) (100 * Math.sin(x * 0.2 + y * 0.1));
        image.setRGB(x, y, r << 16 | g << 8 | b);
      }
    }
    return image;
  }

  /** The same picture in another type of image. */
  static BufferedImage as(BufferedImage image, int type) {
    BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), type);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        copy.setRGB(x, y, image.getRGB(x, y) | 0xff000000);
      }
    }
    return copy;
  }

  /** One valid file of each kind. */
  static List<byte[]> oneOfEachKind() {
    BufferedImage picture = gradient(37, 29);
    return List.of(
        encode(picture, "jpeg"),
        progressive(picture, "jpeg"),
        withExif(encode(picture, "jpeg"), 6),
        encode(as(picture, BufferedImage.TYPE_BYTE_GRAY), "jpeg"),
        insertSegments(
            jpegOfFourBands(21, 18, new int[] {9, 99, 199, 250}, false), adobeSegment(2)),
        jpegOfFourBands(21, 18, new int[] {9, 99, 199, 250}, true),
        encode(picture, "png"),
        progressive(picture, "png"),
        encode(as(picture, BufferedImage.TYPE_BYTE_INDEXED), "png"),
        encode(as(picture, BufferedImage.TYPE_USHORT_GRAY), "png"),
        encode(as(picture, BufferedImage.TYPE_BYTE_INDEXED), "gif"),
        encode(picture, "bmp"),
        encode(as(picture, BufferedImage.TYPE_BYTE_INDEXED), "bmp"),
        encode(as(picture, BufferedImage.TYPE_BYTE_BINARY), "wbmp"),
        encode(picture, "tiff"));
  }

  static byte[] encode(BufferedImage image, String format) {
    return encode(new IIOImage(image, null, null), format, false);
  }

  static byte[] progressive(BufferedImage image, String format) {
    return encode(new IIOImage(image, null, null), format, true);
  }

  private static byte[] encode(IIOImage image, String format, boolean progressive) {
    ImageWriter writer = jdkWriter(format);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (progressive) {
        param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(out);
      writer.write(null, image, param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static ImageWriter jdkWriter(String format) {
    for (Iterator<ImageWriter> it = ImageIO.getImageWritersByFormatName(format); it.hasNext(); ) {
      ImageWriter writer = it.next();
      if (writer.getClass().getName().startsWith("com.sun.")) {
        return writer;
      }
    }
    throw new IllegalStateException("no writer of the JDK for " + format);
  }

  /** A JPEG without subsampling: all sampling factors are 1. */
  static byte[] jpeg444(BufferedImage image) {
    return encode(new IIOImage(image, null, jpegMetadata(image, "1")), "jpeg", false);
  }

  private static IIOMetadata jpegMetadata(BufferedImage image, String sampling) {
    ImageWriter writer = jdkWriter("jpeg");
    IIOMetadata metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(image), null);
    writer.dispose();
    Element root = (Element) metadata.getAsTree("javax_imageio_jpeg_image_1.0");
    NodeList components = root.getElementsByTagName("componentSpec");
    for (int i = 0; i < components.getLength(); i++) {
      Element component = (Element) components.item(i);
      component.setAttribute("HsamplingFactor", i == 0 ? sampling : "1");
      component.setAttribute("VsamplingFactor", i == 0 ? sampling : "1");
    }
    try {
      metadata.setFromTree("javax_imageio_jpeg_image_1.0", root);
    } catch (IIOInvalidTreeException e) {
      throw new UncheckedIOException(e);
    }
    return metadata;
  }

  /** A TIFF with the orientation in its directory. */
  static byte[] tiff(BufferedImage image, int orientation) {
    ImageWriter writer = jdkWriter("tiff");
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            new ImageTypeSpecifier(image), writer.getDefaultWriteParam());
    writer.dispose();
    try {
      TIFFDirectory directory = TIFFDirectory.createFromMetadata(metadata);
      TIFFTag tag = BaselineTIFFTagSet.getInstance().getTag(BaselineTIFFTagSet.TAG_ORIENTATION);
      directory.addTIFFField(new TIFFField(tag, orientation));
      return encode(new IIOImage(image, null, directory.getAsMetadata()), "tiff", false);
    } catch (IIOInvalidTreeException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JPEG of four components, whose samples are written as they are. */
  static byte[] jpegOfFourBands(int width, int height, int[] samples, boolean progressive) {
    WritableRaster raster =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, height, 4, null);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        raster.setPixel(x, y, samples);
      }
    }
    return encode(new IIOImage(raster, null, null), "jpeg", progressive);
  }

  static byte[] adobeSegment(int transform) {
    return jpegSegment(
        0xee, concat(ascii("Adobe"), new byte[] {0, 100, 0, 0, 0, 0, (byte) transform}));
  }

  static byte[] jpegSegment(int marker, byte[] payload) {
    int length = payload.length + 2;
    byte[] head = {(byte) 0xff, (byte) marker, (byte) (length >> 8), (byte) length};
    return concat(head, payload);
  }

  /** Puts segments behind the start marker of a JPEG. */
  static byte[] insertSegments(byte[] jpeg, byte[]... segments) {
    byte[] start = {jpeg[0], jpeg[1]};
    byte[] rest = Arrays.copyOfRange(jpeg, 2, jpeg.length);
    return concat(start, concat(segments), rest);
  }

  /** Leaves out all APPn segments of a JPEG, such as JFIF. */
  static byte[] withoutAppSegments(byte[] jpeg) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    int at = 2;
    while ((jpeg[at + 1] & 0xff) != 0xda) {
      int length = 2 + ((jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff));
      if ((jpeg[at + 1] & 0xf0) != 0xe0) {
        out.write(jpeg, at, length);
      }
      at += length;
    }
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }

  /** An EXIF structure with the orientation and, before and behind it, other tags. */
  static byte[] exif(int orientation, boolean little) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ascii(little ? "II" : "MM"));
    out.writeBytes(number(42, 2, little));
    out.writeBytes(number(8, 4, little));
    out.writeBytes(number(3, 2, little));
    out.writeBytes(tag(0x0100, 4, 99, 4, little)); // width
    out.writeBytes(tag(0x0112, 3, orientation, 2, little));
    out.writeBytes(tag(0x0128, 3, 2, 2, little)); // unit of resolution
    out.writeBytes(number(0, 4, little)); // no next directory
    return out.toByteArray();
  }

  private static byte[] tag(int tag, int type, int value, int size, boolean little) {
    byte[] head = concat(number(tag, 2, little), number(type, 2, little), number(1, 4, little));
    return concat(head, number(value, size, little), new byte[4 - size]);
  }

  private static byte[] number(int value, int size, boolean little) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[little ? i : size - 1 - i] = (byte) (value >> (8 * i));
    }
    return bytes;
  }

  static byte[] exifSegment(byte[] exif) {
    return jpegSegment(0xe1, concat(ascii("Exif\0\0"), exif));
  }

  static byte[] withExif(byte[] jpeg, int orientation) {
    return insertSegments(jpeg, exifSegment(exif(orientation, false)));
  }

  /** A PNG of the given rows, each without its filter byte. */
  static byte[] png(int width, int bits, int colorType, byte[][] rows, byte[]... chunks) {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    for (byte[] row : rows) {
      raw.write(0);
      raw.writeBytes(row);
    }
    return pngOf(
        header(width, rows.length, bits, colorType),
        concat(chunks),
        pngChunk("IDAT", deflate(raw.toByteArray())),
        pngChunk("IEND", new byte[0]));
  }

  static byte[] pngOf(byte[]... chunks) {
    byte[] signature = {(byte) 137, 80, 78, 71, 13, 10, 26, 10};
    return concat(signature, concat(chunks));
  }

  static byte[] header(int width, int height, int bits, int colorType) {
    byte[] rest = {(byte) bits, (byte) colorType, 0, 0, 0};
    return pngChunk("IHDR", concat(number(width, 4, false), number(height, 4, false), rest));
  }

  static byte[] pngChunk(String type, byte[] data) {
    byte[] typed = concat(ascii(type), data);
    CRC32 crc = new CRC32();
    crc.update(typed);
    return concat(number(data.length, 4, false), typed, number((int) crc.getValue(), 4, false));
  }

  /** Puts chunks behind the header of a PNG. */
  static byte[] insertChunks(byte[] png, byte[]... chunks) {
    byte[] start = Arrays.copyOf(png, 33);
    byte[] rest = Arrays.copyOfRange(png, 33, png.length);
    return concat(start, concat(chunks), rest);
  }

  /** Makes the check sums right again, as far as the chunks can be followed. */
  static void repairCrc(byte[] png) {
    int at = 8;
    while (at + 12 <= png.length) {
      int length = ByteBuffer.wrap(png).getInt(at);
      if (length < 0 || length > png.length - at - 12) {
        return;
      }
      CRC32 crc = new CRC32();
      crc.update(png, at + 4, length + 4);
      ByteBuffer.wrap(png).putInt(at + 8 + length, (int) crc.getValue());
      at += 12 + length;
    }
  }

  static byte[] deflate(byte[] data) {
    Deflater deflater = new Deflater(9);
    deflater.setInput(data);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    while (!deflater.finished()) {
      out.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    return out.toByteArray();
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** The pixels, row by row, as 0xRRGGBB. */
  static int[] pixels(FaceImage image) {
    int[] pixels = new int[image.width() * image.height()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = image.rgb(i % image.width(), i / image.width());
    }
    return pixels;
  }

  /** The largest difference of any channel of any pixel. */
  static int maxDifference(FaceImage a, FaceImage b) {
    if (a.width() != b.width() || a.height() != b.height()) {
      throw new AssertionError(a + " and " + b + " differ in size");
    }
    int max = 0;
    for (int i = 0; i < 3 * a.width() * a.height(); i++) {
      max = Math.max(max, Math.abs((a.rgb().get(i) & 0xff) - (b.rgb().get(i) & 0xff)));
    }
    return max;
  }
}
