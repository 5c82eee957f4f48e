package io.facesearch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A folder of photos with a name. The names of its photos begin with that name, {@code
 * name/subfolder/photo.jpg}, so that the folder can be moved and an index contains no paths of the
 * machine. Names of photos are the same on all platforms and in all locales: folders are separated
 * by slashes, text is in Unicode form NFC, and bytes that are not valid text are escaped as {@code
 * %E9}. Immutable and thread-safe.
 */
public final class PhotoRoot {
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:");

  private final String name;
  private final Path folder;
  private final boolean named;

  private PhotoRoot(String name, Path folder, boolean named) {
    this.name = name;
    this.folder = folder;
    this.named = named;
  }

  /**
   * Creates a root that has the name of its folder.
   *
   * @param folder need not exist
   * @return the root
   */
  public static PhotoRoot of(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    String name = absolute.getFileName() == null ? "photos" : PhotoNames.of(absolute);
    return new PhotoRoot(DRIVE.matcher(name).matches() ? name + "_" : name, absolute, false);
  }

  /**
   * Creates a root with a given name.
   *
   * @param name 1 to 255 characters, without slashes, backslashes and control characters
   * @param folder need not exist
   * @return the root
   * @throws IllegalArgumentException if the name is not like that
   */
  public static PhotoRoot of(String name, Path folder) {
    Objects.requireNonNull(folder, "folder");
    if (name.isEmpty()
        || name.length() > 255
        || name.equals(".")
        || name.equals("..")
        || DRIVE.matcher(name).matches()
        || !name.equals(PhotoNames.ofText(name))
        || name.indexOf('/') >= 0) {
      throw new IllegalArgumentException(
          "the name of a folder of photos must have 1 to 255 characters, none of them a slash, a"
              + " backslash, a control character or %, but is: \""
              + PhotoNames.ofText(name)
              + "\"");
    }
    return new PhotoRoot(name, folder.toAbsolutePath().normalize(), true);
  }

  /** {@return the first part of the names of its photos} */
  public String name() {
    return name;
  }

  /** {@return the folder, as an absolute path} */
  public Path folder() {
    return folder;
  }

  /** Whether the name was given, not taken from the folder. */
  boolean isNamed() {
    return named;
  }

  /**
   * Returns the name of a photo, which is the {@link FaceRecord#source} of its faces.
   *
   * @param file inside the folder
   * @return the name of the root, a slash, and the path of the photo below the folder
   * @throws IllegalArgumentException if the file is not inside the folder
   */
  public String sourceOf(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    if (!absolute.startsWith(folder) || absolute.equals(folder)) {
      throw new IllegalArgumentException(
          "the photo must be in the folder " + folder + ", but is: " + absolute);
    }
    StringBuilder source = new StringBuilder(name);
    Path place = folder;
    for (Path element : folder.relativize(absolute)) {
      place = place.resolve(element);
      source.append('/').append(PhotoNames.of(place));
    }
    return source.toString();
  }

  /**
   * Finds a photo by its name.
   *
   * @param source from {@link #sourceOf}
   * @return the file, with symbolic links resolved; empty if it belongs to another root, is gone,
   *     or lies outside the folder
   */
  public Optional<Path> fileOf(String source) {
    return nameIn(source).filter(name::equals).flatMap(own -> fileIn(folder, source));
  }

  /** The name of the root in the name of a photo; empty if it is a path of an older release. */
  static Optional<String> nameIn(String source) {
    int end = source.indexOf('/');
    return isAbsolute(source) || end < 1 ? Optional.empty() : Optional.of(source.substring(0, end));
  }

  /** Whether a source is a path, as releases before named roots wrote it, of any platform. */
  static boolean isAbsolute(String source) {
    return source.startsWith("/")
        || source.startsWith("\\\\")
        || source.length() > 2
            && DRIVE.matcher(source.substring(0, 2)).matches()
            && (source.charAt(2) == '\\' || source.charAt(2) == '/');
  }

  static Optional<Path> fileIn(Path folder, String source) {
    try {
      Optional<Path> found = locate(folder, source);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      Path file = found.get().toRealPath();
      return file.startsWith(folder.toRealPath()) && Files.isRegularFile(file)
          ? Optional.of(file)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // gone, or beyond reach
    }
  }

  /** The file of a name, or empty if there is none; an exception if that cannot be told. */
  static Optional<Path> locate(Path folder, String source) throws IOException {
    Path place = folder;
    String[] elements = source.split("/", -1);
    for (int i = 1; i < elements.length; i++) {
      String element = elements[i];
      if (element.isEmpty() || element.equals(".") || element.equals("..")) {
        return Optional.empty();
      }
      if (!Files.isDirectory(place)) {
        return Optional.empty();
      }
      Path next = direct(place, element);
      if (next == null || !exists(next)) {
        boolean certain = next != null && element.chars().allMatch(c -> c < 0x80);
        next = certain ? null : PhotoNames.list(place).get(element);
      }
      if (next == null) {
        return Optional.empty();
      }
      place = next;
    }
    return Optional.of(place);
  }

  private static boolean exists(Path file) throws IOException {
    try {
      Files.readAttributes(file, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** Null if the name is not the same text on the disk. */
  private static @Nullable Path direct(Path place, String element) {
    if (element.indexOf('%') >= 0) {
      return null;
    }
    try {
      return place.resolve(element);
    } catch (InvalidPathException e) {
      return null; // the locale has no such character
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PhotoRoot root && name.equals(root.name) && folder.equals(root.folder);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, folder);
  }

  @Override
  public String toString() {
    return name + " at " + folder;
  }
}
