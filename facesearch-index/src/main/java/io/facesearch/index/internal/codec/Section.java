package io.facesearch.index.internal.codec;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of one type in one or more arrays, as a run of little-endian bytes. All arrays but the
 * last have the same length. Different ranges may be read or written by different threads.
 */
public final class Section {
  public final String name;
  public final long bytes;
  private final Object[] arrays;
  private final long arrayBytes;
  private final int size;

  /** Null where they are in arrays. */
  private final @Nullable MappedSection mapped;

  /** To be written from where they are mapped. */
  public Section(String name, MappedSection mapped) {
    this.name = name;
    this.mapped = mapped;
    bytes = mapped.bytes;
    arrays = new Object[0];
    arrayBytes = 0;
    size = 0;
  }

  /** For example {@code float[]}, or a {@code byte[][]} as one argument for each array. */
  public Section(String name, Object... arrays) {
    this.name = name;
    this.arrays = arrays;
    mapped = null;
    size = arrays.length == 0 ? 1 : size(arrays[0]);
    arrayBytes = arrays.length == 0 ? 1 : (long) length(arrays[0]) * size;
    long sum = 0;
    for (Object array : arrays) {
      sum += (long) length(array) * size;
    }
    bytes = sum;
  }

  private static int size(Object array) {
    if (array instanceof byte[]) {
      return 1;
    } else if (array instanceof short[]) {
      return 2;
    }
    return array instanceof int[] || array instanceof float[] ? 4 : 8;
  }

  private static int length(Object array) {
    return java.lang.reflect.Array.getLength(array);
  }

  public boolean isMapped() {
    return mapped != null;
  }

  /** Fills the buffer with the bytes from {@code at} on, a multiple of 8. */
  public void write(long at, ByteBuffer target) {
    if (mapped != null) {
      byte[] copy = new byte[target.remaining()];
      mapped.read(at, copy, 0, copy.length);
      target.put(copy);
      return;
    }
    long from = at;
    while (target.hasRemaining()) {
      Object array = arrays[(int) (from / arrayBytes)];
      int first = (int) (from % arrayBytes / size);
      int count = Math.min(target.remaining() / size, length(array) - first);
      if (array instanceof byte[] some) {
        target.duplicate().put(some, first, count);
      } else if (array instanceof short[] some) {
        target.asShortBuffer().put(some, first, count);
      } else if (array instanceof int[] some) {
        target.asIntBuffer().put(some, first, count);
      } else if (array instanceof float[] some) {
        target.asFloatBuffer().put(some, first, count);
      } else if (array instanceof long[] some) {
        target.asLongBuffer().put(some, first, count);
      } else {
        target.asDoubleBuffer().put((double[]) array, first, count);
      }
      target.position(target.position() + count * size);
      from += (long) count * size;
    }
  }

  /**
   * Sets the numbers from byte {@code at} on, a multiple of 8.
   *
   * @return false if one of them is not finite
   */
  public boolean read(long at, ByteBuffer source) {
    long from = at;
    double finite = 0;
    while (source.hasRemaining()) {
      Object array = arrays[(int) (from / arrayBytes)];
      int first = (int) (from % arrayBytes / size);
      int count = Math.min(source.remaining() / size, length(array) - first);
      if (array instanceof byte[] some) {
        source.duplicate().get(some, first, count);
      } else if (array instanceof short[] some) {
        source.asShortBuffer().get(some, first, count);
      } else if (array instanceof int[] some) {
        source.asIntBuffer().get(some, first, count);
      } else if (array instanceof float[] some) {
        source.asFloatBuffer().get(some, first, count);
        finite += zeroIfFinite(some, first, first + count);
      } else if (array instanceof long[] some) {
        source.asLongBuffer().get(some, first, count);
      } else {
        double[] some = (double[]) array;
        source.asDoubleBuffer().get(some, first, count);
        for (int i = first; i < first + count; i++) {
          finite += some[i] * 0;
        }
      }
      source.position(source.position() + count * size);
      from += (long) count * size;
    }
    return finite == 0;
  }

  /** Four sums, so that additions need not wait for each other. */
  private static float zeroIfFinite(float[] values, int from, int to) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += values[i] * 0;
      b += values[i + 1] * 0;
      c += values[i + 2] * 0;
      d += values[i + 3] * 0;
    }
    for (; i < to; i++) {
      a += values[i] * 0;
    }
    return a + b + c + d;
  }
}
