package io.facesearch.index.internal.tree;

import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.VectorSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of a tree, row by row: in an array, or mapped from the file that the tree was read
 * from. Immutable and thread-safe; each thread that compares them has a {@link Reader} of its own.
 */
public final class TreeRows implements VectorSource {
  private static final int FLOATS_IN_LINE = 16;

  public final int dimension;

  /** Null where they are mapped. */
  final float @Nullable [] array;

  /** Null where they are not. */
  private final @Nullable MappedSection mapped;

  TreeRows(float[] array, int dimension) {
    this.array = array;
    this.dimension = dimension;
    mapped = null;
  }

  TreeRows(MappedSection mapped, int dimension) {
    this.mapped = mapped;
    this.dimension = dimension;
    array = null;
  }

  @Override
  public void copyTo(int row, float[] target, int offset) {
    if (array != null) {
      System.arraycopy(array, row * dimension, target, offset, dimension);
    } else {
      mapped().read(4L * row * dimension, target, offset, dimension);
    }
  }

  /** A copy of a vector. */
  public float[] get(int row) {
    float[] copy = new float[dimension];
    copyTo(row, copy, 0);
    return copy;
  }

  /** A vector in double precision. */
  void copyTo(int row, double[] target) {
    float[] from = array;
    int at = row * dimension;
    if (from == null) {
      from = get(row);
      at = 0;
    }
    for (int j = 0; j < dimension; j++) {
      target[j] = from[at + j];
    }
  }

  Section section() {
    String name = "vectors of the tree";
    return array != null ? new Section(name, array) : new Section(name, mapped());
  }

  private MappedSection mapped() {
    return Objects.requireNonNull(mapped);
  }

  @Override
  public boolean isThreadSafe() {
    return true;
  }

  /** Memory in bytes, without what is mapped. */
  long bytes() {
    return array == null ? 0 : 4L * array.length;
  }

  boolean isMapped() {
    return mapped != null;
  }

  long mappedBytes() {
    return mapped == null ? 0 : mapped.bytes;
  }

  void close() {
    if (mapped != null) {
      mapped.close();
    }
  }

  /** Makes vectors ready to be compared, a few at a time. Not thread-safe. */
  final class Reader {
    /** So many at most. */
    static final int MOST = 32;

    private final float[] copies = new float[array == null ? MOST * dimension : 0];
    private final float[] from = array == null ? copies : array;
    private final int[] offsets = new int[MOST];

    /** Only so that what {@link #touch} reads is not optimized away. */
    @SuppressWarnings("UnusedVariable")
    private float touched;

    /** Takes some rows, at most {@link #MOST}. */
    void take(int[] rows, int first, int count) {
      if (array == null) {
        for (int i = 0; i < count; i++) {
          offsets[i] = i * dimension;
          mapped().read(4L * rows[first + i] * dimension, copies, offsets[i], dimension);
        }
      } else {
        for (int i = 0; i < count; i++) {
          offsets[i] = rows[first + i] * dimension;
        }
      }
    }

    /** The same, of which all will be needed. */
    void takeAll(int[] rows, int count) {
      take(rows, 0, count);
      if (array != null) {
        touch(count);
      }
    }

    /** Takes one row. */
    void take(int row) {
      if (array == null) {
        offsets[0] = 0;
        mapped().read(4L * row * dimension, copies, 0, dimension);
      } else {
        offsets[0] = row * dimension;
      }
    }

    /** Reads a float of each cache line: the processor fetches many at a time. */
    private void touch(int count) {
      float sum = 0;
      for (int i = 0; i < count; i++) {
        int end = offsets[i] + dimension;
        for (int at = offsets[i]; at < end; at += FLOATS_IN_LINE) {
          sum += from[at];
        }
      }
      touched = sum;
    }

    /** The numbers in which {@link #offset} tells where a vector begins. */
    float[] values() {
      return from;
    }

    /** Where the i-th row that was taken begins. */
    int offset(int i) {
      return offsets[i];
    }

    /** As {@link BoundKernel#squaredDistance}, to the i-th row that was taken. */
    double squaredDistance(BoundKernel kernel, double[] query, int i, double limit) {
      return kernel.squaredDistance(query, from, offsets[i], limit);
    }
  }
}
