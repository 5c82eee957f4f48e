package io.facesearch;

import io.facesearch.internal.image.ExifDate;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tags that a gallery itself gives to faces when their photos are added. Their names begin with
 * {@code facesearch.}, so names of your own tags should not. Stateless.
 *
 * <pre>{@code
 * FaceFilter.takenBetween(LocalDate.of(2024, 1, 1), LocalDate.of(2024, 12, 31))
 *     .and(FaceFilter.qualityAtLeast(0.5))
 * }</pre>
 */
public final class PhotoTags {
  /** The prefix of the names of these tags. */
  public static final String PREFIX = "facesearch.";

  /**
   * The day on which the photo was taken, from its EXIF data (DateTimeOriginal), and so by the
   * camera's clock: a number such as 20240517 for May 17, 2024. The tag is missing if the photo
   * does not say.
   */
  public static final String TAKEN = PREFIX + "taken";

  /**
   * How well the face is suited for recognition: {@link FaceQuality#score()}, with two decimals.
   */
  public static final String QUALITY = PREFIX + "quality";

  private PhotoTags() {}

  /**
   * Returns the day on which a photo was taken, from its EXIF data.
   *
   * @param encoded the bytes of a photo file; not changed
   * @return the day by the camera's clock; empty if the photo does not say
   */
  public static Optional<LocalDate> taken(byte[] encoded) {
    return ExifDate.find(Objects.requireNonNull(encoded, "encoded"));
  }

  /**
   * Returns the day on which the photo of a face was taken.
   *
   * @param face a face of a gallery
   * @return the day; empty if unknown
   */
  public static Optional<LocalDate> taken(FaceRecord face) {
    return face.tags().get(TAKEN) instanceof TagValue.Numeric number
        ? day((int) number.value())
        : Optional.empty();
  }

  /**
   * Checks tags of {@link #TAKEN} and {@link #QUALITY} that come from elsewhere.
   *
   * @param tags of a face
   * @throws IllegalArgumentException if the first is not a valid day, or the second not a number
   *     from 0 to 1
   */
  public static void requireSound(Map<String, TagValue> tags) {
    TagValue taken = tags.get(TAKEN);
    if (taken != null
        && !(taken instanceof TagValue.Numeric number
            && number.value() == (int) number.value()
            && day((int) number.value()).isPresent())) {
      throw new IllegalArgumentException(
          "the tag " + TAKEN + " must be a day such as 20240517, but is: " + taken);
    }
    TagValue quality = tags.get(QUALITY);
    if (quality != null
        && !(quality instanceof TagValue.Numeric number
            && number.value() >= 0
            && number.value() <= 1)) {
      throw new IllegalArgumentException(
          "the tag " + QUALITY + " must be from 0 to 1, but is: " + quality);
    }
  }

  /** The number that stands for a day in the tag {@link #TAKEN}. */
  static double number(LocalDate day) {
    return 10_000.0 * day.getYear() + 100 * day.getMonthValue() + day.getDayOfMonth();
  }

  private static Optional<LocalDate> day(int number) {
    try {
      return Optional.of(LocalDate.of(number / 10_000, number / 100 % 100, number % 100));
    } catch (DateTimeException e) {
      return Optional.empty(); // a tag of the same name that somebody set
    }
  }

  /** With the day on which its photo was taken, unless that is set already. */
  static FaceInfo withTaken(FaceInfo info, @Nullable LocalDate taken) {
    return taken == null || info.tags().containsKey(TAKEN) ? info : info.taken(taken);
  }

  /** With the quality of a face. */
  static Map<String, TagValue> withQuality(FaceInfo info, FaceQuality quality) {
    return info.tag(QUALITY, Math.rint(100 * quality.score()) / 100).tags();
  }
}
