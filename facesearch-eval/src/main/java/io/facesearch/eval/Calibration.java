package io.facesearch.eval;

import io.facesearch.DecisionThreshold;
import io.facesearch.Rate;
import io.facesearch.eval.VerificationEvaluation.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Finds the threshold for a wanted error rate on photos of known people, and measures the error
 * rates of a threshold. Rates hold for photos like these, so calibrate on your own photos.
 * Thread-safe.
 *
 * <p>There are two kinds of rates: for two photos, the false accept rate (1:1, FAR); for a search
 * among n people, the false positive identification rate (1:N, FPIR), which is the share of
 * searches for strangers that find somebody. The latter grows with n, so a threshold for pairs is
 * too lax for a gallery.
 *
 * @see <a href="https://www.iso.org/standard/73515.html">ISO/IEC 19795-1, Biometric performance
 *     testing and reporting</a>
 */
public final class Calibration {
  /** The false reject rate of pairs of one person at which "unsure" ends and "different" begins. */
  public static final double UNSURE_UNTIL = 0.01;

  private static final int MOST_PAIRS = 2_000_000;
  private static final int MOST_PAIRS_A_PERSON = 200;
  private static final int MOST_PEOPLE = 3000;
  private static final int TRIALS = 200;

  private final PairSet pairs;
  private final String name;
  private final long seed;

  /** Distance from a probe of person p to a gallery photo of person q; empty without faces. */
  private final float[][] matrix;

  private Calibration(PairSet pairs, float[][] matrix, String name, long seed) {
    this.pairs = pairs;
    this.matrix = matrix;
    this.name = name;
    this.seed = seed;
    if (pairs.sameCount() == 0 || pairs.differentCount() == 0) {
      throw new IllegalArgumentException(
          name
              + ": calibration needs pairs of one person and pairs of two people, but got "
              + pairs.sameCount()
              + " and "
              + pairs.differentCount());
    }
  }

  /**
   * Creates a calibration from labeled pairs. It cannot give rates of searches.
   *
   * @param outcomes the pairs; pairs of two people in which a face was not detected do not count
   * @param name name of the data set
   * @return the calibration
   * @throws IllegalArgumentException if there are no pairs of one person, or none of two people
   */
  public static Calibration ofPairs(List<Outcome> outcomes, String name) {
    return new Calibration(PairSet.of(outcomes), new float[0][], name, 42);
  }

  /**
   * Creates a calibration from labeled faces. It uses pairs of one person (at most 200 per person,
   * at random), pairs of two people (all, or 2,000,000 at random) and, for searches, one photo of
   * each person (at most 3,000 people, at random).
   *
   * @param faces faces of at least 2 people
   * @param name name of the data set
   * @param seed of the random choices
   * @return the calibration
   * @throws IllegalArgumentException if there are no pairs of one person, or none of two people
   */
  public static Calibration ofFaces(List<LabeledFace> faces, String name, long seed) {
    Map<String, List<LabeledFace>> byPerson = new TreeMap<>();
    for (LabeledFace face : faces) {
      byPerson.computeIfAbsent(face.identity(), p -> new ArrayList<>()).add(face);
    }
    List<List<LabeledFace>> people = new ArrayList<>(byPerson.values());
    Random random = new Random(seed);
    return new Calibration(pairs(people, faces.size(), random), matrix(people, random), name, seed);
  }

