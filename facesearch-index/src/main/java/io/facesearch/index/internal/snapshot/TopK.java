package io.facesearch.index.internal.snapshot;

import io.facesearch.FaceMatch;
import io.facesearch.Metric;
import io.facesearch.index.internal.quantize.Kernel;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The k nearest faces seen so far by (distance, ordinal), so that equal distances keep the face
 * that was inserted first, if they lie within a distance. Few are kept sorted. Of many, half as
 * many again are collected before the farthest are dropped: that costs O(1) a face, where a heap
 * costs O(log k). Not thread-safe; one per search at a time.
 */
public final class TopK {
  /**
   * A squared distance above the squared distance of the worst face by this factor has a greater
   * square root, after rounding; a factor of 1 would lose faces whose roots are equal.
   */
  private static final double ROOT_SLACK = 1 + 0x1p-48;

  /** Up to so many are kept sorted. */
  private static final int FEW = 48;

  /** Shorter ranges are sorted by insertion. */
  private static final int SHORT = 24;

  private double[] distances = {};
  private int[] ordinals = {};
  private int capacity;

  /** So many are collected at most. */
  private int room;

  /** No face that is farther away is kept. */
  private double radius;

  private int size;
  private double squaredLimit;

  /** Whether more than {@link #capacity} were found, and the farthest dropped. */
  private boolean isLimited;

  private long computed;

  /** Null for all. */
  private @Nullable Accepted accepted;

  /** Makes an empty one; {@code capacity} is the smaller of k and the number of faces. */
  public TopK(int capacity) {
    reset(capacity);
  }

  /** Makes it as good as new. */
  public void reset(int newCapacity) {
    reset(newCapacity, Double.POSITIVE_INFINITY);
  }

  /** Makes it as good as new, for faces within a distance; infinite for any. */
  public void reset(int newCapacity, double newRadius) {
    accepted = null;
    capacity = newCapacity;
    room = capacity <= FEW ? capacity : (int) Math.min(Integer.MAX_VALUE - 8, capacity * 3L / 2);
    radius = newRadius;
    // Within a distance there may be few.
    if (room > distances.length && (capacity <= FEW || radius == Double.POSITIVE_INFINITY)) {
      distances = new double[room];
      ordinals = new int[room];
    }
    size = 0;
    computed = 0;
    isLimited = false;
    squaredLimit = capacity == 0 ? Double.NEGATIVE_INFINITY : radius * radius * ROOT_SLACK;
  }

  /** Keeps only faces of a set from now on; null for all. Call it after reset. */
  public void accept(@Nullable Accepted newAccepted) {
    accepted = newAccepted;
  }

  /** Whether a face may be kept. */
  public boolean accepts(int ordinal) {
    return accepted == null || accepted.test(ordinal);
  }

  /** How many are kept so far. */
  public int size() {
    return size;
  }

  /** Faces with a squared distance above this cannot be among the nearest any more. */
  public double squaredLimit() {
    return squaredLimit;
  }

  /** Takes into account that faces with a squared distance above this are not wanted. */
  public void lowerLimit(double squared) {
    squaredLimit = Math.min(squaredLimit, squared);
  }

  /** Takes over what another has found, which is empty afterwards. */
  public void takeOver(TopK other) {
    for (int i = 0; i < other.size; i++) {
      offer(other.distances[i], other.ordinals[i]);
    }
    computed += other.computed;
    other.reset(0);
  }

  /** Makes it as good as another one was when it was new. */
  public void resetAs(TopK other) {
    reset(other.capacity, other.radius);
    accepted = other.accepted;
  }

  /** How many distances were computed, those given up half-way included. */
  public long computed() {
    return computed;
  }

  /** Counts distances that were computed elsewhere and not offered. */
  public void countComputed(long count) {
    computed += count;
  }

  /** Compares {@code count} rows with the query; row i has the ordinal {@code ordinals[from+i]}. */
  public void scan(double[] query, float[] rows, int from, int count, int[] ordinalOf) {
    for (int i = from; i < from + count; i++) {
      if (accepts(ordinalOf[i])) {
        compare(query, rows, i * query.length, ordinalOf[i]);
      }
    }
  }

  /** Compares the first {@code count} rows with the query; row i has the ordinal first + i. */
  public void scan(double[] query, float[] rows, int count, int firstOrdinal) {
    for (int i = 0; i < count; i++) {
      if (accepts(firstOrdinal + i)) {
        compare(query, rows, i * query.length, firstOrdinal + i);
      }
    }
  }

  /** Compares one row with the query, of a face that may be kept. */
  public void compare(double[] query, float[] rows, int offset, int ordinal) {
    offerSquared(Kernel.squaredDistance(query, rows, offset, squaredLimit), ordinal);
  }

  /** Takes a squared distance into account of a face that {@link #accepts} was asked about. */
  public void offerSquared(double squared, int ordinal) {
    computed++;
    if (squared <= squaredLimit) {
      offer(Math.sqrt(squared), ordinal);
    }
  }

