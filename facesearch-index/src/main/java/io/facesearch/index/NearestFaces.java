package io.facesearch.index;

import io.facesearch.FaceMatch;
import java.util.Arrays;
import java.util.List;

/**
 * The k nearest faces seen so far: a bounded binary max-heap by (distance, ordinal), so that equal
 * distances keep the face that was inserted first; or all faces within a distance. Not thread-safe;
 * one per search at a time.
 */
final class NearestFaces {
  /**
   * A squared distance above the squared distance of the worst face by this factor has a greater
   * square root, after rounding; a factor of 1 would lose faces whose roots are equal.
   */
  private static final double ROOT_SLACK = 1 + 0x1p-48;

  private double[] distances = {};
  private int[] ordinals = {};
  private int capacity;

  /** No face that is farther away is kept. */
  private double radius;

  private int size;
  private double squaredLimit;
  private long computed;

  /** Makes an empty one; {@code capacity} is the smaller of k and the number of faces. */
  NearestFaces(int capacity) {
    reset(capacity);
  }

  /** Makes it as good as new. */
  void reset(int newCapacity) {
    capacity = newCapacity;
    radius = Double.POSITIVE_INFINITY;
    if (capacity > distances.length) {
      distances = new double[capacity];
      ordinals = new int[capacity];
    }
    size = 0;
    computed = 0;
    squaredLimit = capacity == 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  /** Makes it one that keeps all faces within a distance. */
  void resetWithin(double distance) {
    reset(0);
    capacity = Integer.MAX_VALUE;
    radius = distance;
    squaredLimit = radius * radius * ROOT_SLACK;
  }

  /** Faces with a squared distance above this cannot be among the nearest any more. */
  double squaredLimit() {
    return squaredLimit;
  }

  /** How many distances were computed, those given up half-way included. */
  long computed() {
    return computed;
  }

  /** Compares {@code count} rows with the query; row i has the ordinal {@code ordinals[from+i]}. */
  void scan(double[] query, float[] rows, int from, int count, int[] ordinalOf) {
    int offset = from * query.length;
    for (int i = from; i < from + count; i++) {
      double squared = Kernel.squaredDistance(query, rows, offset, squaredLimit);
      offset += query.length;
      if (squared <= squaredLimit) {
        offer(Math.sqrt(squared), ordinalOf[i]);
      }
    }
    computed += count;
  }

  /** Compares the first {@code count} rows with the query; row i has the ordinal first + i. */
  void scan(double[] query, float[] rows, int count, int firstOrdinal) {
    int offset = 0;
    for (int i = 0; i < count; i++) {
      double squared = Kernel.squaredDistance(query, rows, offset, squaredLimit);
      offset += query.length;
      if (squared <= squaredLimit) {
        offer(Math.sqrt(squared), firstOrdinal + i);
      }
    }
    computed += count;
  }

  /** Takes a squared distance into account that was computed elsewhere. */
  void offerSquared(double squared, int ordinal) {
    computed++;
    if (squared <= squaredLimit) {
      offer(Math.sqrt(squared), ordinal);
    }
  }

  private void offer(double distance, int ordinal) {
    if (distance > radius) {
      return;
    }
    if (size < capacity) {
      if (size == distances.length) {
        distances = Arrays.copyOf(distances, Math.max(16, 2 * size));
        ordinals = Arrays.copyOf(ordinals, distances.length);
      }
      siftUp(distance, ordinal);
      if (size < capacity) {
        return;
      }
    } else if (isFarther(distances[0], ordinals[0], distance, ordinal)) {
      siftDown(distance, ordinal);
    } else {
      return;
    }
    squaredLimit = distances[0] * distances[0] * ROOT_SLACK;
  }

  private static boolean isFarther(double a, int ordinalA, double b, int ordinalB) {
    return a > b || (a == b && ordinalA > ordinalB);
  }

  private void siftUp(double distance, int ordinal) {
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) >>> 1;
      if (!isFarther(distance, ordinal, distances[parent], ordinals[parent])) {
        break;
      }
      distances[hole] = distances[parent];
      ordinals[hole] = ordinals[parent];
      hole = parent;
    }
    distances[hole] = distance;
    ordinals[hole] = ordinal;
  }

  /** Replaces the root. */
  private void siftDown(double distance, int ordinal) {
    int hole = 0;
    int firstLeaf = size >>> 1;
    while (hole < firstLeaf) {
      int child = 2 * hole + 1;
      if (child + 1 < size
          && isFarther(
              distances[child + 1], ordinals[child + 1], distances[child], ordinals[child])) {
        child++;
      }
      if (!isFarther(distances[child], ordinals[child], distance, ordinal)) {
        break;
      }
      distances[hole] = distances[child];
      ordinals[hole] = ordinals[child];
      hole = child;
    }
    distances[hole] = distance;
    ordinals[hole] = ordinal;
  }

  /** Takes the faces out, nearest first; the heap is empty afterwards. */
  List<FaceMatch> drain(Faces faces) {
    FaceMatch[] matches = new FaceMatch[size];
    for (int i = size - 1; i >= 0; i--) {
      matches[i] = new FaceMatch(faces.get(ordinals[0]), distances[0]);
      size--;
      if (size > 0) {
        siftDown(distances[size], ordinals[size]);
      }
    }
    return Arrays.asList(matches);
  }
}
