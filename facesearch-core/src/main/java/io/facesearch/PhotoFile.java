package io.facesearch;

import io.facesearch.PhotoWalk.Found;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A photo's file: its pixels with the stamp of the very bytes that they came from.
 *
 * @param image the pixels
 * @param stamp what the file was like; null of what is no file
 * @param taken the day on which it was taken; null if it does not tell that
 * @param people whom it names
 */
record PhotoFile(
    FaceImage image, @Nullable FileStamp stamp, @Nullable LocalDate taken, PhotoPeople people) {
  static PhotoFile read(Found photo, FaceImageReader reader) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(photo.file()), digest)) {
      FaceImageReader.Dated read = reader.readDated(in, photo.file().toString());
      return new PhotoFile(read.image(), stamp(photo, digest), read.taken(), read.people());
    }
  }

  /** Reads the file once. */
  static FileStamp stamp(Found photo) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(photo.file()), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return stamp(photo, digest);
  }

  private static FileStamp stamp(Found photo, MessageDigest digest) {
    return new FileStamp(
        photo.size(),
        Instant.ofEpochMilli(photo.modified()),
        HexFormat.of().formatHex(digest.digest()));
  }
}
