package com.example.spark;

import io.facesearch.AnalyzedFace;
import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FileStamp;
import io.facesearch.Landmarks;
import io.facesearch.PhotoTags;
import io.facesearch.TagValue;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of the Parquet files: one a face, and one without {@code id} for a photo that has no
 * face, or cannot be read and tells the {@code reason}.
 */
final class FaceRows {
  /**
   * {@code photo}, {@code size}, {@code modified} (milliseconds since 1970), {@code sha256} and
   * {@code taken} (20240517) are of the photo, {@code person} is the folder that it lies in; {@code
   * box} and {@code landmarks} (x, y, x, y, ...) are in pixels of the photo; {@code quality} is
   * from 0 to 1; {@code again} says that it was not the photo's fault, so that the next run tries
   * it again.
   */
  static final StructType SCHEMA =
      StructType.fromDDL(
          """
          photo STRING, person STRING, face INT, id STRING,
          box STRUCT<x: DOUBLE, y: DOUBLE, width: DOUBLE, height: DOUBLE>,
          landmarks ARRAY<FLOAT>, score DOUBLE, turn INT, quality DOUBLE,
          vector ARRAY<FLOAT>, model STRING,
          size BIGINT, modified BIGINT, sha256 STRING, taken INT,
          reason STRING, again BOOLEAN
          """);

  private FaceRows() {}

  static Row of(PhotoRef photo, FileStamp stamp, Integer taken, int face, AnalyzedFace of) {
    BoundingBox box = of.box();
    return RowFactory.create(
        photo.photo(),
        photo.person(),
        face,
        photo.photo() + "#" + face,
        RowFactory.create(box.x(), box.y(), box.width(), box.height()),
        points(of.face().landmarks()),
        of.face().score(),
        of.face().turn(),
        of.quality().score(),
        boxed(of.embedding().toArray()),
        of.embedding().model(),
        stamp.size(),
        stamp.modified().toEpochMilli(),
        stamp.sha256(),
        taken,
        null,
        false);
  }

  static Row withoutFace(PhotoRef photo, String model, FileStamp stamp, Integer taken) {
    return rest(photo, model, stamp, taken, null, false);
  }

  static Row broken(PhotoRef photo, String model, String reason, boolean again) {
    return rest(photo, model, null, null, reason, again);
  }

  private static Row rest(
      PhotoRef photo, String model, FileStamp stamp, Integer taken, String reason, boolean again) {
    return RowFactory.create(
        photo.photo(),
        photo.person(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        model,
        stamp == null ? photo.size() : stamp.size(),
        photo.modified(),
        stamp == null ? null : stamp.sha256(),
        taken,
        reason,
        again);
  }

  /** The face of a row that has one, as a gallery keeps it. */
  static EmbeddedFace face(Row row) {
    Row box = row.getAs("box");
    Map<String, TagValue> tags = new TreeMap<>();
    double quality = Math.rint(100 * row.<Double>getAs("quality")) / 100;
    tags.put(PhotoTags.QUALITY, TagValue.of(quality));
    Integer taken = row.getAs("taken");
    if (taken != null) {
      tags.put(PhotoTags.TAKEN, TagValue.of((double) taken));
    }
    FaceRecord record =
        new FaceRecord(
            row.getAs("id"),
            null, // decided by the gallery, as there may be others in the photo
            row.getAs("photo"),
            new BoundingBox(box.getDouble(0), box.getDouble(1), box.getDouble(2), box.getDouble(3)),
            tags,
            row.getAs("person"),
            new FileStamp(
                row.getAs("size"),
                Instant.ofEpochMilli(row.getAs("modified")),
                row.getAs("sha256")));
    List<Float> values = row.getList(row.fieldIndex("vector"));
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(i);
    }
    return new EmbeddedFace(record, Embedding.of(row.getAs("model"), vector));
  }

  private static Float[] points(Landmarks landmarks) {
    Float[] points = new Float[2 * landmarks.count()];
    for (int i = 0; i < landmarks.count(); i++) {
      points[2 * i] = landmarks.x(i);
      points[2 * i + 1] = landmarks.y(i);
    }
    return points;
  }

  /** What Spark takes. */
  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    for (int i = 0; i < values.length; i++) {
      boxed[i] = values[i];
    }
    return boxed;
  }
}
