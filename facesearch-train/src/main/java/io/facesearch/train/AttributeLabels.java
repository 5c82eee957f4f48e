package io.facesearch.train;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which attributes photos have, as far as known. Immutable and thread-safe. */
public final class AttributeLabels {
  private static final int MOST = 4096;

  private final List<String> names;
  private final Map<String, byte[]> byPhoto;

  private AttributeLabels(List<String> names, Map<String, byte[]> byPhoto) {
    this.names = List.copyOf(names);
    this.byPhoto = byPhoto;
  }

  /**
   * Takes the labels of a data set, such as CelebA's 40 attributes.
   *
   * @param dataset a data set with attributes
   * @return the labels of all its photos
   * @throws DatasetFormatException if the data set has no attributes
   */
  public static AttributeLabels of(FaceDataset dataset) {
    List<String> names = dataset.attributeNames();
    if (names.isEmpty()) {
      throw new DatasetFormatException(
          dataset + " has no attributes; name a file of labels: photo, then one column each");
    }
    Map<String, byte[]> byPhoto = new HashMap<>();
    for (Photo photo : dataset.photos()) {
      byte[] labels = new byte[names.size()];
      for (int j = 0; j < labels.length; j++) {
        labels[j] = (byte) ((photo.attributes() >> j & 1) == 1 ? 1 : -1);
      }
      byPhoto.put(photo.file().toString(), labels);
    }
    return new AttributeLabels(names, byPhoto);
  }

  /**
   * Reads a CSV file in UTF-8: a header line with "photo" and the names of the attributes, then one
   * line per photo. A label is 1 or yes; 0, -1 or no; or empty if unknown.
   *
   * @param file the CSV file
   * @param folder what the names of the photos are relative to
   * @return the labels
   * @throws DatasetFormatException if a line is malformed; the message has its number
   * @throws IOException if the file cannot be read
   */
  public static AttributeLabels ofCsv(Path file, Path folder) throws IOException {
    try (CsvReader<CsvRecord> lines =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(file)) {
      @Nullable List<String> head = null;
      Map<String, byte[]> byPhoto = new HashMap<>();
      for (CsvRecord line : lines) {
        List<String> fields = line.getFields().stream().map(String::strip).toList();
        String where = file + ", line " + line.getStartingLineNumber() + ": ";
        if (head == null) {
          head = fields;
          requireHead(head, where);
        } else if (fields.size() != head.size()) {
          throw new DatasetFormatException(
              where
                  + "expected "
                  + head.size()
                  + " fields as in the head, but found "
                  + fields.size());
        } else {
          byte[] labels = new byte[head.size() - 1];
          for (int j = 0; j < labels.length; j++) {
            labels[j] = label(fields.get(j + 1), where + head.get(j + 1));
          }
          String photo = folder.resolve(fields.get(0)).toString();
          if (byPhoto.put(photo, labels) != null) {
            throw new DatasetFormatException(
                where + "this photo was labeled before; keep one of its lines");
          }
        }
      }
      if (head == null || byPhoto.isEmpty()) {
        throw new DatasetFormatException(
            file + " has no labels; expected a head line and one line a photo");
      }
      return new AttributeLabels(head.subList(1, head.size()), byPhoto);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (CsvParseException e) {
      throw new DatasetFormatException(file + " is not a CSV file: " + e.getMessage());
    }
  }

  private static void requireHead(List<String> head, String where) {
    boolean fine = head.size() >= 2 && head.size() <= MOST + 1 && head.get(0).equals("photo");
    if (!fine || new HashSet<>(head).size() != head.size() || head.contains("")) {
      throw new DatasetFormatException(
          where
              + "expected \"photo\" and the names of 1 to "
              + MOST
              + " attributes, each once, but found "
              + head.size()
              + " fields that begin with "
              + head.subList(0, Math.min(3, head.size())));
    }
  }

  private static byte label(String text, String where) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "1", "yes" -> 1;
      case "0", "-1", "no" -> -1;
      case "" -> 0;
      default ->
          throw new DatasetFormatException(
              where + ": expected 1 or yes, 0, -1 or no, or nothing, but found: " + text);
    };
  }

  /** {@return the names of the attributes, in the order of the labels} */
  public List<String> names() {
    return names;
  }

  /** {@return the number of photos that have labels} */
  public int size() {
    return byPhoto.size();
  }

  /** Of a photo: 1 yes, -1 no, 0 not known. */
  byte[] of(String photo) {
    byte[] labels = byPhoto.get(photo);
    return labels == null ? new byte[names.size()] : labels;
  }

  byte[][] of(LabeledImages images) {
    byte[][] all = new byte[images.size()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = of(images.name(i));
    }
    return all;
  }
}
