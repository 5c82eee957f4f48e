package io.facesearch.eval;

import static io.facesearch.internal.UnitVectors.unit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Faces as unit vectors, by person, for the many comparisons of identification. */
final class UnitVectors {
  private UnitVectors() {}

  /** The photos of each person, as unit vectors, in the order of the names. */
  static List<float[][]> byPerson(List<LabeledFace> faces) {
    Map<String, List<float[]>> people = new TreeMap<>();
    for (LabeledFace face : faces) {
      people
          .computeIfAbsent(face.identity(), p -> new ArrayList<>())
          .add(unit(face.embedding().toArray()));
    }
    return people.values().stream().map(photos -> photos.toArray(new float[0][])).toList();
  }

  /** So many different numbers below {@code n}, at random. */
  static int[] choose(int n, int count, Random random) {
    int[] all = new int[n];
    for (int i = 0; i < n; i++) {
      all[i] = i;
    }
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(n - i);
      int other = all[j];
      all[j] = all[i];
      all[i] = other;
    }
    return Arrays.copyOf(all, count);
  }

  /** The mean of some photos, made a unit vector. */
  static float[] mean(float[][] photos, int[] which) {
    float[] mean = new float[photos[0].length];
    for (int i : which) {
      for (int d = 0; d < mean.length; d++) {
        mean[d] += photos[i][d];
      }
    }
    return unit(mean);
  }

  /** L2 distance of unit vectors. */
  static double distance(float[] a, float[] b) {
    return Math.sqrt(Math.max(0, 2 - 2 * (double) dot(a, b)));
  }

  /** Four sums, so that the additions overlap. */
  static float dot(float[] a, float[] b) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int d = 0;
    for (; d <= a.length - 4; d += 4) {
      s0 += a[d] * b[d];
      s1 += a[d + 1] * b[d + 1];
      s2 += a[d + 2] * b[d + 2];
      s3 += a[d + 3] * b[d + 3];
    }
    for (; d < a.length; d++) {
      s0 += a[d] * b[d];
    }
    return s0 + s1 + (s2 + s3);
  }
}
