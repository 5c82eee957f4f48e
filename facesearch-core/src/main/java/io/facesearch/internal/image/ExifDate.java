package io.facesearch.internal.image;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Finds the day on which a photo was taken: EXIF's DateTimeOriginal, in JPEG, PNG, TIFF and WebP.
 * It reads that one tag within the file and nothing else, so that a hostile file can neither
 * allocate nor loop; whatever is broken counts as no date.
 */
public final class ExifDate {
  private static final int TAG_EXIF = 0x8769;
  private static final int TAG_TAKEN = 0x9003;
  private static final int TYPE_ASCII = 2;
  private static final int TYPE_LONG = 4;

  /** No camera made a photo before. */
  private static final int FIRST_YEAR = 1826;

  private ExifDate() {}

  /**
   * Reads the day from an encoded photo.
   *
   * @param file of any format
   * @return the day by the clock of the camera; empty if it is not told, or nonsense
   */
  public static Optional<LocalDate> find(byte[] file) {
    if (JpegFile.matches(file)) {
      return inJpeg(file);
    }
    if (PngFile.matches(file)) {
      return inChunks(file, 8, 4, "eXIf", true);
    }
    if (EncodedImage.startsWith(file, 0, "RIFF") && EncodedImage.startsWith(file, 8, "WEBP")) {
      return inChunks(file, 12, 0, "EXIF", false);
    }
    return inTiff(file, 0, file.length); // checks that it is one
  }

  private static Optional<LocalDate> inJpeg(byte[] file) {
    for (int at = 2; at + 4 <= file.length && file[at] == (byte) 0xff; ) {
      int marker = file[at + 1] & 0xff;
      if (marker == 0xff) {
        at++; // a fill byte
        continue;
      }
      int length = ExifOrientation.u16(file, at + 2, false);
      int end = at + 2 + length;
      if (marker == JpegFile.SOS || length < 2 || end > file.length) {
        break;
      }
      if (marker == 0xe1 && EncodedImage.startsWith(file, at + 4, "Exif\0")) {
        return inTiff(file, at + 10, end);
      }
      at = end;
    }
    return Optional.empty();
  }

  /**
   * Files of chunks with a type and a length.
   *
   * @param typeAt where the type stands in the head of a chunk, of which the length is the rest
   */
  private static Optional<LocalDate> inChunks(
      byte[] file, int first, int typeAt, String type, boolean png) {
    long at = first;
    while (at + 8 <= file.length) {
      int head = (int) at;
      long length = ExifOrientation.u32(file, head + 4 - typeAt, !png);
      long end = at + 8 + length;
      if (end > file.length) {
        break;
      }
      if (EncodedImage.startsWith(file, head + typeAt, type)) {
        int data = head + 8;
        return inTiff(
            file, EncodedImage.startsWith(file, data, "Exif\0\0") ? data + 6 : data, (int) end);
      }
      at = png ? end + 4 : end + (end & 1); // a checksum; or even places
    }
    return Optional.empty();
  }

  private static Optional<LocalDate> inTiff(byte[] data, int from, int to) {
    if (to - from < 8) {
      return Optional.empty();
    }
    boolean little = data[from] == 'I' && data[from + 1] == 'I';
    boolean big = data[from] == 'M' && data[from + 1] == 'M';
    if (!(little || big) || ExifOrientation.u16(data, from + 2, little) != 42) {
      return Optional.empty();
    }
    long first = from + ExifOrientation.u32(data, from + 4, little);
    int pointer = entry(data, first, to, little, TAG_EXIF, TYPE_LONG);
    if (pointer < 0) {
      return Optional.empty();
    }
    long exif = from + ExifOrientation.u32(data, pointer + 8, little);
    int taken = entry(data, exif, to, little, TAG_TAKEN, TYPE_ASCII);
    if (taken < 0 || ExifOrientation.u32(data, taken + 4, little) < 10) {
      return Optional.empty();
    }
    long text = from + ExifOrientation.u32(data, taken + 8, little);
    return text + 10 > to
        ? Optional.empty()
        : day(new String(data, (int) text, 10, StandardCharsets.ISO_8859_1));
  }

  /** Where the entry of a tag of that type stands in a directory; -1 if there is none. */
  private static int entry(byte[] data, long directory, int to, boolean little, int tag, int type) {
    if (directory + 2 > to) {
      return -1;
    }
    int entries = ExifOrientation.u16(data, (int) directory, little);
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + 12L * i;
      if (at + 12 > to) {
        return -1;
      }
      if (ExifOrientation.u16(data, (int) at, little) == tag
          && ExifOrientation.u16(data, (int) at + 2, little) == type) {
        return (int) at;
      }
    }
    return -1;
  }

  /**
   * Of such as {@code 2024:05:17}; cameras whose clock was never set write zeros or blanks, or days
   * to come.
   */
  private static Optional<LocalDate> day(String text) {
    try {
      LocalDate day =
          LocalDate.of(
              Integer.parseInt(text.substring(0, 4)),
              Integer.parseInt(text.substring(5, 7)),
              Integer.parseInt(text.substring(8, 10)));
      // A day ahead: it is tomorrow already where the photo was taken.
      boolean future = day.isAfter(LocalDate.now(ZoneOffset.UTC).plusDays(1));
      return day.getYear() < FIRST_YEAR || future ? Optional.empty() : Optional.of(day);
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }
}
