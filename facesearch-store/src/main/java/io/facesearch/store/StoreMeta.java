package io.facesearch.store;

import io.facesearch.Metric;
import io.facesearch.index.internal.codec.CheckedWriter;
import io.facesearch.index.internal.file.Seal;
import io.facesearch.index.internal.snapshot.VectorSpace;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The bytes of what a {@link FaceDatabase} says of itself. Stateless. */
final class StoreMeta {
  /** Rows of {@code meta}, and kinds of what is sealed. */
  static final int HEADER = 0;

  static final int STATE = 1;
  static final int SPACE = 2;
  static final int FACE = 3;
  static final int PEOPLE = 4;
  static final int ROOTS = 5;

  private StoreMeta() {}

  /**
   * Who a store is, and the key that its rows are sealed with.
   *
   * @param id names the store
   * @param wrapped the data key, encrypted with the user's; empty without encryption
   */
  record Header(UUID id, byte[] wrapped) {
    /** In a checksum, as it says what else is sealed with. */
    byte[] encode() {
      return new Seal(null, id)
          .seal(
              ByteBuffer.allocate(16 + wrapped.length)
                  .putLong(id.getMostSignificantBits())
                  .putLong(id.getLeastSignificantBits())
                  .put(wrapped)
                  .array(),
              HEADER,
              0);
    }

    /** Null if that is none. */
    static @Nullable Header decode(byte[] sealed) {
      if (sealed == null || sealed.length < 16) {
        return null;
      }
      ByteBuffer head = ByteBuffer.wrap(sealed);
      UUID id = new UUID(head.getLong(), head.getLong());
      byte[] plain = new Seal(null, id).open(sealed, HEADER, 0);
      return plain == null || plain.length < 16
          ? null
          : new Header(id, Arrays.copyOfRange(plain, 16, plain.length));
    }
  }

  static byte[] encode(VectorSpace space) {
    byte[] model = CheckedWriter.encode(space.model());
    return ByteBuffer.allocate(5 + model.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(space.dimension())
        .put((byte) (space.metric() == Metric.COSINE ? 1 : 0))
        .put(model)
        .array();
  }

  /**
   * Reads the space.
   *
   * @throws IllegalArgumentException if that is none
   */
  static VectorSpace decodeSpace(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int dimension = in.getInt();
      int metric = in.get();
      if (dimension < 0 || metric < 0 || metric > 1) {
        throw new IllegalArgumentException("dimension " + dimension + ", metric " + metric);
      }
      return new VectorSpace(
          new String(bytes, 5, bytes.length - 5, StandardCharsets.UTF_8),
          dimension,
          metric == 1 ? Metric.COSINE : Metric.EUCLIDEAN);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("only " + bytes.length + " bytes", e);
    }
  }

  /**
   * Reads the state.
   *
   * @throws IllegalArgumentException if that is none
   */
  static StoreState decodeState(byte[] bytes) {
    try {
      return StoreState.decode(bytes);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("only " + bytes.length + " bytes", e);
    }
  }
}
