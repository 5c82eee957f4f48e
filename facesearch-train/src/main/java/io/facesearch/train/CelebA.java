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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipException;

/**
 * CelebA in its official layout: {@code img_align_celeba/} or {@code img_align_celeba.zip}, beside
 * {@code identity_CelebA.txt}, {@code list_attr_celeba.txt} and, if it is there, {@code
 * list_eval_partition.txt}; these may also lie in {@code Anno/} and {@code Eval/}, and the zip in
 * {@code Img/}. A partial download works: rows without an image and images without a row are left
 * out and counted. A malformed row is an error that names file and line.
 *
 * <p>Photos of a zip file can be read until {@link #close}; they are read one at a time. Otherwise
 * immutable and thread-safe.
 *
 * @see <a href="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html">Liu et al., Deep Learning Face
 *     Attributes in the Wild, ICCV 2015</a>
 */
public final class CelebA implements AutoCloseable {
  private static final String IMAGES = "img_align_celeba";
  private static final String IDENTITIES = "identity_CelebA.txt";
  private static final String ATTRIBUTES = "list_attr_celeba.txt";
  private static final String PARTITION = "list_eval_partition.txt";
  private static final int ATTRIBUTE_COUNT = 40;

  private final FaceDataset dataset;
  private final Optional<FileSystem> zip;

  private CelebA(FaceDataset dataset, Optional<FileSystem> zip) {
    this.dataset = dataset;
    this.zip = zip;
  }

  /**
   * Reads the data set.
   *
   * @param folder the folder of the official layout
   * @return the photos that have an image, an identity and attributes; to be closed by the caller
   * @throws DatasetFormatException if a row is malformed or occurs twice, or the announced number
   *     of rows is wrong; the message names file and line
   * @throws IOException if a file cannot be read
   */
  public static CelebA read(Path folder) throws IOException {
    FaceDataset.requireFolder(folder);
    Optional<FileSystem> zip = Optional.empty();
    Path images = folder.resolve(IMAGES);
    if (!Files.isDirectory(images)) {
      Path file = find(folder, IMAGES + ".zip").orElseThrow(() -> missing(images));
      try {
        zip = Optional.of(FileSystems.newFileSystem(file));
      } catch (ZipException | ProviderNotFoundException e) {
        throw new DatasetFormatException(
            file + " is no readable zip file: " + e.getMessage() + "; download it again");
      }
      Path inside = zip.get().getPath(IMAGES);
      if (!Files.isDirectory(inside)) {
        zip.get().close();
        throw new DatasetFormatException(file + " holds no folder " + IMAGES);
      }
      return read(folder, inside, zip);
    }
    return read(folder, images, zip);
  }

  private static CelebA read(Path folder, Path images, Optional<FileSystem> zip)
      throws IOException {
    try {
      return new CelebA(read(folder, images), zip);
    } catch (IOException | RuntimeException e) {
      if (zip.isPresent()) {
        zip.get().close();
      }
      throw e;
    }
  }

  private static NoSuchFileException missing(Path file) {
    return new NoSuchFileException(file.toString());
  }

  private static Optional<Path> find(Path folder, String name) {
    return Stream.of("", "Anno", "Eval", "Img")
        .map(sub -> folder.resolve(sub).resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private static Path require(Path folder, String name) throws IOException {
    return find(folder, name).orElseThrow(() -> missing(folder.resolve(name)));
  }

  private static FaceDataset read(Path folder, Path images) throws IOException {
    Map<String, Path> present = new TreeMap<>();
    try (Stream<Path> files = Files.list(images)) {
      files
          .filter(FaceDataset::isImage)
          .forEach(file -> present.put(file.getFileName().toString(), file));
    }
    Map<String, String> identities = identities(require(folder, IDENTITIES));
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
                file,
                row.getValue(),
                attributes.getOrDefault(name, 0L),
                Optional.ofNullable(partitions.get(name))));
      }
    }
    Set<String> noRow = new HashSet<>(present.keySet());
    noRow.removeAll(identities.keySet());
    return new FaceDataset(
        "CelebA",
        photos,
        names,
        List.of(
            LeftOut.of("rows without an image", noImage),
            LeftOut.of("images without a row in " + IDENTITIES, noRow.stream().sorted().toList()),
            LeftOut.of("images without a row in " + ATTRIBUTES, noAttributes),
            LeftOut.of("images without a row in " + PARTITION, noPartition)));
  }

  /** One line of a file, for messages. */
  private record Line(Path file, int number, String text) {
    DatasetFormatException error(String problem) {
      String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
      return new DatasetFormatException(
          file + ", line " + number + ": " + problem + ", but got: " + shown);
    }

    String[] cells() {
      return text.trim().split("\\s+");
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
          if (cells.length != 2) {
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
          if (announced[0] < 0) {
            if (cells.length != 1 || !cells[0].matches("\\d{1,9}")) {
              throw line.error("expected the number of images");
            }
            announced[0] = Integer.parseInt(cells[0]);
          } else if (names.isEmpty()) {
            if (cells.length != ATTRIBUTE_COUNT) {
              throw line.error(
                  "expected " + ATTRIBUTE_COUNT + " names of attributes, found " + cells.length);
            }
            names.addAll(List.of(cells));
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
                case "-1" -> {
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
    if (announced[0] != attributes.size()) {
      throw new DatasetFormatException(
          file
              + ", line 1: announces "
              + Math.max(0, announced[0])
              + " images, but there are rows of "
              + attributes.size()
              + "; the file is cut short or was edited: download it again, or mend the number");
    }
    return attributes;
  }

  /**
   * The photos that have an image, an identity and attributes.
   *
   * @return in the order of {@code identity_CelebA.txt}
   */
  public FaceDataset dataset() {
    return dataset;
  }

  /** Closes the zip file, if there is one. */
  @Override
  public void close() throws IOException {
    if (zip.isPresent()) {
      zip.get().close();
    }
  }
}
