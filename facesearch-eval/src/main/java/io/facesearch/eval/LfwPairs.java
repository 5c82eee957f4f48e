package io.facesearch.eval;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Pairs of photos in the formats of Labeled Faces in the Wild: {@code pairs.txt} (view 2; folds and
 * pairs a class in the first line) and {@code pairsDevTest.txt} (view 1; pairs a class in the first
 * line). A line of three cells is a pair of one person, a line of four a pair of two people.
 *
 * @see <a href="https://vis-www.cs.umass.edu/lfw/">Huang et al., Labeled Faces in the Wild,
 *     2007</a>
 */
public final class LfwPairs {
  private LfwPairs() {}

  /**
   * One pair.
   *
   * @param first photo
   * @param second photo
   * @param same true if they show one person
   */
  public record Pair(Path first, Path second, boolean same) {}

  /**
   * Reads a file of pairs.
   *
   * @param file the file
   * @param images the folder with one subfolder a person
   * @return the pairs in the order of the file
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if a line is malformed, or their number is not as announced;
   *     the message names file and line
   */
  public static List<Pair> read(Path file, Path images) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(file + " is empty; expected LFW's pairs format");
    }
    String[] head = lines.get(0).trim().split("\\s+");
    int expected = 2;
    for (int i = 0; i < head.length; i++) {
      expected = Math.multiplyExact(expected, number(file, 1, head[i]));
    }
    List<Pair> pairs = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).trim();
      if (line.isEmpty()) {
        continue;
      }
      String[] c = line.split("\\t");
      switch (c.length) {
        case 3 ->
            pairs.add(
                new Pair(
                    photo(images, c[0], number(file, i + 1, c[1])),
                    photo(images, c[0], number(file, i + 1, c[2])),
                    true));
        case 4 ->
            pairs.add(
                new Pair(
                    photo(images, c[0], number(file, i + 1, c[1])),
                    photo(images, c[2], number(file, i + 1, c[3])),
                    false));
        default ->
            throw new IllegalArgumentException(
                file
                    + ", line "
                    + (i + 1)
                    + ": expected 3 or 4 cells parted by tabs, but got "
                    + c.length
                    + ": "
                    + line);
      }
    }
    if (pairs.size() != expected) {
      throw new IllegalArgumentException(
          file
              + ": the first line announces "
              + expected
              + " pairs, but there are "
              + pairs.size());
    }
    return pairs;
  }

  private static Path photo(Path images, String person, int number) {
    return images.resolve(person).resolve(String.format("%s_%04d.jpg", person, number));
  }

  private static int number(Path file, int line, String text) {
    try {
      int value = Integer.parseInt(text);
      if (value >= 1) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new IllegalArgumentException(
        file + ", line " + line + ": expected a positive number, but got: " + text);
  }
}
