package io.facesearch.store;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.TagValue;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The rows of a CSV file of faces, by the names of its columns; and how they are written. One
 * thread.
 */
final class CsvRows implements AutoCloseable {
  private static final String TAG = "tag:";

  private static final Pattern NUMBER =
      Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");

  private final Path file;
  private final CsvReader<NamedCsvRecord> reader;
  private final Iterator<NamedCsvRecord> rows;

  CsvRows(Path file) throws IOException {
    this.file = file;
    reader = CsvReader.builder().ofNamedCsvRecord(VectorFile.text(file));
    rows = reader.iterator();
  }

  boolean hasNext() {
    try {
      return rows.hasNext();
    } catch (CsvParseException e) {
      throw new FaceSearchException(file + " is not a CSV file: " + e.getMessage(), e);
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

  static void write(OutputStream out, List<EmbeddedFace> faces, boolean withVectors)
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
}
