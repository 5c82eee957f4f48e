package io.facesearch.index.internal.codec;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FileStamp;
import io.facesearch.TagValue;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One face as bytes: its record, then its vector; {@code docs/STORE.md} describes them. Stateless.
 */
@SuppressWarnings("ByteBufferBackingArray") // buffers are made here, on the heap
public final class FaceCodec {
  private static final int PERSON = 1;
  private static final int SOURCE = 2;
  private static final int BOX = 4;
  private static final int TAGS = 8;
  private static final int PHOTO_OF = 16;
  private static final int STAMP = 32;
  private static final int STAMP_BYTES = 8 + 8 + 32;
  private static final int NUMERIC = 0;
  private static final int TEXT = 1;

  private FaceCodec() {}

  /** Refuses texts that are no valid Unicode. */
  public static byte[] encode(EmbeddedFace face) {
    Embedding embedding = face.embedding();
    ByteBuffer out = encode(face.face(), 4 * embedding.dimension());
    for (int i = 0; i < embedding.dimension(); i++) {
      out.putFloat(embedding.get(i));
    }
    return out.array();
  }

  /** The record alone. */
  public static byte[] encode(FaceRecord record) {
    return encode(record, 0).array();
  }

  /** With room behind it. */
  private static ByteBuffer encode(FaceRecord record, int room) {
    byte[] id = CheckedWriter.encode(record.id());
    byte[] person = record.person().map(CheckedWriter::encode).orElse(null);
    byte[] source = record.source().map(CheckedWriter::encode).orElse(null);
    byte[] tags = tags(record.tags());
    byte[] photoOf = record.photoOf().map(CheckedWriter::encode).orElse(null);
    int flags =
        (person == null ? 0 : PERSON)
            | (source == null ? 0 : SOURCE)
            | (record.box().isPresent() ? BOX : 0)
            | (tags == null ? 0 : TAGS)
            | (photoOf == null ? 0 : PHOTO_OF)
            | (record.stamp().isPresent() ? STAMP : 0);
    int size =
        1
            + size(id)
            + size(person)
            + size(source)
            + (record.box().isPresent() ? 32 : 0)
            + (tags == null ? 0 : tags.length)
            + size(photoOf)
            + (record.stamp().isPresent() ? STAMP_BYTES : 0)
            + room;
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) flags);
    put(out, id);
    put(out, person);
    put(out, source);
    if (record.box().isPresent()) {
      BoundingBox box = record.box().get();
      out.putDouble(box.x()).putDouble(box.y()).putDouble(box.width()).putDouble(box.height());
    }
    if (tags != null) {
      out.put(tags);
    }
    put(out, photoOf);
    if (record.stamp().isPresent()) {
      FileStamp stamp = record.stamp().get();
      out.putLong(stamp.size()).putLong(stamp.modified().toEpochMilli());
      out.put(HexFormat.of().parseHex(stamp.sha256()));
    }
    return out;
  }

  private static int size(byte @Nullable [] text) {
    return text == null ? 0 : 4 + text.length;
  }

  private static void put(ByteBuffer out, byte @Nullable [] text) {
    if (text != null) {
      out.putInt(text.length).put(text);
    }
  }

  private static byte @Nullable [] tags(Map<String, TagValue> tags) {
    if (tags.isEmpty()) {
      return null;
    }
    byte[][] names = new byte[tags.size()][];
    byte[][] texts = new byte[tags.size()][];
    int size = 4;
    int i = 0;
    for (Map.Entry<String, TagValue> tag : tags.entrySet()) {
      names[i] = CheckedWriter.encode(tag.getKey());
      if (tag.getValue() instanceof TagValue.Text text) {
        texts[i] = CheckedWriter.encode(text.value());
      }
      size += size(names[i]) + 1 + (texts[i] == null ? 8 : size(texts[i]));
      i++;
    }
    ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(tags.size());
    i = 0;
    for (TagValue value : tags.values()) {
      put(out, names[i]);
      if (value instanceof TagValue.Numeric number) {
        out.put((byte) NUMERIC).putDouble(number.value());
      } else {
        out.put((byte) TEXT);
        put(out, texts[i]);
      }
      i++;
    }
    return out.array();
  }

  /**
   * Reads the record, and the vector into {@code target} from {@code offset} on; refuses bytes that
   * are not what {@link #encode} makes. Allocates no more than there are bytes.
   *
   * @throws IllegalArgumentException saying what is wrong
   */
  public static FaceRecord decode(byte[] bytes, float[] target, int offset, int dimension) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    try {
      int flags = in.get();
      if ((flags & ~(PERSON | SOURCE | BOX | TAGS | PHOTO_OF | STAMP)) != 0) {
        throw new IllegalArgumentException("it has unknown flags " + flags);
      }
      String id = text(in);
      String person = (flags & PERSON) == 0 ? null : text(in);
      String source = (flags & SOURCE) == 0 ? null : text(in);
      BoundingBox box =
          (flags & BOX) == 0
              ? null
              : new BoundingBox(in.getDouble(), in.getDouble(), in.getDouble(), in.getDouble());
      Map<String, TagValue> tags = (flags & TAGS) == 0 ? Map.of() : tags(in);
      String photoOf = (flags & PHOTO_OF) == 0 ? null : text(in);
      FileStamp stamp = (flags & STAMP) == 0 ? null : stamp(in);
      if (in.remaining() != 4 * dimension) {
        throw new IllegalArgumentException(
            "its vector takes "
                + in.remaining()
                + " bytes, but "
                + dimension
                + " dimensions take "
                + 4 * dimension);
      }
      for (int i = 0; i < dimension; i++) {
        float value = in.getFloat();
        if (!Float.isFinite(value)) {
          throw new IllegalArgumentException("value " + i + " of its vector is " + value);
        }
        target[offset + i] = value;
      }
      return new FaceRecord(id, person, source, box, tags, photoOf, stamp);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("it ends too soon", e);
    }
  }

  /** Reads a record without a vector. */
  public static FaceRecord decode(byte[] bytes) {
    return decode(bytes, new float[0], 0, 0);
  }

  private static Map<String, TagValue> tags(ByteBuffer in) {
    int count = in.getInt();
    if (count < 1) {
      throw new IllegalArgumentException("it has " + count + " tags");
    }
    Map<String, TagValue> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = text(in);
      int type = in.get();
      TagValue value =
          switch (type) {
            case TEXT -> TagValue.of(text(in));
            case NUMERIC -> TagValue.of(in.getDouble());
            default -> throw new IllegalArgumentException("a tag has the unknown type " + type);
          };
      if (tags.put(name, value) != null) {
        throw new IllegalArgumentException("a tag occurs twice");
      }
    }
    return tags;
  }

  private static FileStamp stamp(ByteBuffer in) {
    long size = in.getLong();
    long modified = in.getLong();
    byte[] sha256 = new byte[32];
    in.get(sha256);
    return new FileStamp(size, Instant.ofEpochMilli(modified), HexFormat.of().formatHex(sha256));
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException(
          "a text has " + length + " bytes where " + in.remaining() + " are left");
    }
    ByteBuffer bytes = in.slice().limit(length);
    in.position(in.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("a text is not UTF-8", e);
    }
  }
}
