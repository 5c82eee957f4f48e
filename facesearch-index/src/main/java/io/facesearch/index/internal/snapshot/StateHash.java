package io.facesearch.index.internal.snapshot;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.TagValue;
import io.facesearch.internal.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * SHA-256 over the faces of an index, so that two states can be compared: for each face in order of
 * insertion its id, person, source, box, tags by name, whose photo it is in, stamp of the file,
 * model and vector. Texts are preceded by their length, what may be missing by 0 or 1, lists by
 * their size; numbers are big-endian.
 */
public final class StateHash {
  private final MessageDigest digest = Sha256.digest();
  private final ByteBuffer number = ByteBuffer.allocate(8);

  private StateHash() {}

  /** In hexadecimal; O(n · d). */
  static String of(List<EmbeddedFace> faces) {
    StateHash hash = new StateHash();
    for (EmbeddedFace face : faces) {
      hash.add(face.face());
      hash.add(face.embedding());
    }
    return HexFormat.of().formatHex(hash.digest.digest());
  }

  private void add(FaceRecord face) {
    add(face.id());
    add(face.person().isPresent() ? 1 : 0);
    face.person().ifPresent(this::add);
    add(face.source().isPresent() ? 1 : 0);
    face.source().ifPresent(this::add);
    add(face.box().isPresent() ? 1 : 0);
    face.box().ifPresent(this::add);
    add(face.tags().size());
    face.tags()
        .forEach(
            (name, value) -> {
              add(name);
              if (value instanceof TagValue.Numeric numeric) {
                add(0);
                add(Double.doubleToLongBits(numeric.value()));
              } else {
                add(1);
                add(((TagValue.Text) value).value());
              }
            });
    add(face.photoOf().isPresent() ? 1 : 0);
    face.photoOf().ifPresent(this::add);
    add(face.stamp().isPresent() ? 1 : 0);
    face.stamp()
        .ifPresent(
            stamp -> {
              add(stamp.size());
              add(stamp.modified().toEpochMilli());
              add(stamp.sha256());
            });
  }

  private void add(BoundingBox box) {
    add(Double.doubleToLongBits(box.x()));
    add(Double.doubleToLongBits(box.y()));
    add(Double.doubleToLongBits(box.width()));
    add(Double.doubleToLongBits(box.height()));
  }

  private void add(Embedding embedding) {
    add(embedding.model());
    ByteBuffer vector = ByteBuffer.allocate(4 * embedding.dimension());
    for (int i = 0; i < embedding.dimension(); i++) {
      vector.putFloat(embedding.get(i));
    }
    digest.update(vector.array());
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    add(bytes.length);
    digest.update(bytes);
  }

  private void add(long value) {
    digest.update(number.clear().putLong(value).flip());
  }
}