  private static PairSet pairs(List<List<LabeledFace>> people, int faces, Random random) {
    List<double[]> same = new ArrayList<>();
    for (int p = 0; p < people.size(); p++) {
      List<LabeledFace> photos = people.get(p);
      List<double[]> own = new ArrayList<>();
      for (int i = 0; i < photos.size(); i++) {
        for (int j = i + 1; j < photos.size(); j++) {
          own.add(new double[] {distance(photos.get(i), photos.get(j)), p});
        }
      }
      Collections.shuffle(own, random);
      same.addAll(own.subList(0, Math.min(MOST_PAIRS_A_PERSON, own.size())));
    }
    LabeledFace[] all = new LabeledFace[faces];
    int[] personOf = new int[faces];
    int n = 0;
    long within = 0;
    for (int p = 0; p < people.size(); p++) {
      within += (long) people.get(p).size() * (people.get(p).size() - 1) / 2;
      for (LabeledFace face : people.get(p)) {
        personOf[n] = p;
        all[n++] = face;
      }
    }
    long possible = (long) n * (n - 1) / 2 - within;
    int count = (int) Math.min(possible, MOST_PAIRS);
    double[] different = new double[count];
    int[] first = new int[count];
    int[] second = new int[count];
    int at = 0;
    if (possible <= MOST_PAIRS) {
      for (int i = 0; i < n; i++) {
        for (int j = i + 1; j < n; j++) {
          if (personOf[i] != personOf[j]) {
            different[at] = distance(all[i], all[j]);
            first[at] = personOf[i];
            second[at++] = personOf[j];
          }
        }
      }
    } else {
      while (at < count) {
        int i = random.nextInt(n);
        int j = random.nextInt(n);
        if (personOf[i] != personOf[j]) {
          different[at] = distance(all[i], all[j]);
          first[at] = personOf[i];
          second[at++] = personOf[j];
        }
      }
    }
    return new PairSet(
        same.stream().mapToDouble(s -> s[0]).toArray(),
        same.stream().mapToInt(s -> (int) s[1]).toArray(),
        different,
        first,
        second,
        people.size(),
        true);
  }

  private static float[][] matrix(List<List<LabeledFace>> people, Random random) {
    List<List<LabeledFace>> chosen = new ArrayList<>(people);
    Collections.shuffle(chosen, random);
    chosen = chosen.subList(0, Math.min(MOST_PEOPLE, chosen.size()));
    int n = chosen.size();
    LabeledFace[] probes = new LabeledFace[n];
    LabeledFace[] gallery = new LabeledFace[n];
    for (int p = 0; p < n; p++) {
      List<LabeledFace> photos = chosen.get(p);
      probes[p] = photos.get(random.nextInt(photos.size()));
      gallery[p] = photos.get(random.nextInt(photos.size()));
    }
    float[][] matrix = new float[n][n];
    for (int p = 0; p < n; p++) {
      for (int q = 0; q < n; q++) {
        matrix[p][q] = (float) distance(probes[p], gallery[q]);
      }
    }
    return matrix;
  }

  private static double distance(LabeledFace a, LabeledFace b) {
    return a.embedding().distanceTo(b.embedding());
  }

  /**
   * Finds the threshold for two photos.
   *
   * @param falseAcceptRate the wanted rate, at least 3 divided by the number of pairs of two people
   * @return the largest threshold that keeps the rate; "unsure" extends from there to the distance
   *     that at most {@link #UNSURE_UNTIL} of the pairs of one person exceed
   * @throws IllegalArgumentException if there are too few pairs for that rate
   */
  public DecisionThreshold atFalseAcceptRate(double falseAcceptRate) {
    double distance = pairs.thresholdAt(falseAcceptRate);
    return threshold(
        distance,
        1,
        falseAcceptRate,
        falseAccept(distance),
        String.format(
            Locale.ROOT,
            "%s, %,d pairs of %,d people",
            name,
            (long) pairs.differentCount() + pairs.sameCount(),
            pairs.people()));
  }

  /**
   * Finds the threshold for searches in a gallery. Galleries consist of one photo each of some
   * people, and probes of one photo each of others, over {@value #TRIALS} random choices.
   *
   * @param rate the wanted share of searches for strangers that find somebody; at least 3 divided
   *     by the number of people who are not in the gallery
   * @param gallerySize number of people in the gallery, fewer than there are here
   * @return the largest threshold that keeps the rate
   * @throws IllegalArgumentException if there are too few people for that rate and gallery
   */
  public DecisionThreshold atFalsePositiveIdentificationRate(double rate, int gallerySize) {
    int probes = requireProbes(gallerySize);
    PairSet.requireEnough(
        rate, probes, "people beyond the gallery", "false positive identification rate");
    double[] all =
        Arrays.stream(nearest(gallerySize)).flatMapToDouble(Arrays::stream).sorted().toArray();
    double distance = Math.nextDown(all[(int) Math.floor(rate * all.length)]);
    return threshold(
        distance,
        gallerySize,
        rate,
        falsePositiveIdentification(distance, gallerySize),
        String.format(
            Locale.ROOT,
            "%s, galleries of %,d and searches of %,d other people",
            name,
            gallerySize,
            probes));
  }

