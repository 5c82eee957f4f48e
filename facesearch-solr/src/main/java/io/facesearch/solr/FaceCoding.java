package io.facesearch.solr;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FileStamp;
import io.facesearch.TagValue;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A face as bytes: a version; id, person, source, whose photo it is in (each with its length, -1 if
 * there is none), box, stamp, tags, vector. Numbers are big-endian.
 */
final class FaceCoding {
  private static final int VERSION = 1;

  private FaceCoding() {}

  static byte[] encode(EmbeddedFace face) {
    FaceRecord record = face.face();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256 + 4 * face.embedding().dimension());
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      text(out, record.id());
      text(out, record.person().orElse(null));
      text(out, record.source().orElse(null));
      text(out, record.photoOf().orElse(null));
      out.writeBoolean(record.box().isPresent());
      if (record.box().isPresent()) {
        BoundingBox box = record.box().get();
        out.writeDouble(box.x());
        out.writeDouble(box.y());
        out.writeDouble(box.width());
        out.writeDouble(box.height());
      }
      out.writeBoolean(record.stamp().isPresent());
      if (record.stamp().isPresent()) {
        FileStamp stamp = record.stamp().get();
        out.writeLong(stamp.size());
        out.writeLong(stamp.modified().toEpochMilli());
        text(out, stamp.sha256());
      }
      out.writeInt(record.tags().size());
      for (Map.Entry<String, TagValue> tag : record.tags().entrySet()) {
        text(out, tag.getKey());
        boolean isNumber = tag.getValue() instanceof TagValue.Numeric;
        out.writeBoolean(isNumber);
        if (tag.getValue() instanceof TagValue.Numeric number) {
          out.writeDouble(number.value());
        } else if (tag.getValue() instanceof TagValue.Text some) {
          text(out, some.value());
        }
      }
      out.writeInt(face.embedding().dimension());
      for (int i = 0; i < face.embedding().dimension(); i++) {
        out.writeFloat(face.embedding().get(i));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  private static void text(DataOutputStream out, @Nullable String text) throws IOException {
    if (text == null) {
      out.writeInt(-1);
      return;
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is no face of this version
   */
  static EmbeddedFace decode(byte[] bytes, String model) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      int version = in.get();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "a face is of version " + version + ", but this release reads version " + VERSION);
      }
      String id = text(in);
      String person = text(in);
      String source = text(in);
      String photoOf = text(in);
      BoundingBox box =
          in.get() == 0
              ? null
              : new BoundingBox(in.getDouble(), in.getDouble(), in.getDouble(), in.getDouble());
      FileStamp stamp = in.get() == 0 ? null : stamp(in);
      Map<String, TagValue> tags = new TreeMap<>();
      for (int i = in.getInt(); i > 0; i--) {
        String name = some(in);
        tags.put(name, in.get() == 0 ? TagValue.of(some(in)) : TagValue.of(in.getDouble()));
      }
      float[] vector = new float[Math.min(in.getInt(), in.remaining() / 4)];
      for (int i = 0; i < vector.length; i++) {
        vector[i] = in.getFloat();
      }
      return new EmbeddedFace(
          new FaceRecord(id == null ? "" : id, person, source, box, tags, photoOf, stamp),
          Embedding.of(model, vector));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("a face ends too early", e);
    }
  }

  private static FileStamp stamp(ByteBuffer in) {
    return new FileStamp(in.getLong(), Instant.ofEpochMilli(in.getLong()), some(in));
  }

  private static String some(ByteBuffer in) {
    String text = text(in);
    if (text == null) {
      throw new IllegalArgumentException("a text is missing");
    }
    return text;
  }

  private static @Nullable String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0) {
      return null;
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
