package io.facesearch.embed;

import com.sun.jna.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Native memory that is freed when it is closed, where a direct buffer waits for the collector. */
final class NativeBuffer implements AutoCloseable {
  private final Memory memory;

  NativeBuffer(long floats) {
    memory = new Memory(Float.BYTES * floats);
    memory.clear();
  }

  /** The first values; not to be used after {@link #close}. */
  ByteBuffer bytes(long floats) {
    return memory.getByteBuffer(0, Float.BYTES * floats).order(ByteOrder.nativeOrder());
  }

  FloatBuffer floats(long floats) {
    return bytes(floats).asFloatBuffer();
  }

  FloatBuffer floats() {
    return floats(memory.size() / Float.BYTES);
  }

  @Override
  public void close() {
    memory.close();
  }
}
