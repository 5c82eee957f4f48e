package io.facesearch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A photo to be added to a gallery: where its bytes come from, its name, and what is known about
 * it. The bytes are read once, when the photo is added. Immutable and thread-safe.
 *
 * <pre>{@code
 * Photo.of(Path.of("door.jpg")).person("Ann").tag("camera", "door")
 * Photo.of("bucket/door.jpg", () -> s3.getObject(request))
 * }</pre>
 */
public final class Photo {
  /** Where the bytes of a photo come from. */
  @FunctionalInterface
  public interface Source {
    /**
     * Opens a stream of the bytes.
     *
     * @return a new stream; the gallery closes it
     * @throws IOException if the bytes cannot be read
     */
    InputStream open() throws IOException;
  }

  private final String name;
  private final @Nullable Source source;

  /** Null unless it is decoded already. */
  private final @Nullable FaceImage image;

  /** Null unless it is a file. */
  private final @Nullable Path file;

  private final FaceInfo info;

  private Photo(
      String name,
      @Nullable Source source,
      @Nullable FaceImage image,
      @Nullable Path file,
      FaceInfo info) {
    this.name = notEmpty(name);
    this.source = source;
    this.image = image;
    this.file = file;
    this.info = info;
  }

  /**
   * Creates a photo from a file. If the file is in a folder that the gallery knows, the photo's
   * name is its path there, otherwise the file's name.
   *
   * @param file the file
   * @return the photo
   */
  public static Photo of(Path file) {
    Objects.requireNonNull(file, "file");
    Path last = file.getFileName();
    String name = last == null ? "photo" : PhotoNames.of(last);
    return new Photo(name, () -> Files.newInputStream(file), null, file, FaceInfo.nothing());
  }

  /**
   * Creates a photo from encoded bytes in memory.
   *
   * @param name the name of the photo: unique in the gallery, since the ids of its faces begin with
   *     it
   * @param encoded JPEG, PNG or another format that {@link FaceImageReader} reads; not copied
   * @return the photo
   */
  public static Photo of(String name, byte[] encoded) {
    Objects.requireNonNull(encoded, "encoded");
    return new Photo(name, () -> new ByteArrayInputStream(encoded), null, null, FaceInfo.nothing());
  }

  /**
   * Creates a photo whose encoded bytes come from anywhere.
   *
   * @param name the name of the photo: unique in the gallery, since the ids of its faces begin with
   *     it
   * @param source of its bytes; may be called on any thread
   * @return the photo
   */
  public static Photo of(String name, Source source) {
    return new Photo(
        name, Objects.requireNonNull(source, "source"), null, null, FaceInfo.nothing());
  }

  /**
   * Creates a photo from pixels.
   *
   * @param name the name of the photo: unique in the gallery, since the ids of its faces begin with
   *     it
   * @param image its pixels
   * @return the photo
   */
  public static Photo of(String name, FaceImage image) {
    Objects.requireNonNull(image, "image");
    return new Photo(name, null, image, null, FaceInfo.nothing());
  }

  private static String notEmpty(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of a photo must not be empty");
    }
    return name;
  }

  /**
   * Returns a copy with another name.
   *
   * @param newName unique in the gallery, not empty
   * @return a copy
   */
  public Photo named(String newName) {
    return new Photo(newName, source, image, null, info);
  }

  /**
   * Returns a copy that is a photo of a known person. At most one of its faces gets the name; see
   * {@link Gallery#add(Photo)}.
   *
   * @param person whose photo it is: one line of text, not empty
   * @return a copy
   * @throws IllegalArgumentException if it is blank or has control characters
   */
  public Photo person(String person) {
    FaceInfo more = FaceInfo.person(person);
    for (var tag : info.tags().entrySet()) {
      more = more.tag(tag.getKey(), tag.getValue());
    }
    return new Photo(name, source, image, file, more);
  }

  /**
   * Returns a copy with one more tag, which all of its faces get.
   *
   * @param tag name, not empty
   * @param value the value
   * @return a copy
   */
  public Photo tag(String tag, String value) {
    return new Photo(name, source, image, file, info.tag(tag, value));
  }

  /**
   * Returns a copy with one more tag, which all of its faces get.
   *
   * @param tag name, not empty
   * @param value finite
   * @return a copy
   */
  public Photo tag(String tag, double value) {
    return new Photo(name, source, image, file, info.tag(tag, value));
  }

  /** {@return the name of the photo; not empty} */
  public String name() {
    return name;
  }

  /** {@return the known person and tags} */
  public FaceInfo info() {
    return info;
  }

  /** The file, where its name was not set. */
  Optional<Path> file() {
    return Optional.ofNullable(file);
  }

  /** The pixels, with the stamp of the file if there is one. */
  PhotoFile read(FaceImageReader reader) throws IOException {
    if (image != null) {
      return new PhotoFile(image, null, null, PhotoPeople.NOBODY);
    }
    if (file != null) {
      long size = Files.size(file);
      long modified = Files.getLastModifiedTime(file).toMillis();
      return PhotoFile.read(new PhotoWalk.Found(file, name, size, modified), reader);
    }
    try (InputStream in = Objects.requireNonNull(source).open()) {
      FaceImageReader.Dated read = reader.readDated(in, name);
      return new PhotoFile(read.image(), null, read.taken(), read.people());
    }
  }

  @Override
  public String toString() {
    return "Photo[" + name + ", " + info + "]";
  }
}
