package io.facesearch.train;

import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.ImageFormatException;
import io.facesearch.internal.ForeignFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Photos with the identity of the person in each, and possibly attributes, plus a record of what
 * was left out. Immutable and thread-safe. The {@code with...} methods return a smaller data set
 * and add to that record.
 */
public final class FaceDataset {
  private static final Pattern LFW_NAME = Pattern.compile("(.+)_\\d{4}\\.jpe?g");
  private static final Pattern IMAGE =
      Pattern.compile(".+\\.(jpe?g|png|bmp|gif|tiff?|webp)", Pattern.CASE_INSENSITIVE);

  /** The part of a data set that a photo belongs to, as its publisher defined it. */
  public enum Partition {
    /** For training. */
    TRAIN,
    /** For validation. */
    VALIDATION,
    /** For testing. */
    TEST
  }

  /** One photo. */
  public static final class Photo {
    private final Path file;
    private final String identity;
    private final long attributes;
    private final @Nullable Partition partition;

    /**
     * Creates a photo.
     *
     * @param file the image
     * @param identity the person in it
     * @param attributes bit i is set if the photo has attribute i of {@link #attributeNames()}
     * @param partition the publisher's part; null if unknown
     */
    public Photo(Path file, String identity, long attributes, @Nullable Partition partition) {
      if (identity.isEmpty()) {
        throw new IllegalArgumentException("the identity of " + file + " must not be empty");
      }

      this.file = Objects.requireNonNull(file, "file");
      this.identity = identity;
      this.attributes = attributes;
      this.partition = partition;
    }

    /** {@return the image} */
    public Path file() {
      return file;
    }

    /** {@return the person in it} */
    public String identity() {
      return identity;
    }

    /**
     * {@return the attributes: bit i is set if the photo has attribute i of {@link
     * #attributeNames()}}
     */
    public long attributes() {
      return attributes;
    }

    /** {@return the publisher's part, if known} */
    public Optional<Partition> partition() {
      return Optional.ofNullable(partition);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Photo that
          && file.equals(that.file)
          && identity.equals(that.identity)
          && attributes == that.attributes
          && Objects.equals(partition, that.partition);
    }

    @Override
    public int hashCode() {
      return Objects.hash(file, identity, attributes, partition);
    }

    @Override
    public String toString() {
      return "Photo["
          + "file="
          + file
          + ", "
          + "identity="
          + identity
          + ", "
          + "attributes="
          + attributes
          + ", "
          + "partition="
          + partition
          + "]";
    }
  }

  /**
   * Something that was left out, with examples.
   *
   * @param reason why
   * @param count how many
   * @param examples the first few, with file and, if there is one, line
   */
  public record LeftOut(String reason, int count, List<String> examples) {
    private static final int EXAMPLES = 10;

    /** Copies the list. */
    public LeftOut {
      examples = List.copyOf(examples);
    }

    static LeftOut of(String reason, List<String> all) {
      return new LeftOut(reason, all.size(), all.subList(0, Math.min(EXAMPLES, all.size())));
    }
  }

  private final String name;
  private final List<Photo> photos;
  private final List<String> attributeNames;
  private final List<LeftOut> leftOut;

  FaceDataset(String name, List<Photo> photos, List<String> attributeNames, List<LeftOut> leftOut) {
    this.name = name;
    this.photos = List.copyOf(photos);
    this.attributeNames = List.copyOf(attributeNames);
    this.leftOut = leftOut.stream().filter(l -> l.count() > 0).toList();
  }

  /**
   * Reads a folder with one subfolder of photos per person. Files without the extension of an image
   * format, hidden files and folders, those of other software (trash, thumbnails), and photos in
   * the folder itself are left out and counted.
   *
   * @param folder the folder
   * @return the data set, sorted by identity and file name
   * @throws IOException if the folder cannot be listed
   * @throws DatasetFormatException if there is no photo in a subfolder
   */
  public static FaceDataset ofFolder(Path folder) throws IOException {
    return ofFolder(folder, "folder " + folder.getFileName(), (person, file) -> true);
  }

  /**
   * Reads the layout of LFW: {@code Person_Name/Person_Name_0001.jpg}. A photo that is not named
   * after its folder is left out and counted.
   *
   * @param folder the folder with one subfolder per person
   * @return the data set, sorted by identity and file name
   * @throws IOException if the folder cannot be listed
   * @throws DatasetFormatException if there is no photo in that layout
   */
  public static FaceDataset ofLfw(Path folder) throws IOException {
    return ofFolder(
        folder,
        "LFW",
        (person, file) -> {
          Matcher matcher = LFW_NAME.matcher(file);
          return matcher.matches() && matcher.group(1).equals(person);
        });
  }

  private interface NameRule {
    boolean fits(String person, String file);
  }

