package io.facesearch.eval;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads pairs of photos in the formats of Labeled Faces in the Wild: {@code pairs.txt} (view 2; the
 * first line has the numbers of folds and of pairs per class) and {@code pairsDevTest.txt} (view 1;
 * the first line has the number of pairs per class). A line of three cells is a pair of one person,
 * a line of four a pair of two people. Stateless.
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
   * @param same true if they show the same person
   * @param fold the fold of view 2, from 0; -1 in view 1
   */
  public record Pair(Path first, Path second, boolean same, int fold) {
    /** {@return the person in the first photo: the name of its folder} */
    public String firstPerson() {
      return person(first);
    }

    /** {@return the person in the second photo: the name of its folder} */
    public String secondPerson() {
      return person(second);
    }

    private static String person(Path photo) {
      Path folder = photo.getParent();
      Path name = folder == null ? null : folder.getFileName();
      return name == null ? "" : name.toString();
    }
  }

  /**
   * Reads a file of pairs.
   *
   * @param file the file
   * @param images the folder with one subfolder per person
   * @return the pairs in the order of the file
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if a line is malformed, or the number of lines is not the
   *     announced one; the message names file and line
   */
  public static List<Pair> read(Path file, Path images) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          file + ": expected LFW's pairs format in UTF-8, but the file is not in UTF-8", e);
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException(file + " is empty; expected LFW's pairs format");
    }
    String[] head = lines.get(0).trim().split("\\s+", -1);
    if (head.length > 2) {
      throw new IllegalArgumentException(
          file
              + ", line 1: expected pairs a class, or folds and pairs a class, but got: "
              + lines.get(0));
    }
    int folds = head.length == 2 ? number(file, 1, head[0]) : 0;
    int each = number(file, 1, head[head.length - 1]);
    long expected = 2L * Math.max(1, folds) * each;
    List<Pair> pairs = new ArrayList<>();
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).trim();
      if (line.isEmpty()) {
        continue;
      }
      String[] c = line.split("\\t", -1);
      if (c.length != 3 && c.length != 4) {
        throw new IllegalArgumentException(
            file
                + ", line "
                + (i + 1)
                + ": expected 3 or 4 cells parted by tabs, but got "
                + c.length
                + ": "
                + line);
      }
      // A fold is "each" pairs of one person, then as many of two people.
      boolean same = pairs.size() / each % 2 == 0;
      if (same != (c.length == 3)) {
        throw new IllegalArgumentException(
            file
                + ", line "
                + (i + 1)
                + ": the first line announces "
                + each
                + " pairs of each kind in turn, so a pair of "
                + (same ? "one person" : "two people")
                + " was expected, but got: "
                + line);
      }
      Path first = photo(images, c[0], number(file, i + 1, c[1]));
      Path second =
          same
              ? photo(images, c[0], number(file, i + 1, c[2]))
              : photo(images, c[2], number(file, i + 1, c[3]));
      pairs.add(new Pair(first, second, same, folds == 0 ? -1 : pairs.size() / (2 * each)));
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
    return images
        .resolve(person)
        .resolve(String.format(Locale.ROOT, "%s_%04d.jpg", person, number));
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
