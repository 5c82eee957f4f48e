package io.facesearch.cli;

import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceSearchException;
import io.facesearch.Photo;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** The photos that a command works on, one after the other; what fails does not stop the others. */
final class PhotoArguments {
  /** Bytes of a photo that come from standard input; no photo has more. */
  private static final int MOST_BYTES = 1 << 28;

  private static final Pattern GLOB = Pattern.compile("[*?\\[{]");

  @Parameters(
      paramLabel = "PHOTO",
      arity = "1..*",
      description =
          "Photos; patterns such as 'photos/*.jpg' or 'photos/**.jpg', too; - is a photo from standard input.")
  private List<String> words;

  /** A photo that was named. */
  static final class Given {
    private final String name;

    /** Null if it comes from standard input. */
    private final @Nullable Path file;

    private byte @Nullable [] bytes;

    Given(String name, @Nullable Path file) {
      this.name = name;
      this.file = file;
    }

    /** As the user wrote it. */
    String name() {
      return name;
    }

    /** Empty if it comes from standard input. */
    Optional<Path> file() {
      return Optional.ofNullable(file);
    }

    /** Its pixels. */
    FaceImage read() throws IOException {
      return file == null
          ? FaceImageReader.DEFAULT.read(bytes(), "the photo from standard input")
          : FaceImage.read(file);
    }

    /** Its bytes. */
    byte[] bytes() throws IOException {
      if (file != null) {
        return Files.readAllBytes(file);
      }
      if (bytes == null) {
        bytes = System.in.readNBytes(MOST_BYTES);
      }
      return bytes;
    }

    /** To be added under a name. */
    Photo photo(String as) throws IOException {
      return file == null ? Photo.of(as, bytes()) : Photo.of(file).named(as);
    }
  }

  /** Works on one photo; returns the status that it deserves. */
  interface Work {
    int on(Given photo) throws IOException;
  }

  /** All photos in the order given; what matches nothing, or is no file, is said, and null. */
  List<@Nullable Given> find(CommandSpec spec, Output out) {
    List<@Nullable Given> found = new ArrayList<>();
    boolean input = false;
    for (String word : words) {
      if (word.isEmpty()) {
        throw new ParameterException(
            spec.commandLine(), "a path is empty; a dot means the working folder");
      }
      if (word.equals("-")) {
        if (input) {
          throw new ParameterException(
              spec.commandLine(), "- is given twice, but standard input is one photo");
        }
        input = true;
        found.add(new Given(word, null));
        continue;
      }
      try {
        found.addAll(files(word));
      } catch (IOException | UncheckedIOException | FaceSearchException e) {
        out.problem(word, "broken", FaceSearchCommand.words(e).orElseThrow());
        found.add(null);
      }
    }
    return found;
  }

  private static List<Given> files(String word) throws IOException {
    Path file = path(word);
    if (file != null && Files.isDirectory(file)) {
      throw new FaceSearchException(
          word
              + " is a folder; name photos, such as '"
              + file.resolve("*.jpg")
              + "', or add all of it by 'facesearch index --photos'");
    }
    if (file != null && Files.exists(file)) {
      return List.of(new Given(word, file));
    }
    if (!GLOB.matcher(word).find()) {
      throw new NoSuchFileException(word);
    }
    List<Given> matches = glob(File.separatorChar == '\\' ? word.replace('\\', '/') : word);
    if (matches.isEmpty()) {
      throw new NoSuchFileException(word);
    }
    return matches;
  }

  /** Null if no file can be called so, as Windows has no stars in names. */
  private static @Nullable Path path(String word) {
    try {
      return Path.of(word);
    } catch (InvalidPathException e) {
      if (GLOB.matcher(word).find()) {
        return null;
      }
      throw new FaceSearchException("no file can be called so: " + e.getMessage(), e);
    }
  }

  private static List<Given> glob(String pattern) throws IOException {
    String[] parts = pattern.split("/");
    int plain = 0;
    while (!GLOB.matcher(parts[plain]).find()) {
      plain++;
    }
    String fixed = String.join("/", List.of(parts).subList(0, plain));
    Path start = Path.of(fixed.isEmpty() && pattern.startsWith("/") ? "/" : fixed);
    int depth = pattern.contains("**") ? Integer.MAX_VALUE : parts.length - plain;
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    } catch (PatternSyntaxException e) {
      throw new FaceSearchException(
          "there is no file " + pattern + ", and it is not a pattern: " + e.getDescription(), e);
    }
    try (Stream<Path> all = Files.walk(start, depth)) {
      return all.filter(matcher::matches)
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(Files::isRegularFile)
          .sorted()
          .map(file -> new Given(file.toString(), file))
          .toList();
    }
  }

  /**
   * Works on each of some photos. A photo that cannot be read is said, and the others go on.
   *
   * @param photos from {@link #find}
   * @return 1 if one failed, else the status of the worst, 130 if it was stopped
   */
  static int each(List<@Nullable Given> photos, Output out, Work work) {
    AtomicBoolean stop = new AtomicBoolean();
    if (photos.size() > 1) {
      StopSignal.onStop(() -> stop.set(true));
    }
    int status = 0;
    for (@Nullable Given photo : photos) {
      if (stop.get()) {
        return FaceSearchCommand.STOPPED;
      }
      int one = 1;
      if (photo != null) {
        try {
          one = work.on(photo);
        } catch (IOException | UncheckedIOException | FaceSearchException e) {
          out.problem(photo.name(), "broken", FaceSearchCommand.words(e).orElseThrow());
        }
      }
      status = status == 1 || one == 1 ? 1 : Math.max(status, one);
    }
    return status;
  }

  /** Says that a photo has no face. */
  static int noFace(Given photo, Output out) {
    out.problem(photo.name(), "no-face", "no face found in " + photo.name());
    return FaceSearchCommand.NO_FACE;
  }
}
