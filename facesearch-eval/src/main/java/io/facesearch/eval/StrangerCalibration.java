package io.facesearch.eval;

import io.facesearch.StrangerRates;
import io.facesearch.StrangerRates.Curve;
import io.facesearch.StrangerRates.Point;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Measures how often strangers are near the mean of a person's photos, which is what {@link
 * io.facesearch.Gallery#identify} decides by. Every photo is compared with every other person, of
 * at most 5,000 people, by the mean of 1, 2 and 4 of their photos. Stateless.
 */
public final class StrangerCalibration {
  private static final int[] PHOTOS = {1, 2, 4};
  private static final double[] RATES = {1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1};
  private static final int MOST_PEOPLE = 5000;

  /** Fewer people make no curve. */
  private static final int LEAST_PEOPLE = 20;

  /** A rate that fewer comparisons reach is not told. */
  private static final int LEAST_HITS = 30;

  /** Of the cosine, -1 to 1. */
  private static final int BINS = 200_000;

  private StrangerCalibration() {}

  /**
   * Measures the rates.
   *
   * @param faces faces of known people; a person under two names makes the rates too high
   * @param seed of the random choices
   * @return the rates; empty if there are fewer than 20 people
   */
  public static Optional<StrangerRates> of(List<LabeledFace> faces, long seed) {
    Random random = new Random(seed);
    List<float[][]> people = new ArrayList<>(UnitVectors.byPerson(faces));
    Collections.shuffle(people, random);
    List<float[][]> chosen = people.subList(0, Math.min(MOST_PEOPLE, people.size()));
    List<Curve> curves = new ArrayList<>();
    for (int photos : PHOTOS) {
      int[] known =
          IntStream.range(0, chosen.size()).filter(p -> chosen.get(p).length >= photos).toArray();
      if (known.length >= LEAST_PEOPLE) {
        curve(chosen, known, photos, random).ifPresent(curves::add);
      }
    }
    return curves.isEmpty() ? Optional.empty() : Optional.of(new StrangerRates(curves));
  }

  private static Optional<Curve> curve(
      List<float[][]> people, int[] known, int photos, Random random) {
    float[][] means = new float[known.length][];
    for (int i = 0; i < known.length; i++) {
      float[][] own = people.get(known[i]);
      means[i] = UnitVectors.mean(own, UnitVectors.choose(own.length, photos, random));
    }
    long[] bins = count(people, known, means);
    long all = 0;
    for (long count : bins) {
      all += count;
    }
    List<Point> points = new ArrayList<>();
    int bin = BINS;
    long nearer = 0;
    for (double rate : RATES) {
      while (bin > 0 && nearer < rate * all) {
        nearer += bins[--bin];
      }
      // The far end of the bin: the rate is that of all that are nearer.
      double distance = Math.sqrt(2 - 2 * cosine(bin));
      double reached = (double) nearer / all;
      boolean further =
          points.isEmpty()
              || (distance > points.get(points.size() - 1).distance()
                  && reached > points.get(points.size() - 1).rate());
      if (rate * all >= LEAST_HITS && further && distance > 0) {
        points.add(new Point(distance, reached));
      }
    }
    return points.size() < 2 ? Optional.empty() : Optional.of(new Curve(photos, points));
  }

  private static double cosine(int bin) {
    return 2.0 * bin / BINS - 1;
  }

  /** How many comparisons of a photo with another person have which cosine. */
  private static long[] count(List<float[][]> people, int[] known, float[][] means) {
    return IntStream.range(0, people.size())
        .parallel()
        .collect(
            () -> new long[BINS],
            (bins, person) -> {
              for (float[] photo : people.get(person)) {
                for (int i = 0; i < means.length; i++) {
                  if (known[i] != person) {
                    double cosine = UnitVectors.dot(photo, means[i]);
                    int bin = (int) ((cosine + 1) / 2 * BINS);
                    bins[Math.max(0, Math.min(BINS - 1, bin))]++;
                  }
                }
              }
            },
            (a, b) -> {
              for (int i = 0; i < a.length; i++) {
                a[i] += b[i];
              }
            });
  }
}
