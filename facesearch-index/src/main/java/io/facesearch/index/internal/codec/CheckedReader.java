package io.facesearch.index.internal.codec;

import io.facesearch.CorruptIndexException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link CheckedWriter} wrote. Never allocates more than the file has bytes left, and
 * gives {@link CorruptIndexException} where the file ends too soon. Not thread-safe.
 */
public final class CheckedReader {
  /** Bytes of the checksum at the end. */
  public static final int TRAILER = 4;

  private final FileChannel channel;
  private final Path file;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  /** Bytes not taken yet, those in the buffer included. */
  private long remaining;

  public CheckedReader(FileChannel channel, Path file) throws IOException {
    this.channel = channel;
    this.file = file;
    remaining = channel.size();
    buffer.limit(0);
  }

  public Path file() {
    return file;
  }

  /** Bytes left in the file, the checksum included. */
  public long remaining() {
    return remaining;
  }

  public CorruptIndexException corrupt(String what) {
    return corrupt(what, null);
  }

  public CorruptIndexException corrupt(String what, @Nullable Throwable cause) {
    return new CorruptIndexException(
        "the index file " + file + " is damaged: " + what + "; restore it from a copy", cause);
  }

  public boolean startsWith(byte[] magic) throws IOException {
    if (remaining < magic.length) {
      return false;
    }
    byte[] start = new byte[magic.length];
    bytes(start);
    return Arrays.equals(start, magic);
  }

  /** One byte, unless only {@code end} bytes are left. */
  public int int8(long end) throws IOException {
    require(1, end);
    return take(1).get() & 0xff;
  }

  public int int32() throws IOException {
    return take(4).getInt();
  }

  public long int64() throws IOException {
    return take(8).getLong();
  }

  public double float64() throws IOException {
    return take(8).getDouble();
  }

  public float float32() throws IOException {
    return take(4).getFloat();
  }

  /** A text that takes no more than {@code limit} bytes, its length included. */
  public String text(long limit) throws IOException {
    if (limit < 4) {
      throw corrupt("a text has no room");
    }
    int length = int32();
    if (length < 0 || length > limit - 4) {
      throw corrupt("a text has " + length + " bytes where " + (limit - 4) + " are left");
    }
    byte[] bytes = new byte[length];
    bytes(bytes);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw corrupt("a text is not UTF-8", e);
    }
  }

  /** Checks that {@code bytes} can be taken with {@code end} bytes left behind them. */
  public void require(long bytes, long end) {
    if (remaining - end < bytes) {
      throw corrupt("it ends too soon");
    }
  }

  /** Compares the checksum, which must be all that is left. */
  public void finish() throws IOException {
    int expected = (int) crc.getValue();
    int found = int32();
    if (found != expected) {
      throw corrupt(
          String.format("its checksum is %08x, but its bytes have %08x", found, expected));
    }
  }

  public void bytes(byte[] target) throws IOException {
    for (int at = 0; at < target.length; ) {
      int length = Math.min(target.length - at, buffer.capacity());
      take(length).get(target, at, length);
      at += length;
    }
  }

  /** The buffer with at least {@code bytes} in it, at most its capacity; they count as taken. */
  private ByteBuffer take(int bytes) throws IOException {
    require(bytes, 0);
    if (buffer.remaining() < bytes) {
      buffer.compact();
      while (buffer.position() < bytes) {
        if (channel.read(buffer) < 0) {
          throw corrupt("it ends too soon");
        }
      }
      buffer.flip();
    }
    ByteBuffer taken = buffer.duplicate().limit(buffer.position() + bytes);
    crc.update(taken);
    remaining -= bytes;
    return buffer;
  }
}
