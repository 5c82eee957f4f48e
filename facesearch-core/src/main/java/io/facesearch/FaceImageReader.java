package io.facesearch;

import io.facesearch.internal.InputFile;
import io.facesearch.internal.image.ImageDecoder;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads image files. It is the only decoder in facesearch, so a photo gives the same pixels
 * wherever it comes in. Immutable and thread-safe; threads do not block each other.
 *
 * <p>It reads JPEG (baseline and progressive, also CMYK and YCCK), PNG, GIF, BMP, TIFF, BigTIFF,
 * WebP, and every format for which an ImageIO plug-in is present. Of a file with several pictures,
 * it reads the first. The result is upright: the EXIF orientation of JPEG, PNG, TIFF and WebP is
 * applied; broken EXIF data counts as upright. Transparent parts become white, and 12 or 16 bits
 * per channel become 8. Color profiles are not applied, because the models were trained without
 * them: the stored values of a photo in Display P3 or Adobe RGB are used unchanged, so its colors
 * are slightly paler. HEIC, AVIF, cameras' raw files and other well-known formats are rejected by
 * name, and the message says how to convert them.
 *
 * <p>Files may come from untrusted sources. Encoded size, width and height are checked before
 * memory for the pixels is allocated, metadata is never inflated beyond 64 KiB, and nothing is
 * written to disk. Anything wrong with a file, truncation included, leads to an {@link
 * ImageFormatException} that names the source; too little heap leads to an {@link
 * InsufficientMemoryException}. At its peak, reading takes twice the size of the encoded file plus
 * 4 to 11 bytes of heap per pixel (4.5 for JPEG with the usual subsampling, 11 for 16-bit PNG with
 * alpha). A large JPEG as cameras write it takes three times the size of the file plus 1.5 bytes
 * per pixel, until all of its pixels are needed.
 */
public final class FaceImageReader {
  private static final long MAX_PIXELS = (Integer.MAX_VALUE - 8) / 3;
  private static final long MAX_BYTES = Integer.MAX_VALUE - 1024;

  private static final long DEFAULT_MAX_PIXELS = 100_000_000;
  private static final long DEFAULT_MAX_BYTES = 256L << 20;

  /** At most 100 million pixels and 256 MiB of encoded data. */
  public static final FaceImageReader DEFAULT = builder().build();

  private final long maxPixels;
  private final long maxBytes;

  private FaceImageReader(long maxPixels, long maxBytes) {
    this.maxPixels = maxPixels;
    this.maxBytes = maxBytes;
  }

  /** {@return a builder for a reader with other limits, starting from those of {@link #DEFAULT}} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads an image file. A pipe is rejected, since reading it might never end; use a stream for it.
   *
   * @param file the file; one larger than {@link Builder#maxBytes} is rejected before it is read
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   * @throws InsufficientMemoryException if the heap is too small for it
   * @throws IOException if the file cannot be read
   */
  public FaceImage read(Path file) throws IOException {
    String source = file.toString();
    if (Files.isDirectory(file)) {
      // Else the system says "Is a directory", and not which.
      throw new FileSystemException(source, null, "is a folder, not a photo; name a photo in it");
    }
    InputFile.requireNoPipe(file);
    checkBytes(Files.size(file), source);
    return read(allBytes(() -> Files.readAllBytes(file), source), source);
  }

  /**
   * Reads an encoded image to the end of the stream, but no further than the limit. The caller
   * closes the stream.
   *
   * @param stream the bytes of an image file
   * @param source the name of the image in messages, such as a file name
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   * @throws InsufficientMemoryException if the heap is too small for it
   * @throws IOException if the stream cannot be read
   */
  public FaceImage read(InputStream stream, String source) throws IOException {
    Objects.requireNonNull(source, "source");
    return read(allBytes(() -> stream.readNBytes((int) maxBytes + 1), source), source);
  }

  /** Reads an image with the day on which it was taken. */
  Dated readDated(InputStream stream, String source) throws IOException {
    byte[] encoded = allBytes(() -> stream.readNBytes((int) maxBytes + 1), source);
    return new Dated(
        read(encoded, source), PhotoTags.taken(encoded).orElse(null), PhotoPeople.of(encoded));
  }

  /**
   * An image with what its file says about it.
   *
   * @param taken the day; null if the file does not say
   * @param people whom it names
   */
  record Dated(FaceImage image, @Nullable LocalDate taken, PhotoPeople people) {}

