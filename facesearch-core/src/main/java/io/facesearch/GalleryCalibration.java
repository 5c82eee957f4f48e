package io.facesearch;

import io.facesearch.internal.UnitVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How often strangers would be given a name in a gallery, and how often known people would get
 * theirs, measured on the gallery's own faces: each person in turn is treated as a stranger to all
 * others, and as known from the person's remaining photos. The figures therefore hold for people
 * and photos like those in the gallery. Immutable and thread-safe.
 */
public final class GalleryCalibration {
  private final double wanted;
  private final double effectiveRate;
  private final double distance;
  private final Rate strangers;
  private final Rate known;
  private final int people;
  private final int probes;

  GalleryCalibration(
      double wanted,
      double effectiveRate,
      double distance,
      Rate strangers,
      Rate known,
      int people,
      int probes) {
    requireRate("wanted", wanted);
    requireRate("effectiveRate", effectiveRate);

    this.wanted = wanted;
    this.effectiveRate = effectiveRate;
    this.distance = distance;
    this.strangers = Objects.requireNonNull(strangers, "strangers");
    this.known = Objects.requireNonNull(known, "known");
    this.people = people;
    this.probes = probes;
  }

  /** {@return the requested false positive identification rate, greater than 0, less than 1} */
  public double wanted() {
    return wanted;
  }

  /**
   * {@return the rate to request from the model's figures so that this gallery gets the wanted
   * rate}
   */
  public double effectiveRate() {
    return effectiveRate;
  }

  /**
   * {@return the distance up to which a face gets a name, to achieve the wanted rate; L2 distance
   * of unit vectors}
   */
  public double distance() {
    return distance;
  }

  /** {@return the share of strangers who get a name at that distance, as measured} */
  public Rate strangers() {
    return strangers;
  }

  /**
   * {@return the share of photos that get the right name, as measured for people with two or more
   * photos}
   */
  public Rate known() {
    return known;
  }

  /** {@return the number of people with a name} */
  public int people() {
    return people;
  }

  /** {@return the number of photos that were compared with all of them} */
  public int probes() {
    return probes;
  }

  private static final String RATE = "calibration.rate";
  private static final String WANTED = "calibration.wanted";
  private static final String MODEL = "calibration.model";
  private static final int MOST_PROBES = 2_000;

  /** So many strangers with a name are expected at least, or the rate would be a guess. */
  private static final int LEAST_EXPECTED = 5;

  private static final double LEAST_RATE = 1e-6;
  private static final double MOST_RATE = 0.999;

  /** Of a normal distribution, for an interval of 95 %. */
  private static final double Z = 1.959964;

  private static void requireRate(String what, double value) {
    if (!(value > 0 && value < 1)) {
      throw new IllegalArgumentException(
          what + " must be greater than 0 and less than 1, but is: " + value);
    }
  }

  /** What is kept of a calibration. */
  record Kept(double effectiveRate) {}

  /** The calibration that was kept, if it is of this rate and model. */
  static Optional<Kept> of(Map<String, String> settings, double wanted, String model) {
    try {
      if (settings.containsKey(RATE)
          && model.equals(settings.get(MODEL))
          && Double.parseDouble(settings.get(WANTED)) == wanted) {
        double rate = Double.parseDouble(settings.get(RATE));
        requireRate(RATE, rate);
        return Optional.of(new Kept(rate));
      }
      return Optional.empty();
    } catch (IllegalArgumentException | NullPointerException e) {
      throw new CorruptIndexException(
          "the calibration of the gallery is damaged: its settings are " + settings, e);
    }
  }

  void put(Map<String, String> settings, String model) {
    settings.put(RATE, Double.toString(effectiveRate));
    settings.put(WANTED, Double.toString(wanted));
    settings.put(MODEL, model);
  }

  private record Probe(int person, int photo) {}