  private DecisionThreshold threshold(
      double distance, int gallerySize, double wanted, Rate measured, String calibratedOn) {
    double beyond = pairs.distanceBeyondWhichLies(UNSURE_UNTIL);
    if (Double.isInfinite(beyond)) {
      throw new IllegalArgumentException(
          name
              + ": a face is undetected in more than "
              + UNSURE_UNTIL
              + " of the pairs of one person; calibrate on photos with faces");
    }
    if (distance <= 0) {
      throw new IllegalArgumentException(
          name
              + ": no threshold keeps the rate "
              + wanted
              + ", since so many faces of different people have the same vector; the model cannot"
              + " tell people apart, train it longer or use another");
    }
    beyond = Math.max(beyond, distance);
    return new DecisionThreshold(
        distance, beyond, gallerySize, wanted, measured, pairs.falseReject(beyond), calibratedOn);
  }

  /**
   * Measures the false accept rate of a distance.
   *
   * @param distance L2 distance
   * @return the share of pairs of two people that are at most that far apart
   */
  public Rate falseAccept(double distance) {
    return pairs.falseAccept(distance);
  }

  /**
   * Predicts the false accept rate for the same number of other people.
   *
   * @param distance L2 distance
   * @return the rate measured here, with an interval that is expected to contain 95 % of the rates
   *     of others, so it is wider than that of {@link #falseAccept}
   */
  public Rate predictedFalseAccept(double distance) {
    return pairs.predictedFalseAccept(distance);
  }

  /**
   * Measures the false reject rate of a distance.
   *
   * @param distance L2 distance
   * @return the share of pairs of one person that are farther apart
   */
  public Rate falseReject(double distance) {
    return pairs.falseReject(distance);
  }

  /**
   * Measures the false positive identification rate of a distance.
   *
   * @param distance L2 distance
   * @param gallerySize number of people in the gallery, fewer than there are here
   * @return the share of searches for strangers that find somebody, over {@value #TRIALS} random
   *     galleries, with an interval that contains 95 % of the rates of one such gallery of newly
   *     drawn people
   */
  public Rate falsePositiveIdentification(double distance, int gallerySize) {
    requireProbes(gallerySize);
    Random random = new Random(seed);
    double[][] nearest = nearest(gallerySize);
    double mean = 0;
    double[] replicates = new double[TRIALS];
    for (int t = 0; t < TRIALS; t++) {
      double[] probes = nearest[t];
      int drawn = 0;
      for (int i = 0; i < probes.length; i++) {
        drawn += probes[random.nextInt(probes.length)] <= distance ? 1 : 0;
        mean += probes[i] <= distance ? 1.0 / probes.length / TRIALS : 0;
      }
      replicates[t] = (double) drawn / probes.length;
    }
    return Intervals.percentiles(mean, replicates);
  }

  private int requireProbes(int gallerySize) {
    if (gallerySize < 1 || gallerySize >= matrix.length) {
      throw new IllegalArgumentException(
          "gallerySize must be between 1 and "
              + (matrix.length - 1)
              + " (the people here, less one to search for), but is: "
              + gallerySize
              + "; calibrate on faces of more people");
    }
    return matrix.length - gallerySize;
  }

  /** For each trial, the distance from each probe to the nearest of the gallery. */
  private double[][] nearest(int gallerySize) {
    Random random = new Random(seed);
    List<Integer> order = new ArrayList<>();
    for (int p = 0; p < matrix.length; p++) {
      order.add(p);
    }
    double[][] nearest = new double[TRIALS][matrix.length - gallerySize];
    for (int t = 0; t < TRIALS; t++) {
      Collections.shuffle(order, random);
      int[] people = order.stream().mapToInt(p -> p).toArray();
      for (int i = gallerySize; i < people.length; i++) {
        float[] row = matrix[people[i]];
        float least = Float.POSITIVE_INFINITY;
        for (int g = 0; g < gallerySize; g++) {
          least = Math.min(least, row[people[g]]);
        }
        nearest[t][i - gallerySize] = least;
      }
    }
    return nearest;
  }

  @Override
  public String toString() {
    return "Calibration["
        + name
        + ", "
        + pairs.sameCount()
        + " pairs of one person, "
        + pairs.differentCount()
        + " of two]";
  }
}