  private void offer(double distance, int ordinal) {
    if (distance > radius) {
      return;
    }
    if (capacity <= FEW) {
      insert(distance, ordinal);
      return;
    }
    if (size == distances.length) {
      int length = (int) Math.min(room, Math.max(16, 2L * size));
      distances = Arrays.copyOf(distances, length);
      ordinals = Arrays.copyOf(ordinals, length);
    }
    distances[size] = distance;
    ordinals[size++] = ordinal;
    if (size == room || (size == capacity && !isLimited)) {
      keepNearest();
    }
  }

  private void insert(double distance, int ordinal) {
    int i = size;
    if (size < capacity) {
      size++;
    } else if (--i < 0 || !isFarther(distances[i], ordinals[i], distance, ordinal)) {
      return;
    }
    while (i > 0 && isFarther(distances[i - 1], ordinals[i - 1], distance, ordinal)) {
      distances[i] = distances[i - 1];
      ordinals[i] = ordinals[i - 1];
      i--;
    }
    distances[i] = distance;
    ordinals[i] = ordinal;
    if (size == capacity) {
      limit(distances[size - 1]);
    }
  }

  private void limit(double farthest) {
    lowerLimit(farthest * farthest * ROOT_SLACK);
  }

  /** Drops all but the {@code capacity} nearest. */
  private void keepNearest() {
    int from = 0;
    int to = size;
    while (from < capacity && capacity < to) {
      int middle = partition(from, to);
      if (middle >= capacity) {
        to = middle;
      } else {
        from = middle;
      }
    }
    size = Math.min(size, capacity);
    double farthest = 0;
    for (int i = 0; i < size; i++) {
      farthest = Math.max(farthest, distances[i]);
    }
    limit(farthest);
    isLimited = true;
  }

  /**
   * Parts a range of at least two so that nothing on the left is farther than anything on the
   * right. Ordinals differ, so no two are equal, and a pivot amid the range is as good as any.
   *
   * @return the first of the right part; neither part is empty
   */
  private int partition(int from, int to) {
    int pivot = medianOfThree(from, (from + to) >>> 1, to - 1);
    double distance = distances[pivot];
    int ordinal = ordinals[pivot];
    int i = from - 1;
    int j = to;
    while (true) {
      do {
        i++;
      } while (isFarther(distance, ordinal, distances[i], ordinals[i]));
      do {
        j--;
      } while (isFarther(distances[j], ordinals[j], distance, ordinal));
      if (i >= j) {
        return Math.min(j + 1, to - 1);
      }
      swap(i, j);
    }
  }

  private int medianOfThree(int a, int b, int c) {
    int low = isFarther(distances[a], ordinals[a], distances[b], ordinals[b]) ? b : a;
    int high = low == a ? b : a;
    if (isFarther(distances[low], ordinals[low], distances[c], ordinals[c])) {
      return low;
    }
    return isFarther(distances[high], ordinals[high], distances[c], ordinals[c]) ? c : high;
  }

  private void swap(int a, int b) {
    double distance = distances[a];
    distances[a] = distances[b];
    distances[b] = distance;
    int ordinal = ordinals[a];
    ordinals[a] = ordinals[b];
    ordinals[b] = ordinal;
  }

  private void sort(int start, int end) {
    int from = start;
    int to = end;
    while (to - from > SHORT) {
      int middle = partition(from, to);
      if (middle - from < to - middle) {
        sort(from, middle);
        from = middle;
      } else {
        sort(middle, to);
        to = middle;
      }
    }
    for (int i = from + 1; i < to; i++) {
      double distance = distances[i];
      int ordinal = ordinals[i];
      int j = i;
      while (j > from && isFarther(distances[j - 1], ordinals[j - 1], distance, ordinal)) {
        distances[j] = distances[j - 1];
        ordinals[j] = ordinals[j - 1];
        j--;
      }
      distances[j] = distance;
      ordinals[j] = ordinal;
    }
  }

  private static boolean isFarther(double a, int ordinalA, double b, int ordinalB) {
    return a > b || (a == b && ordinalA > ordinalB);
  }

  private void finish() {
    if (capacity > FEW) {
      if (size > capacity) {
        keepNearest();
      }
      sort(0, size);
    }
  }

  /** Takes the ordinals out, nearest first; it is empty afterwards. */
  public int[] drainOrdinals() {
    finish();
    int[] result = Arrays.copyOf(ordinals, size);
    size = 0;
    accepted = null;
    return result;
  }

  /** Takes the faces out, nearest first; it is empty afterwards. */
  public List<FaceMatch> drain(Faces faces, Metric metric) {
    finish();
    FaceMatch[] matches = new FaceMatch[size];
    for (int i = 0; i < size; i++) {
      double distance = distances[i];
      matches[i] =
          new FaceMatch(
              faces.get(ordinals[i]), metric == Metric.COSINE ? distance * distance / 2 : distance);
    }
    size = 0;
    accepted = null;
    return Arrays.asList(matches);
  }
}
