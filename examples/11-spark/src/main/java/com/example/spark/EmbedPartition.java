package com.example.spark;

import io.facesearch.AnalyzedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FileStamp;
import io.facesearch.ImageFormatException;
import io.facesearch.NativeRuntimeException;
import io.facesearch.PhotoTags;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a task does: embeds its photos one after the other, on one core, and makes their rows. A
 * photo never stops it; a model that does not load does.
 */
final class EmbedPartition implements FlatMapFunction<Iterator<PhotoRef>, Row> {
  private final Broadcast<SerializableConfiguration> hadoop;
  private final Limits limits;
  private final Counters counters;

  /**
   * What a photo may have at most; more is a reason, not an error.
   *
   * @param bytes of the file
   * @param pixels of the picture
   */
  record Limits(int bytes, long pixels) implements java.io.Serializable {}

  /** What Spark's UI shows of a running stage. */
  record Counters(
      LongAccumulator photos, LongAccumulator faces, LongAccumulator noFace, LongAccumulator broken)
      implements java.io.Serializable {}

  EmbedPartition(Broadcast<SerializableConfiguration> hadoop, Limits limits, Counters counters) {
    this.hadoop = hadoop;
    this.limits = limits;
    this.counters = counters;
  }

  @Override
  public Iterator<Row> call(Iterator<PhotoRef> photos) throws IOException {
    FaceAnalyzer analyzer = Model.get();
    FaceImageReader reader =
        FaceImageReader.builder().maxBytes(limits.bytes).maxPixels(limits.pixels).build();
    List<Row> rows = new ArrayList<>();
    try (PhotoBytes bytes = new PhotoBytes(hadoop.value().value(), limits.bytes)) {
      while (photos.hasNext()) {
        rows.addAll(rows(photos.next(), bytes, reader, analyzer));
        counters.photos.add(1);
      }
    }
    return rows.iterator();
  }

  private List<Row> rows(
      PhotoRef photo, PhotoBytes source, FaceImageReader reader, FaceAnalyzer analyzer) {
    String model = analyzer.model().fingerprint();
    if (photo.problem() != null) {
      return broken(photo, model, photo.problem(), false);
    }
    try {
      if (photo.size() > limits.bytes) {
        String reason = photo.photo() + " has " + photo.size() + " bytes, above " + limits.bytes;
        return broken(photo, model, reason, false);
      }
      byte[] encoded = source.read(photo);
      FaceImage image = reader.read(encoded, photo.photo());
      return rows(photo, encoded, analyzer.analyze(image), model);
    } catch (ImageFormatException e) {
      return broken(photo, model, e.getMessage(), false);
    } catch (NativeRuntimeException | IllegalStateException e) {
      throw e; // no fault of the photo
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new IllegalStateException("the task was stopped");
      }
      return broken(photo, model, photo.photo() + " cannot be read: " + e, true);
    }
  }

  private List<Row> rows(PhotoRef photo, byte[] encoded, List<AnalyzedFace> faces, String model) {
    Instant modified = Instant.ofEpochMilli(photo.modified());
    FileStamp stamp = new FileStamp(encoded.length, modified, sha256(encoded));
    Integer taken = PhotoTags.taken(encoded).map(EmbedPartition::number).orElse(null);
    counters.faces.add(faces.size());
    if (faces.isEmpty()) {
      counters.noFace.add(1);
      return List.of(FaceRows.withoutFace(photo, model, stamp, taken));
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < faces.size(); i++) {
      rows.add(FaceRows.of(photo, stamp, taken, i, faces.get(i)));
    }
    return rows;
  }

  private List<Row> broken(PhotoRef photo, String model, String reason, boolean again) {
    counters.broken.add(1);
    return List.of(FaceRows.broken(photo, model, reason, again));
  }

  private static int number(LocalDate day) {
    return 10_000 * day.getYear() + 100 * day.getMonthValue() + day.getDayOfMonth();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
