package io.facesearch.index.internal.codec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Writes little-endian values to a file and their CRC32C behind them. Not thread-safe. */
public final class CheckedWriter {
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  public CheckedWriter(FileChannel channel) {
    this.channel = channel;
  }

  /** The UTF-8 form of a text; refuses unpaired surrogates, which have none. */
  public static byte[] encode(String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "texts must be valid Unicode to be written, but this one is not: " + text, e);
    }
  }

  public void int32(int value) throws IOException {
    room(4).putInt(value);
  }

  public void int64(long value) throws IOException {
    room(8).putLong(value);
  }

  public void float32(float value) throws IOException {
    room(4).putFloat(value);
  }

  public void bytes(byte[] bytes) throws IOException {
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(room(1).remaining(), bytes.length - at);
      buffer.put(bytes, at, length);
      at += length;
    }
  }

  public void text(String text) throws IOException {
    byte[] bytes = encode(text);
    int32(bytes.length);
    bytes(bytes);
  }

  /** Writes the checksum, and everything out. */
  public void finish() throws IOException {
    flush();
    buffer.putInt((int) crc.getValue());
    flush();
  }

  private ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  private void flush() throws IOException {
    buffer.flip();
    crc.update(buffer.duplicate());
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
