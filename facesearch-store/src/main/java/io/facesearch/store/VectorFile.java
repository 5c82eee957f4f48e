package io.facesearch.store;

import de.siegmar.fastcsv.reader.NamedCsvRecord;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceInfo;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.PhotoTags;
import io.facesearch.TagValue;
import io.facesearch.internal.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes faces with their vectors in file formats that other programs know. Files are
 * read face by face, so they may be larger than memory. Stateless.
 *
 * <ul>
 *   <li>JSON Lines ({@code .jsonl}): one object per line, {@code {"id": "a", "person": "Ann",
 *       "tags": {"year": 2026}, "vector": [0.1, ...]}}; only {@code vector} is required.
 *   <li>CSV ({@code .csv}): a header line, then one line per face; the columns {@code id}, {@code
 *       person} and {@code tag:NAME} are optional, and all others are the numbers of the vector, in
 *       order.
 *   <li>NumPy ({@code .npy}): a matrix of 32- or 64-bit floats, one row per face. The ids, names
 *       and tags are in a file of the same name that ends with {@code .csv} instead of {@code
 *       .npy}, if there is one, with columns as above.
 * </ul>
 *
 * <p>A face without an id gets the name of the file and its number as its id: {@code faces.npy#0}.
 */
public final class VectorFile {
  private static final Pattern KIND =
      Pattern.compile("\\.(npy|csv|jsonl|ndjson)$", Pattern.CASE_INSENSITIVE);

  private VectorFile() {}

  /**
   * Reads all faces of a file.
   *
   * @param file its name extension determines the format
   * @param model fingerprint of the model that computed the vectors, such as {@code
   *     gallery.analyzer().model().fingerprint()}
   * @param face receives one face after the other
   * @return the number of faces
   * @throws FaceSearchException if the file is damaged or of an unknown format, or has an id twice;
   *     the message says in which line or row
   * @throws IOException if it cannot be read
   */
  public static long read(Path file, String model, Consumer<EmbeddedFace> face) throws IOException {
    if (!isOne(file)) {
      throw unknownKind(file);
    }
    String name = file.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    Set<String> ids = new HashSet<>();
    Rows rows =
        (where, one) -> {
          if (!ids.add(one.face().id())) {
            throw new FaceSearchException(
                file
                    + ", "
                    + where
                    + ": the id \""
                    + one.face().id()
                    + "\" is there twice; each face needs one of its own");
          }
          face.accept(one);
        };
    try {
      return read(file, name, lower, model, rows);
    } catch (UncheckedIOException e) {
      throw named(file, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  /** Takes the faces of a file, with where they stand in it. */
  @FunctionalInterface
  interface Rows {
    void take(String where, EmbeddedFace face);
  }

  private static long read(Path file, String name, String lower, String model, Rows face)
      throws IOException {
    if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
      return JsonLines.read(file, name, model, face);
    }
    return lower.endsWith(".csv")
        ? readCsv(file, name, model, face)
        : readNumPy(file, name, model, face);
  }

  /**
   * Returns whether a file has a format that is supported, judging by its name extension.
   *
   * @param file any file
   * @return true if it is supported
   */
  public static boolean isOne(Path file) {
    return file.getFileName() != null && KIND.matcher(file.getFileName().toString()).find();
  }

  /**
   * Returns the files that {@link #write} creates.
   *
   * @param file of a format that {@link #isOne} accepts
   * @return the file, and for NumPy the CSV file beside it
   */
  public static List<Path> files(Path file) {
    return isNumPy(file) ? List.of(file, beside(file)) : List.of(file);
  }

  /**
   * Writes ids, names, tags and vectors of faces in a form that {@link #read} reads. In CSV, a tag
   * whose value is a text of digits is read back as a number. The file is readable only by the
   * current user, and replaced only when it is complete.
   *
   * @param file its name extension determines the format; an existing file is replaced
   * @param faces of one model
   * @throws FaceSearchException if the format is unknown
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, List<EmbeddedFace> faces) throws IOException {
    if (!isOne(file)) {
      throw unknownKind(file);
    }
    if (isNumPy(file)) {
      write(beside(file), out -> CsvRows.write(out, faces, false));
      write(file, out -> NumPyMatrix.write(out, faces));
    } else if (file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")) {
      write(file, out -> CsvRows.write(out, faces, true));
    } else {
      write(
          file,
          out -> {
            for (EmbeddedFace face : faces) {
              out.write((JsonLines.line(face) + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
    }
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private static void write(Path file, Content content) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
          content.writeTo(out);
          out.flush();
        });
  }

  /**
   * Formats a face as a line of JSON Lines, without the line break.
   *
   * @param face the face
   * @return an object with id, person, tags, model and vector
   */
  public static String jsonLine(EmbeddedFace face) {
    return JsonLines.line(face);
  }

  private static boolean isNumPy(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
  }

  private static Path beside(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(name.substring(0, name.length() - ".npy".length()) + ".csv");
  }

  private static FaceSearchException unknownKind(Path file) {
    return new FaceSearchException(
        "vectors must be in a file that ends in .npy, .csv or .jsonl, but it is: " + file);
  }

  private static IOException named(Path file, IOException e) {
    if (e instanceof CharacterCodingException) {
      throw new FaceSearchException(file + " is not in UTF-8; convert it", e);
    }
    return e;
  }

  /** Text without the mark that programs of Windows put before it. */
  static BufferedReader text(Path file) throws IOException {
    BufferedReader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
    text.mark(1);
    if (text.read() != '\uFEFF') {
      text.reset();
    }
    return text;
  }

  /** A face of a row, checked. */
  static EmbeddedFace face(
      Path file,
      String where,
      String id,
      @Nullable String person,
      Map<String, TagValue> tags,
      String model,
      float[] vector) {
    if (vector.length == 0) {
      throw new FaceSearchException(file + ", " + where + ": the vector is empty");
    }
    if (isZero(vector)) {
      throw new FaceSearchException(
          file + ", " + where + ": all numbers of the vector are 0, which no face has");
    }
    try {
      // An id and a name are what they are everywhere: one line of text.
      FaceInfo checked = FaceInfo.nothing().id(id);
      String named =
          person == null || person.isEmpty()
              ? null
              : FaceInfo.person(person).person().orElseThrow();
      return new EmbeddedFace(
          new FaceRecord(checked.id().orElseThrow(), named, null, null, taken(tags)),
          Embedding.of(model, vector));
    } catch (IllegalArgumentException e) {
      throw new FaceSearchException(file + ", " + where + ": " + e.getMessage(), e);
    }
  }

  private static boolean isZero(float[] vector) {
    for (float value : vector) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Of tags that only a gallery gives, the day and the quality are taken over if they are sound;
   * the others tell of the gallery that a face came from.
   */
  private static Map<String, TagValue> taken(Map<String, TagValue> tags) {
    Map<String, TagValue> kept = new LinkedHashMap<>(tags);
    kept.keySet()
        .removeIf(
            name ->
                name.startsWith(PhotoTags.PREFIX)
                    && !name.equals(PhotoTags.TAKEN)
                    && !name.equals(PhotoTags.QUALITY));
    PhotoTags.requireSound(kept);
    return kept;
  }

  /** All vectors have as many numbers as the first. */
  static void requireLength(Path file, String where, int expected, int actual) {
    if (expected != actual) {
      throw new FaceSearchException(
          file
              + ", "
              + where
              + ": a vector must have "
              + expected
              + " numbers like the first one, but has "
              + actual);
    }
  }

  // CSV

  private static long readCsv(Path file, String name, String model, Rows face) throws IOException {
    long count = 0;
    int dimension = -1;
    try (CsvRows rows = new CsvRows(file)) {
      while (rows.hasNext()) {
        NamedCsvRecord row = rows.next();
        String where = "line " + row.getStartingLineNumber();
        List<String> numbers = rows.others(row);
        if (numbers.isEmpty()) {
          throw noVector(file, where);
        }
        dimension = dimension < 0 ? numbers.size() : dimension;
        requireLength(file, where, dimension, numbers.size());
        float[] vector = new float[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
          vector[i] = number(file, where, numbers.get(i));
        }
        face.take(
            where,
            face(
                file,
                where,
                rows.value(row, "id").orElse(name + "#" + count),
                rows.value(row, "person").orElse(null),
                rows.tags(row),
                model,
                vector));
        count++;
      }
    }
    return count;
  }

  /** Perhaps the file that says what is known of faces whose vectors are elsewhere. */
  private static FaceSearchException noVector(Path file, String where) {
    String name = file.getFileName().toString();
    Path matrix = file.resolveSibling(name.substring(0, name.length() - 4) + ".npy");
    return new FaceSearchException(
        file
            + ", "
            + where
            + ": there must be columns with the numbers of a vector beside id, person and tag:NAME"
            + (Files.exists(matrix)
                ? "; the vectors of these faces are in " + matrix + ": name that, and both are read"
                : "; the header names them, such as v0,v1"));
  }

  private static float number(Path file, String where, String text) {
    try {
      return Float.parseFloat(text);
    } catch (NumberFormatException e) {
      throw new FaceSearchException(
          file + ", " + where + ": \"" + text + "\" must be a number of the vector", e);
    }
  }

  // NumPy

  private static long readNumPy(Path file, String name, String model, Rows face)
      throws IOException {
    Path known = file.resolveSibling(name.substring(0, name.length() - 4) + ".csv");
    try (NumPyMatrix matrix = NumPyMatrix.open(file);
        CsvRows rows = Files.exists(known) ? new CsvRows(known) : null) {
      for (long i = 0; i < matrix.rows(); i++) {
        String where = "row " + i;
        float[] vector = matrix.next();
        if (rows == null) {
          face.take(where, face(file, where, name + "#" + i, null, Map.of(), model, vector));
          continue;
        }
        if (!rows.hasNext()) {
          throw new FaceSearchException(
              known + " must have a row for each of the " + matrix.rows() + " faces, but has " + i);
        }
        NamedCsvRecord row = rows.next();
        face.take(
            where,
            face(
                file,
                where,
                rows.value(row, "id").orElse(name + "#" + i),
                rows.value(row, "person").orElse(null),
                rows.tags(row),
                model,
                vector));
      }
      if (rows != null && rows.hasNext()) {
        throw new FaceSearchException(
            known + " has more rows than the " + matrix.rows() + " faces of " + file);
      }
      return matrix.rows();
    }
  }
}