  static GalleryCalibration measure(FaceIndex index, DecisionThreshold pairs, double wanted) {
    StrangerRates rates =
        pairs
            .strangers()
            .orElseThrow(
                () ->
                    new FaceSearchException(
                        "the model has no rates of strangers in galleries; calibrate it"
                            + " with 'evaluate calibrate' first"));
    Map<String, List<float[]>> byName = new TreeMap<>();
    for (EmbeddedFace face : index.faces()) {
      face.face()
          .person()
          .ifPresent(
              name ->
                  byName
                      .computeIfAbsent(name, one -> new ArrayList<>())
                      .add(UnitVectors.unit(face.embedding().toArray())));
    }
    List<List<float[]>> people = List.copyOf(byName.values());
    List<Probe> probes = probes(people);
    double least = LEAST_EXPECTED / wanted;
    if (people.size() < 2 || probes.size() < least) {
      throw new FaceSearchException(
          String.format(
              "to measure a rate of %s it takes at least %.0f faces with a name, of two people or"
                  + " more, but the gallery has %d of %d; add people, or ask for a higher rate",
              wanted, least, probes.size(), people.size()));
    }
    return measure(people, probes, rates, index.composition(), wanted);
  }

  /** All photos, or some evenly among them. */
  private static List<Probe> probes(List<List<float[]>> people) {
    List<Probe> all = new ArrayList<>();
    for (int p = 0; p < people.size(); p++) {
      for (int i = 0; i < people.get(p).size(); i++) {
        all.add(new Probe(p, i));
      }
    }
    if (all.size() <= MOST_PROBES) {
      return all;
    }
    List<Probe> some = new ArrayList<>(MOST_PROBES);
    for (int i = 0; i < MOST_PROBES; i++) {
      some.add(all.get((int) ((long) i * all.size() / MOST_PROBES)));
    }
    return some;
  }

  private static GalleryCalibration measure(
      List<List<float[]>> people,
      List<Probe> probes,
      StrangerRates rates,
      GalleryComposition composition,
      double wanted) {
    List<float[]> means = people.stream().map(UnitVectors::mean).toList();
    double[] others = new double[probes.size()];
    double[] own = new double[probes.size()];
    for (int i = 0; i < others.length; i++) {
      Probe probe = probes.get(i);
      List<float[]> photos = people.get(probe.person);
      float[] vector = photos.get(probe.photo);
      others[i] = Double.POSITIVE_INFINITY;
      for (int p = 0; p < means.size(); p++) {
        if (p != probe.person) {
          others[i] = Math.min(others[i], UnitVectors.distance(vector, means.get(p)));
        }
      }
      own[i] = Double.NaN;
      if (photos.size() > 1) {
        List<float[]> rest = new ArrayList<>(photos);
        rest.remove(probe.photo);
        own[i] = UnitVectors.distance(vector, UnitVectors.mean(rest));
      }
    }
    double distance = greatest(others, wanted);
    int named = 0;
    int known = 0;
    int right = 0;
    for (int i = 0; i < others.length; i++) {
      named += others[i] <= distance ? 1 : 0;
      known += Double.isNaN(own[i]) ? 0 : 1;
      right += own[i] <= distance && own[i] < others[i] ? 1 : 0;
    }
    double effective = rates.falsePositiveIdentificationRate(composition, distance);
    return new GalleryCalibration(
        wanted,
        Math.min(MOST_RATE, Math.max(LEAST_RATE, effective)),
        distance,
        rate(named, others.length),
        rate(right, known),
        people.size(),
        probes.size());
  }

  /** The greatest distance within which no greater share of strangers finds somebody. */
  private static double greatest(double[] strangers, double share) {
    double[] sorted = strangers.clone();
    Arrays.sort(sorted);
    int allowed = (int) Math.floor(share * sorted.length);
    // Below the first who may not, and all who are as near.
    double beyond = sorted[allowed];
    int last = allowed - 1;
    while (last >= 0 && sorted[last] == beyond) {
      last--;
    }
    double distance = last < 0 ? beyond * (1 - 1e-9) : (sorted[last] + beyond) / 2;
    if (!(distance > 0)) {
      throw new FaceSearchException(
          "too many people have photos that are equal to those of others, so no distance keeps the"
              + " rate; remove the copies, or give them one name");
    }
    return distance;
  }

  /** With the interval of Wilson (1927). */
  private static Rate rate(int hits, int of) {
    if (of == 0) {
      return new Rate(0, 0, 1);
    }
    double p = (double) hits / of;
    double z2 = Z * Z;
    double middle = (p + z2 / (2 * of)) / (1 + z2 / of);
    double half = Z / (1 + z2 / of) * Math.sqrt(p * (1 - p) / of + z2 / (4.0 * of * of));
    return new Rate(
        p, Math.max(0, Math.min(p, middle - half)), Math.min(1, Math.max(p, middle + half)));
  }
}
