package io.facesearch.train;

import io.facesearch.train.FaceDataset.LeftOut;
import io.facesearch.train.FaceDataset.Partition;
import io.facesearch.train.FaceDataset.Photo;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ProviderNotFoundException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The CelebA data set in its usual forms. Photos are in {@code img_align_celeba/} (also nested in
 * another folder of that name, as in Kaggle's zip) or in {@code img_align_celeba.zip}. Beside them,
 * or in {@code Anno/}, {@code Eval/} and {@code Img/}, are the lists {@code identity_CelebA} and,
 * optionally, {@code list_attr_celeba} and {@code list_eval_partition}: the official ones ({@code
 * .txt}, with or without the line that counts the rows) or Kaggle's ({@code .csv}). A partial
 * download works: rows without an image and images without a row are left out and counted.
 * Malformed rows are errors that name file and line; lists that match no photo are errors too.
 *
 * <p>Photos in a zip file can be read until {@link #close}, one at a time. Otherwise immutable and
 * thread-safe.
 *
 * @see <a href="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html">Liu et al., Deep Learning Face
 *     Attributes in the Wild, ICCV 2015</a>
 */
public final class CelebA implements AutoCloseable {
  private static final String IMAGES = "img_align_celeba";
  private static final List<String> IDENTITIES =
      List.of(
          "identity_CelebA.txt",
          "identity_CelebA.csv",
          "identity_celeba.txt",
          "identity_celeba.csv",
          "list_identity_celeba.txt",
          "list_identity_celeba.csv");
  private static final List<String> ATTRIBUTES =
      List.of("list_attr_celeba.txt", "list_attr_celeba.csv");
  private static final List<String> PARTITION =
      List.of("list_eval_partition.txt", "list_eval_partition.csv");
  private static final int ATTRIBUTE_COUNT = 40;

  private final FaceDataset dataset;
  private final Path images;
  private final Map<String, String> identities = new HashMap<>();
  private final @Nullable FileSystem zip;

  private CelebA(FaceDataset dataset, Path images, @Nullable FileSystem zip) {
    this.dataset = dataset;
    this.images = images;
    this.zip = zip;
    for (Photo photo : dataset.photos()) {
      identities.put(photo.file().getFileName().toString(), photo.identity());
    }
  }

  /**
   * Returns whether a folder seems to have CelebA, because it has one of its lists.
   *
   * @param folder need not exist
   * @return true if it does; {@link #read} then reads it or says what is missing
   */
  public static boolean isOne(Path folder) {
    return Stream.of(IDENTITIES, ATTRIBUTES, PARTITION)
        .anyMatch(names -> find(folder, names).isPresent());
  }

  /**
   * Reads the data set.
   *
   * @param folder the folder with the lists
   * @return the data set; the caller closes it
   * @throws DatasetFormatException if a row is malformed or occurs twice, the announced number of
   *     rows is wrong, or no photo is in the lists; the message names file and line, or where
   *     photos were expected
   * @throws IOException if a file is missing or cannot be read
   */
  public static CelebA read(Path folder) throws IOException {
    FaceDataset.requireFolder(folder);
    List<Path> sought = new ArrayList<>();
    for (String sub : List.of("", "Img")) {
      Path images = folder.resolve(sub).resolve(IMAGES);
      sought.add(images.resolve(IMAGES));
      sought.add(images);
    }
    for (Path images : sought) {
      if (Files.isDirectory(images) && hasImage(images)) {
        return read(folder, images, null);
      }
    }
    Optional<Path> file = find(folder, List.of(IMAGES + ".zip"));
    if (file.isEmpty()) {
      throw new NoSuchFileException(
          folder.resolve(IMAGES).toString(),
          null,
          "no photo of CelebA is there; sought in " + sought + " and " + IMAGES + ".zip");
    }
    FileSystem zip;
    try {
      zip = FileSystems.newFileSystem(file.get());
    } catch (ZipException | ProviderNotFoundException e) {
      throw new DatasetFormatException(
          file.get() + " is not a readable zip file: " + e.getMessage() + "; download it again");
    }
    Path inside = zip.getPath(IMAGES);
    if (Files.isDirectory(inside.resolve(IMAGES))) {
      inside = inside.resolve(IMAGES);
    }
    if (!Files.isDirectory(inside)) {
      zip.close();
      throw new DatasetFormatException(file.get() + " holds no folder " + IMAGES);
    }
    return read(folder, inside, zip);
  }

  private static boolean hasImage(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(FaceDataset::isImage);
    }
  }

  private static CelebA read(Path folder, Path images, @Nullable FileSystem zip)
      throws IOException {
    try {
      return new CelebA(read(folder, images), images, zip);
    } catch (IOException | RuntimeException e) {
      if (zip != null) {
        zip.close();
      }
      throw e;
    }
  }

  private static Optional<Path> find(Path folder, List<String> names) {
    return Stream.of("", "Anno", "Eval", "Img")
        .flatMap(sub -> names.stream().map(name -> folder.resolve(sub).resolve(name)))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Path require(Path folder, List<String> names) throws IOException {
    return find(folder, names)
        .orElseThrow(
            () ->
                new NoSuchFileException(
                    folder.resolve(names.get(0)).toString(),
                    null,
                    "it says whose photos these are; sought as "
                        + names
                        + ", also in Anno, Eval and Img"));
  }

  private static FaceDataset read(Path folder, Path images) throws IOException {
    Map<String, Path> present = new TreeMap<>();
    try (Stream<Path> files = Files.list(images)) {
      files
          .filter(FaceDataset::isImage)
          .forEach(file -> present.put(file.getFileName().toString(), file));
    }
    Path identityFile = require(folder, IDENTITIES);
    Map<String, String> identities = identities(identityFile);
    List<String> names = new ArrayList<>();
    Optional<Path> attributeFile = find(folder, ATTRIBUTES);
    Map<String, Long> attributes =
        attributeFile.isPresent() ? attributes(attributeFile.get(), names) : Map.of();
    Optional<Path> partitionFile = find(folder, PARTITION);
    Map<String, Partition> partitions =
        partitionFile.isPresent() ? partitions(partitionFile.get()) : Map.of();

    List<Photo> photos = new ArrayList<>();
    List<String> noImage = new ArrayList<>();
    List<String> noAttributes = new ArrayList<>();
    List<String> noPartition = new ArrayList<>();
    for (Map.Entry<String, String> row : identities.entrySet()) {
      String name = row.getKey();
      Path file = present.get(name);
      if (file == null) {
        noImage.add(name);
      } else if (attributeFile.isPresent() && !attributes.containsKey(name)) {
        noAttributes.add(name);
      } else if (partitionFile.isPresent() && !partitions.containsKey(name)) {
        noPartition.add(name);
      } else {
        photos.add(
            new Photo(
                file, row.getValue(), attributes.getOrDefault(name, 0L), partitions.get(name)));
      }
    }
    if (photos.isEmpty()) {
      throw new DatasetFormatException(
          "no photo in "
              + images
              + " is in the lists: of the "
              + present.size()
              + " image files there, "
              + (present.isEmpty() ? "none" : "such as " + present.keySet().iterator().next())
              + ", none has a row in each; "
              + identityFile
              + " has "
              + identities.size()
              + " rows"
              + identities.keySet().stream().findFirst().map(name -> ", such as " + name).orElse("")
              + "; put the photos there under the names of the lists");
    }
    Path list = Path.of("a list");
    Set<String> noRow = new HashSet<>(present.keySet());
    noRow.removeAll(identities.keySet());
    return new FaceDataset(
        "CelebA",
        photos,
        names,
        List.of(
            LeftOut.of("rows without an image", noImage),
            LeftOut.of(
                "images without a row in " + identityFile.getFileName(),
                noRow.stream().sorted().toList()),
            LeftOut.of(
                "images without a row in " + attributeFile.map(Path::getFileName).orElse(list),
                noAttributes),
            LeftOut.of(
                "images without a row in " + partitionFile.map(Path::getFileName).orElse(list),
                noPartition)));
  }

  /** One line of a file, for messages. */
  private record Line(Path file, int number, String text) {
    DatasetFormatException error(String problem) {
      String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
      return new DatasetFormatException(
          file + ", line " + number + ": " + problem + ", but got: " + shown);
    }

    String[] cells() {
      String row = text.trim();
      String[] cells = row.split(row.indexOf(',') >= 0 ? "," : "\\s+", -1);
      for (int i = 0; i < cells.length; i++) {
        cells[i] = unquoted(cells[i].trim());
      }
      return cells;
    }

    private static String unquoted(String cell) {
      boolean quoted = cell.length() > 1 && cell.startsWith("\"") && cell.endsWith("\"");
      return quoted ? cell.substring(1, cell.length() - 1) : cell;
    }

    /** Whether it is a first line that names the columns, or counts the rows. */
    boolean isHead() {
      return number == 1 && cells()[0].indexOf('.') < 0 && (cells().length > 1 || isCount());
    }

    boolean isCount() {
      return cells().length == 1 && cells()[0].matches("\\d{1,9}");
    }
  }

  private interface LineReader {
    void accept(Line line);
  }

  private static void lines(Path file, LineReader reader) throws IOException {
    int number = 0;
    try (BufferedReader in = Files.newBufferedReader(file)) {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        number++;
        if (number == 1 && text.startsWith("\uFEFF")) {
          text = text.substring(1);
        }
        if (!text.isBlank()) {
          reader.accept(new Line(file, number, text));
        }
      }
    } catch (CharacterCodingException e) {
      throw new DatasetFormatException(
          file + ", after line " + number + ": not a text file in UTF-8; download it again");
    }
  }

  private static <V> void putNew(Map<String, V> map, String name, V value, Line line) {
    if (map.put(name, value) != null) {
      throw line.error("expected one row an image, but " + name + " has a row already");
    }
  }

  private static Map<String, String> identities(Path file) throws IOException {
    Map<String, String> identities = new LinkedHashMap<>();
    lines(
        file,
        line -> {
          String[] cells = line.cells();
          if (line.isHead()) {
            return;
          }
          if (cells.length != 2 || cells[1].isEmpty()) {
            throw line.error("expected a file name and an identity");
          }
          putNew(identities, cells[0], cells[1], line);
        });
    return identities;
  }

  private static Map<String, Partition> partitions(Path file) throws IOException {
    Map<String, Partition> partitions = new LinkedHashMap<>();
    lines(
        file,
        line -> {
          String[] cells = line.cells();
          if (line.isHead()) {
            return;
          }
          if (cells.length != 2 || !cells[1].matches("[012]")) {
            throw line.error("expected a file name and a partition 0, 1 or 2");
          }
          putNew(partitions, cells[0], Partition.values()[Integer.parseInt(cells[1])], line);
        });
    return partitions;
  }

  private static Map<String, Long> attributes(Path file, List<String> names) throws IOException {
    Map<String, Long> attributes = new LinkedHashMap<>();
    int[] announced = {-1};
    lines(
        file,
        line -> {
          String[] cells = line.cells();
          if (line.number == 1 && line.isCount()) {
            announced[0] = Integer.parseInt(cells[0]);
          } else if (names.isEmpty()) {
            // Kaggle's lists name the column of the file, too.
            int from = cells.length == ATTRIBUTE_COUNT + 1 && cells[0].equals("image_id") ? 1 : 0;
            if (cells.length - from != ATTRIBUTE_COUNT) {
              throw line.error(
                  (line.number == 1 ? "expected the number of images, or " : "expected ")
                      + ATTRIBUTE_COUNT
                      + " names of attributes, found "
                      + cells.length);
            }
            names.addAll(List.of(cells).subList(from, cells.length));
          } else {
            if (cells.length != ATTRIBUTE_COUNT + 1) {
              throw line.error(
                  "expected a file name and "
                      + ATTRIBUTE_COUNT
                      + " attributes, found "
                      + (cells.length - 1));
            }
            long bits = 0;
            for (int i = 0; i < ATTRIBUTE_COUNT; i++) {
              switch (cells[i + 1]) {
                case "1" -> bits |= 1L << i;
                case "-1", "0" -> {
                  // Not set.
                }
                default ->
                    throw line.error(
                        "expected 1 or -1 for " + names.get(i) + ", found " + cells[i + 1]);
              }
            }
            putNew(attributes, cells[0], bits, line);
          }
        });
    if (announced[0] < 0 && !attributes.isEmpty()) {
      return attributes;
    }
    if (announced[0] != attributes.size()) {
      throw new DatasetFormatException(
          file
              + ", line 1: announces "
              + Math.max(0, announced[0])
              + " images, but there are rows of "
              + attributes.size()
              + "; the file is cut short or was edited: download it again, or correct the number");
    }
    return attributes;
  }

  /**
   * {@return the photos that have an image, an identity and, if there is a list of them,
   * attributes, in the order of {@code identity_CelebA}}
   */
  public FaceDataset dataset() {
    return dataset;
  }

  /**
   * Returns whose photo a file is; for {@code FolderSource.person}.
   *
   * @param file a file with a name as in the lists, in any folder
   * @return the identity; empty if it is not in the lists
   */
  public Optional<String> identityOf(Path file) {
    return Optional.ofNullable(file.getFileName()).map(name -> identities.get(name.toString()));
  }

  /** {@return the folder of the photos; empty if they are in a zip file} */
  public Optional<Path> folder() {
    return zip != null ? Optional.empty() : Optional.of(images);
  }

  /** Closes the zip file, if there is one. */
  @Override
  public void close() throws IOException {
    if (zip != null) {
      zip.close();
    }
  }
}
