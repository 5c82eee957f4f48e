package io.facesearch.store;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.TagValue;
import io.facesearch.internal.AtomicFile;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Faces with their vectors in files that other programs know, to be added to a gallery or taken out
 * of one. Read face by face, so that a file may be larger than memory. Stateless.
 *
 * <ul>
 *   <li>JSON Lines ({@code .jsonl}): an object a line, {@code {"id": "a", "person": "Ann", "tags":
 *       {"year": 2026}, "vector": [0.1, ...]}}; only {@code vector} must be there.
 *   <li>CSV ({@code .csv}): a header; the columns {@code id}, {@code person} and {@code tag:NAME}
 *       are what they say and may be left out, all others are the vector, in their order.
 *   <li>NumPy ({@code .npy}): a matrix of floats of 32 or 64 bits, a face a row. What is known of
 *       the faces is in the file of the same name with {@code .csv} at its end in place of {@code
 *       .npy}, if there is one: a header and a row a face, columns as above.
 * </ul>
 *
 * <p>A face without an id is called by the name of the file and its number: {@code faces.npy#0}.
 */
public final class VectorFile {
  private static final String TAG = "tag:";

  private static final Pattern KIND =
      Pattern.compile("\\.(npy|csv|jsonl|ndjson)$", Pattern.CASE_INSENSITIVE);

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");

  private VectorFile() {}

  /**
   * Reads all faces of a file.
   *
   * @param file its ending tells its kind
   * @param model fingerprint of the model whose vectors they are, such as {@code
   *     gallery.analyzer().model().fingerprint()}
   * @param face is given one face after the other
   * @return how many there were
   * @throws FaceSearchException if the file is damaged or of no known kind; says in which line or
   *     row
   * @throws IOException if it cannot be read
   */
  public static long read(Path file, String model, Consumer<EmbeddedFace> face) throws IOException {
    String name = file.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    try {
      return read(file, name, lower, model, face);
    } catch (UncheckedIOException e) {
      throw named(file, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw named(file, e);
    }
  }

  private static long read(
      Path file, String name, String lower, String model, Consumer<EmbeddedFace> face)
      throws IOException {
    if (lower.endsWith(".jsonl") || lower.endsWith(".ndjson")) {
      return readJsonLines(file, name, model, face);
    }
    if (lower.endsWith(".csv")) {
      return readCsv(file, name, model, face);
    }
    if (lower.endsWith(".npy")) {
      return readNumPy(file, name, model, face);
    }
    throw unknownKind(file);
  }

  /**
   * Whether a file is of a kind that is read and written, by its ending.
   *
   * @param file perhaps a file of vectors
   * @return true if so
   */
  public static boolean isOne(Path file) {
    return file.getFileName() != null && KIND.matcher(file.getFileName().toString()).find();
  }

  /**
   * The files that {@link #write} makes.
   *
   * @param file of a kind that {@link #isOne} knows
   * @return the file, and for NumPy the CSV file beside it
   */
  public static List<Path> files(Path file) {
    return isNumPy(file) ? List.of(file, beside(file)) : List.of(file);
  }

  /**
   * Writes faces so that {@link #read} reads them: ids, persons, tags, vectors. In a CSV file a tag
   * that is a text of digits is read as a number. The file is readable by its owner alone, and
   * replaced only when it is whole.
   *
   * @param file its ending tells its kind; what is there is replaced
   * @param faces of one model
   * @throws FaceSearchException if it is of no known kind
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, List<EmbeddedFace> faces) throws IOException {
    if (!isOne(file)) {
      throw unknownKind(file);
    }
    if (isNumPy(file)) {
      write(beside(file), out -> writeCsv(out, faces, false));
      write(file, out -> NumPyMatrix.write(out, faces));
    } else if (file.toString().toLowerCase(Locale.ROOT).endsWith(".csv")) {
      write(file, out -> writeCsv(out, faces, true));
    } else {
      write(
          file,
          out -> {
            for (EmbeddedFace face : faces) {
              out.write((jsonLine(face) + "\n").getBytes(StandardCharsets.UTF_8));
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
   * A face as a line of JSON Lines, without its end.
   *
   * @param face the face
   * @return an object with id, person, tags, model and vector
   */
  public static String jsonLine(EmbeddedFace face) {
    StringWriter line = new StringWriter();
    try (JsonWriter json = new JsonWriter(line)) {
      json.beginObject().name("id").value(face.face().id());
      if (face.face().person().isPresent()) {
        json.name("person").value(face.face().person().get());
      }
      if (!face.face().tags().isEmpty()) {
        json.name("tags").beginObject();
        for (Map.Entry<String, TagValue> tag : face.face().tags().entrySet()) {
          json.name(tag.getKey());
          if (tag.getValue() instanceof TagValue.Numeric number) {
            json.value(number.value());
          } else {
            json.value(tag.getValue().toString());
          }
        }
        json.endObject();
      }
      json.name("model").value(face.embedding().model());
      json.name("vector").beginArray();
      for (float value : face.embedding().toArray()) {
        json.value(value);
      }
      json.endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory has no errors", e);
    }
    return line.toString();
  }

  private static void writeCsv(OutputStream out, List<EmbeddedFace> faces, boolean withVectors)
      throws IOException {
    Set<String> tags = new TreeSet<>();
    faces.forEach(face -> tags.addAll(face.face().tags().keySet()));
    int numbers = faces.isEmpty() || !withVectors ? 0 : faces.get(0).embedding().dimension();
    Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
    CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text);
    List<String> row = new ArrayList<>(List.of("id", "person"));
    tags.forEach(tag -> row.add(TAG + tag));
    for (int i = 0; i < numbers; i++) {
      row.add("v" + i);
    }
    csv.writeRecord(row);
    for (EmbeddedFace face : faces) {
      row.clear();
      row.add(face.face().id());
      row.add(face.face().person().orElse(""));
      for (String tag : tags) {
        TagValue value = face.face().tags().get(tag);
        row.add(value == null ? "" : value.toString());
      }
      if (withVectors) {
        for (float value : face.embedding().toArray()) {
          row.add(Float.toString(value));
        }
      }
      csv.writeRecord(row);
    }
    csv.flush();
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
  private static BufferedReader text(Path file) throws IOException {
    BufferedReader text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
    text.mark(1);
    if (text.read() != '\uFEFF') {
      text.reset();
    }
    return text;
  }

  /** A face of a row, checked. */
  private static EmbeddedFace face(
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
    try {
      return new EmbeddedFace(
          new FaceRecord(id, person == null || person.isEmpty() ? null : person, null, null, tags),
          Embedding.of(model, vector));
    } catch (IllegalArgumentException e) {
      throw new FaceSearchException(file + ", " + where + ": " + e.getMessage(), e);
    }
  }

  /** All vectors have as many numbers as the first. */
  private static void requireLength(Path file, String where, int expected, int actual) {
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

  // JSON Lines

  private static long readJsonLines(
      Path file, String name, String model, Consumer<EmbeddedFace> face) throws IOException {
    long count = 0;
    long line = 0;
    int dimension = -1;
    try (BufferedReader lines = text(file)) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        line++;
        if (text.isBlank()) {
          continue;
        }
        String where = "line " + line;
        EmbeddedFace one = json(file, where, name + "#" + count, model, text);
        dimension = dimension < 0 ? one.embedding().dimension() : dimension;
        requireLength(file, where, dimension, one.embedding().dimension());
        face.accept(one);
        count++;
      }
    }
    return count;
  }

  private static EmbeddedFace json(
      Path file, String where, String defaultId, String model, String text) throws IOException {
    String id = defaultId;
    String person = null;
    Map<String, TagValue> tags = Map.of();
    float[] vector = {};
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "id" -> id = json.nextString();
          case "person" -> person = string(json);
          case "tags" -> tags = tags(json);
          case "vector", "embedding" -> vector = vector(json);
          case "model" -> requireModel(file, where, model, json.nextString());
          default -> json.skipValue();
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedJsonException("there is more after the object");
      }
    } catch (MalformedJsonException
        | java.io.EOFException
        | IllegalStateException
        | NumberFormatException e) {
      throw new FaceSearchException(
          file + ", " + where + ": it must be a JSON object with a vector (" + e.getMessage() + ")",
          e);
    }
    return face(file, where, id, person, tags, model, vector);
  }

  private static void requireModel(Path file, String where, String model, String found) {
    if (!found.equals(model)) {
      throw new io.facesearch.ModelMismatchException(
          file
              + ", "
              + where
              + ": the vector is of the model "
              + found
              + ", but those of "
              + model
              + " are read");
    }
  }

  private static @Nullable String string(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return null;
    }
    return json.nextString();
  }

  private static Map<String, TagValue> tags(JsonReader json) throws IOException {
    Map<String, TagValue> tags = new HashMap<>();
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      tags.put(
          name,
          json.peek() == JsonToken.NUMBER
              ? TagValue.of(json.nextDouble())
              : TagValue.of(json.nextString()));
    }
    json.endObject();
    return tags;
  }

  private static float[] vector(JsonReader json) throws IOException {
    List<Float> values = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      values.add((float) json.nextDouble());
    }
    json.endArray();
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(i);
    }
    return vector;
  }

  // CSV

  private static long readCsv(Path file, String name, String model, Consumer<EmbeddedFace> face)
      throws IOException {
    long count = 0;
    int dimension = -1;
    try (Rows rows = new Rows(file)) {
      while (rows.hasNext()) {
        NamedCsvRecord row = rows.next();
        String where = "line " + row.getStartingLineNumber();
        List<String> numbers = rows.others(row);
        dimension = dimension < 0 ? numbers.size() : dimension;
        requireLength(file, where, dimension, numbers.size());
        float[] vector = new float[numbers.size()];
        for (int i = 0; i < vector.length; i++) {
          vector[i] = number(file, where, numbers.get(i));
        }
        face.accept(
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

  private static float number(Path file, String where, String text) {
    try {
      return Float.parseFloat(text);
    } catch (NumberFormatException e) {
      throw new FaceSearchException(
          file + ", " + where + ": \"" + text + "\" must be a number of the vector", e);
    }
  }

  /** The rows of a CSV file, by the names of its columns. */
  private static final class Rows implements AutoCloseable {
    private final Path file;
    private final CsvReader<NamedCsvRecord> reader;
    private final Iterator<NamedCsvRecord> rows;

    Rows(Path file) throws IOException {
      this.file = file;
      reader = CsvReader.builder().ofNamedCsvRecord(text(file));
      rows = reader.iterator();
    }

    boolean hasNext() {
      try {
        return rows.hasNext();
      } catch (CsvParseException e) {
        throw new FaceSearchException(file + " is no CSV: " + e.getMessage(), e);
      }
    }

    NamedCsvRecord next() {
      return rows.next();
    }

    /** Whatever the case of the column's name, and spaces around it. */
    Optional<String> value(NamedCsvRecord row, String column) {
      List<String> header = row.getHeader();
      for (int i = 0; i < Math.min(header.size(), row.getFieldCount()); i++) {
        if (plain(header.get(i)).equals(column)) {
          return Optional.of(row.getField(i)).filter(text -> !text.isEmpty());
        }
      }
      return Optional.empty();
    }

    private static String plain(String column) {
      return column.strip().toLowerCase(Locale.ROOT);
    }

    Map<String, TagValue> tags(NamedCsvRecord row) {
      Map<String, TagValue> tags = new HashMap<>();
      List<String> header = row.getHeader();
      for (int i = 0; i < Math.min(header.size(), row.getFieldCount()); i++) {
        String column = header.get(i).strip();
        if (plain(column).startsWith(TAG) && column.length() > TAG.length()) {
          String text = row.getField(i);
          if (!text.isEmpty()) {
            tags.put(column.substring(TAG.length()), tag(text));
          }
        }
      }
      return tags;
    }

    /** A number where it is written as one, so that ranges can be asked for. */
    private static TagValue tag(String text) {
      return NUMBER.matcher(text).matches() && Double.isFinite(Double.parseDouble(text))
          ? TagValue.of(Double.parseDouble(text))
          : TagValue.of(text);
    }

    /** What is in the other columns, in their order. */
    List<String> others(NamedCsvRecord row) {
      List<String> header = row.getHeader();
      List<String> others = new ArrayList<>();
      for (int i = 0; i < row.getFieldCount(); i++) {
        String column = i < header.size() ? plain(header.get(i)) : "";
        if (!column.equals("id") && !column.equals("person") && !column.startsWith(TAG)) {
          others.add(row.getField(i).strip());
        }
      }
      return others;
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }

  // NumPy

  private static long readNumPy(Path file, String name, String model, Consumer<EmbeddedFace> face)
      throws IOException {
    Path known = file.resolveSibling(name.substring(0, name.length() - 4) + ".csv");
    try (NumPyMatrix matrix = NumPyMatrix.open(file);
        Rows rows = Files.exists(known) ? new Rows(known) : null) {
      for (long i = 0; i < matrix.rows(); i++) {
        String where = "row " + i;
        float[] vector = matrix.next();
        if (rows == null) {
          face.accept(face(file, where, name + "#" + i, null, Map.of(), model, vector));
          continue;
        }
        if (!rows.hasNext()) {
          throw new FaceSearchException(
              known + " must have a row for each of the " + matrix.rows() + " faces, but has " + i);
        }
        NamedCsvRecord row = rows.next();
        face.accept(
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
