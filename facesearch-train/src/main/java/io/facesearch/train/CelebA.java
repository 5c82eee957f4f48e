package io.facesearch.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The identities of CelebA in its official layout: {@code img_align_celeba/} beside {@code
 * identity_CelebA.txt}. A partial download works: rows without an image are counted and left out.
 * Immutable and thread-safe.
 *
 * @see <a href="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html">Liu et al., Deep Learning Face
 *     Attributes in the Wild, ICCV 2015</a>
 */
public final class CelebA {
  private final Map<String, List<Path>> photos;
  private final int rowsWithoutImage;

  private CelebA(Map<String, List<Path>> photos, int rowsWithoutImage) {
    this.photos = photos;
    this.rowsWithoutImage = rowsWithoutImage;
  }

  /**
   * Reads the identities.
   *
   * @param folder the folder of the official layout
   * @return the identities that have images
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if a row is malformed; the message names file and line
   */
  public static CelebA read(Path folder) throws IOException {
    Path images = folder.resolve("img_align_celeba");
    Path rows = folder.resolve("identity_CelebA.txt");
    List<String> present;
    try (Stream<Path> files = Files.list(images)) {
      present = files.map(file -> file.getFileName().toString()).sorted().toList();
    }
    Map<String, List<Path>> photos = new TreeMap<>();
    int missing = 0;
    int line = 0;
    try (BufferedReader in = Files.newBufferedReader(rows)) {
      for (String row = in.readLine(); row != null; row = in.readLine()) {
        line++;
        String[] cells = row.trim().split("\\s+");
        if (cells.length == 1 && cells[0].isEmpty()) {
          continue;
        }
        if (cells.length != 2) {
          throw new IllegalArgumentException(
              rows + ", line " + line + ": expected a file name and an identity, but got: " + row);
        }
        if (Collections.binarySearch(present, cells[0]) < 0) {
          missing++;
        } else {
          photos.computeIfAbsent(cells[1], id -> new ArrayList<>()).add(images.resolve(cells[0]));
        }
      }
    }
    photos.replaceAll((id, files) -> List.copyOf(files));
    return new CelebA(Collections.unmodifiableMap(photos), missing);
  }

  /**
   * Photos by identity.
   *
   * @return identity to its image files, in the order of the rows
   */
  public Map<String, List<Path>> photos() {
    return photos;
  }

  /**
   * Rows whose image is not there.
   *
   * @return their number
   */
  public int rowsWithoutImage() {
    return rowsWithoutImage;
  }
}