  /**
   * Reads an encoded image.
   *
   * @param encoded the bytes of an image file; not changed
   * @param source the name of the image in messages, such as a file name
   * @return the image, upright
   * @throws ImageFormatException if it is not a readable image, or too large
   * @throws InsufficientMemoryException if the heap is too small for it
   */
  public FaceImage read(byte[] encoded, String source) {
    return decode(
        encoded, source, () -> FaceImage.of(new ImageDecoder(maxPixels).decode(encoded, source)));
  }

  /** The size and orientation of an image; no pixel is decoded. */
  ImageDecoder.Frame frame(byte[] encoded, String source) {
    return decode(encoded, source, () -> new ImageDecoder(maxPixels).frame(encoded, source));
  }

  /** Makes something of an encoded image. */
  @FunctionalInterface
  private interface Decoding<T> {
    T decode() throws IOException;
  }

  private <T> T decode(byte[] encoded, String source, Decoding<T> decoding) {
    Objects.requireNonNull(source, "source");
    checkBytes(encoded.length, source);
    if (encoded.length == 0) {
      throw new ImageFormatException(source + " is not an image: it is empty (0 bytes)");
    }
    try {
      return decoding.decode();
    } catch (FaceSearchException e) {
      throw e;
    } catch (EOFException e) {
      throw new ImageFormatException(
          source
              + " is not a readable image: it ends too early; it is probably truncated or damaged",
          e);
    } catch (IOException | RuntimeException | Error e) {
      if (isOutOfMemory(e)) {
        throw new InsufficientMemoryException(
            source
                + " cannot be read: there is not enough heap for its pixels; raise -Xmx, or lower "
                + "maxPixels (now "
                + maxPixels
                + ") of FaceImageReader",
            e);
      }
      if (e instanceof Error error
          && !(e instanceof StackOverflowError)
          && !(e instanceof InternalError)) {
        throw error;
      }
      // Codecs answer broken files with many kinds of exceptions; those that are not of reading say
      // nothing to whoever has the file.
      String reason =
          e instanceof IOException && e.getMessage() != null
              ? e.getMessage()
              : "its decoder failed; it is probably truncated or damaged";
      throw new ImageFormatException(source + " is not a readable image: " + reason, e);
    }
  }

  /** Codecs may wrap it. */
  private static boolean isOutOfMemory(Throwable e) {
    Throwable cause = e;
    for (int i = 0; i < 10 && cause != null; i++, cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
    }
    return false;
  }

  /** Reads encoded bytes. */
  @FunctionalInterface
  private interface ByteSource {
    byte[] read() throws IOException;
  }

  private byte[] allBytes(ByteSource bytes, String source) throws IOException {
    try {
      return bytes.read();
    } catch (OutOfMemoryError e) {
      throw new InsufficientMemoryException(
          source
              + " cannot be read: there is not enough heap for the file; raise -Xmx, or lower "
              + "maxBytes (now "
              + maxBytes
              + ") of FaceImageReader",
          e);
    }
  }

  private void checkBytes(long bytes, String source) {
    if (bytes > maxBytes) {
      throw new ImageFormatException(
          source
              + " is too large: expected at most "
              + maxBytes
              + " bytes, but it has "
              + (bytes == maxBytes + 1 ? "more" : bytes)
              + "; make it smaller, or raise maxBytes of FaceImageReader.builder()");
    }
  }

  /** Sets the limits of a reader. Not thread-safe. */
  public static final class Builder {
    private long maxPixels = DEFAULT_MAX_PIXELS;
    private long maxBytes = DEFAULT_MAX_BYTES;

    private Builder() {}

    /**
     * Sets the largest picture that is read.
     *
     * @param pixels width times height, 1 to 715,827,879; default 100 million
     * @return this builder
     */
    public Builder maxPixels(long pixels) {
      maxPixels = checkRange("maxPixels", pixels, MAX_PIXELS);
      return this;
    }

    /**
     * Sets the largest encoded file that is read.
     *
     * @param bytes 1 to 2,147,482,623; default 268,435,456 (256 MiB)
     * @return this builder
     */
    public Builder maxBytes(long bytes) {
      maxBytes = checkRange("maxBytes", bytes, MAX_BYTES);
      return this;
    }

    /** {@return a reader with these limits} */
    public FaceImageReader build() {
      return new FaceImageReader(maxPixels, maxBytes);
    }

    private static long checkRange(String name, long value, long max) {
      if (value < 1 || value > max) {
        throw new IllegalArgumentException(
            name + " must be between 1 and " + max + ", but is: " + value);
      }
      return value;
    }
  }
}
