package io.facesearch.embed;

import com.sun.jna.Memory;
import io.facesearch.onnx.NativeAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/** Native memory that is freed when it is closed, where a direct buffer waits for the collector. */
final class NativeBuffer implements AutoCloseable {
  private final Memory memory;

  NativeBuffer(long floats) {
    this(memory(Float.BYTES * floats));
    memory.clear();
  }

  private NativeBuffer(Memory memory) {
    this.memory = memory;
  }

  private static Memory memory(long bytes) {
    NativeAllocator.prepareJna();
    return new Memory(bytes);
  }

  /** Of any content. */
  static NativeBuffer ofBytes(long bytes) {
    return new NativeBuffer(memory(bytes));
  }

  /** All bytes; not to be used after {@link #close}. */
  ByteBuffer bytes() {
    return memory.getByteBuffer(0, memory.size());
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
