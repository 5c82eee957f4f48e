package io.facesearch.index.internal.snapshot;

import io.facesearch.index.internal.snapshot.Postings.Slice;
import java.util.Arrays;
import java.util.List;

/**
 * Which faces have which number, sorted by number, but for the newest. Grows only, by one thread at
 * a time; what {@link #between} returns stays as it is. 12 bytes a face.
 */
final class Numbers {
  /** So many new ones at least, or this share of all, are worth that they are sorted in. */
  private static final int LEAST_NEW = 1024;

  private static final int SHARE_NEW = 16;

  /** Sorted; arrays that are replaced, never changed. */
  private double[] values = {};

  private int[] ordinals = {};

  private double[] newValues = new double[4];
  private int[] newOrdinals = new int[4];
  private int newCount;

  void add(double value, int ordinal) {
    if (newCount == newValues.length) {
      newValues = Arrays.copyOf(newValues, 2 * newCount);
      newOrdinals = Arrays.copyOf(newOrdinals, 2 * newCount);
    }
    newValues[newCount] = value;
    newOrdinals[newCount++] = ordinal;
  }

  /** Sorts the new ones in where they are many. */
  void sortIn() {
    if (newCount < Math.max(LEAST_NEW, values.length / SHARE_NEW)) {
      return;
    }
    double[] sorted = Arrays.copyOf(newValues, newCount);
    Arrays.sort(sorted);
    int[] sortedOrdinals = new int[newCount];
    int[] placed = new int[newCount]; // of the number that begins there
    for (int i = 0; i < newCount; i++) {
      int place = first(sorted, newValues[i], false);
      sortedOrdinals[place + placed[place]++] = newOrdinals[i];
    }
    double[] merged = new double[values.length + newCount];
    int[] mergedOrdinals = new int[merged.length];
    int old = 0;
    int added = 0;
    for (int i = 0; i < merged.length; i++) {
      if (added == newCount || (old < values.length && values[old] <= sorted[added])) {
        merged[i] = values[old];
        mergedOrdinals[i] = ordinals[old++];
      } else {
        merged[i] = sorted[added];
        mergedOrdinals[i] = sortedOrdinals[added++];
      }
    }
    values = merged;
    ordinals = mergedOrdinals;
    newValues = new double[4];
    newOrdinals = new int[4];
    newCount = 0;
  }

  /** The faces with a number from min to max, both included. */
  List<Slice> between(double min, double max) {
    int[] among = new int[newCount];
    int n = 0;
    for (int i = 0; i < newCount; i++) {
      if (newValues[i] >= min && newValues[i] <= max) {
        among[n++] = newOrdinals[i];
      }
    }
    return List.of(
        new Slice(ordinals, first(values, min, false), first(values, max, true)),
        new Slice(among, 0, n));
  }

  /** The first place of a number that is not below, or above, another. */
  private static int first(double[] values, double number, boolean above) {
    int from = 0;
    int to = values.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (values[middle] < number || (above && values[middle] == number)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  long bytes() {
    return 12L * (values.length + newValues.length);
  }
}
