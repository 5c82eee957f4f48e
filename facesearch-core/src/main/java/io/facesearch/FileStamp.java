package io.facesearch;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * What a photo's file was like when its faces were indexed. A later run uses it to notice that a
 * photo was replaced or renamed. Immutable and thread-safe.
 *
 * @param size of the file in bytes, 0 or more
 * @param modified when the file was last modified, to the millisecond
 * @param sha256 of the file's bytes, 64 hexadecimal digits in lower case
 */
public record FileStamp(long size, Instant modified, String sha256) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  /** Checks the ranges and truncates the time to milliseconds. */
  public FileStamp {
    if (size < 0) {
      throw new IllegalArgumentException("the size of a file must be 0 or more, but is: " + size);
    }
    modified = modified.truncatedTo(ChronoUnit.MILLIS);
    if (!SHA256.matcher(sha256).matches()) {
      throw new IllegalArgumentException(
          "a SHA-256 must have 64 hexadecimal digits in lower case, but is: " + sha256);
    }
  }
}