  private static FaceDataset ofFolder(Path folder, String name, NameRule rule) throws IOException {
    requireFolder(folder);
    List<Photo> photos = new ArrayList<>();
    List<String> noImage = new ArrayList<>();
    List<String> misnamed = new ArrayList<>();
    List<String> noPerson = new ArrayList<>();
    List<String> foreign = new ArrayList<>();
    for (Path person : list(folder, foreign)) {
      if (!Files.isDirectory(person)) {
        (isImage(person) ? noPerson : noImage).add(person.toString());
        continue;
      }
      String identity = name(person);
      for (Path file : list(person, foreign)) {
        if (!Files.isRegularFile(file) || !isImage(file)) {
          noImage.add(file.toString());
        } else if (!rule.fits(identity, name(file))) {
          misnamed.add(file.toString());
        } else {
          photos.add(new Photo(file, identity, 0, null));
        }
      }
    }
    if (photos.isEmpty()) {
      throw new DatasetFormatException(
          folder
              + " holds no photo as "
              + (name.equals("LFW") ? "Person_Name/Person_Name_0001.jpg" : "identity/photo.jpg")
              + "; name the folder that has one subfolder a person");
    }
    return new FaceDataset(
        name,
        photos,
        List.of(),
        List.of(
            LeftOut.of("hidden, or of other software", foreign),
            LeftOut.of("no image file", noImage),
            LeftOut.of("not named after its folder", misnamed),
            LeftOut.of("not in the folder of a person", noPerson)));
  }

  static void requireFolder(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
  }

  static boolean isImage(Path file) {
    String name = name(file);
    return IMAGE.matcher(name).matches() && !ForeignFiles.isForeign(name);
  }

  /** In a zip file, the names of folders end with a slash. */
  private static String name(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  private static List<Path> list(Path folder, List<String> foreign) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> own = new ArrayList<>();
      files
          .sorted()
          .forEach(
              file -> {
                if (ForeignFiles.isForeign(name(file))) {
                  foreign.add(file.toString());
                } else {
                  own.add(file);
                }
              });
      return own;
    }
  }

  /** {@return the name of the data set in reports} */
  public String name() {
    return name;
  }

  /** {@return the photos, in the order of the data set} */
  public List<Photo> photos() {
    return photos;
  }

  /** {@return the photos of each identity, sorted by identity} */
  public Map<String, List<Photo>> byIdentity() {
    Map<String, List<Photo>> map = new TreeMap<>();
    for (Photo photo : photos) {
      map.computeIfAbsent(photo.identity(), id -> new ArrayList<>()).add(photo);
    }
    map.replaceAll((id, list) -> List.copyOf(list));
    return Collections.unmodifiableMap(map);
  }

  /** {@return the names of the attributes, at most 64; empty if the data set has none} */
  public List<String> attributeNames() {
    return attributeNames;
  }

  /** {@return what was left out so far, one entry per reason} */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  /**
   * Keeps only identities with enough photos.
   *
   * @param atLeast number of photos that an identity needs, at least 1; pairs and triplets need 2
   * @return the smaller data set
   */
  public FaceDataset withIdentitiesOf(int atLeast) {
    if (atLeast < 1) {
      throw new IllegalArgumentException("atLeast must be at least 1, but is: " + atLeast);
    }
    Map<String, Integer> count = new HashMap<>();
    photos.forEach(photo -> count.merge(photo.identity(), 1, Integer::sum));
    List<Photo> kept =
        photos.stream()
            .filter(photo -> count.getOrDefault(photo.identity(), 0) >= atLeast)
            .toList();
    List<String> few =
        count.entrySet().stream()
            .filter(e -> e.getValue() < atLeast)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    return smaller(kept, LeftOut.of("identities with fewer than " + atLeast + " photos", few));
  }

  /**
   * Keeps only photos in which a detector finds a face, using all cores. Photos that cannot be read
   * are left out too.
   *
   * @param detector must be thread-safe; still owned by the caller
   * @param progress called with the number of photos done
   * @return the smaller data set
   * @throws InterruptedException if interrupted
   */
  public FaceDataset withFaces(FaceDetector detector, IntConsumer progress)
      throws InterruptedException {
    Objects.requireNonNull(detector, "detector");
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    List<Photo> kept = new ArrayList<>();
    List<String> out = new ArrayList<>();
    try {
      List<Future<Optional<String>>> answers = new ArrayList<>();
      for (Photo photo : photos) {
        answers.add(pool.submit(() -> objection(photo, detector)));
      }
      for (int i = 0; i < photos.size(); i++) {
        Optional<String> answer = answers.get(i).get();
        if (answer.isEmpty()) {
          kept.add(photos.get(i));
        } else {
          out.add(answer.get());
        }
        progress.accept(i + 1);
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new FaceSearchException("reading the photos of " + name + " failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
    return smaller(kept, LeftOut.of("no detected face, or broken", out));
  }

  private static Optional<String> objection(Photo photo, FaceDetector detector) {
    try {
      return detector.detect(FaceImage.read(photo.file())).isEmpty()
          ? Optional.of(photo.file().toString())
          : Optional.empty();
    } catch (IOException | ImageFormatException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** The same data set with other photos, for {@link IdentitySplit}. */
  FaceDataset part(String suffix, List<Photo> some) {
    return new FaceDataset(name + suffix, some, attributeNames, List.of());
  }

  private FaceDataset smaller(List<Photo> kept, LeftOut more) {
    List<LeftOut> all = new ArrayList<>(leftOut);
    all.add(more);
    return new FaceDataset(name, kept, attributeNames, all);
  }

  @Override
  public String toString() {
    return name + ": " + photos.size() + " photos of " + byIdentity().size() + " identities";
  }
}
