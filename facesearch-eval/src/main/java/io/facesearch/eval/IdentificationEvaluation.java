package io.facesearch.eval;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceSearchException;
import io.facesearch.GalleryComposition;
import io.facesearch.Rate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates open-set identification, with people in a gallery, further photos of them, and
 * strangers. Draws galleries at random from known people, and decides as {@link
 * io.facesearch.Gallery#identify} does. Immutable and thread-safe.
 *
 * @see <a href="https://www.iso.org/standard/73515.html">ISO/IEC 19795-1, Biometric performance
 *     testing and reporting</a>
 */
public final class IdentificationEvaluation {
  /** How the photos of a person are combined. */
  public enum Score {
    /** By the distance to the mean of the photos, as {@code identify} does. */
    MEAN,
    /** By the distance to the nearest photo. */
    NEAREST
  }

  /** The result over all draws. */
  public static final class Outcome {
    private final DecisionThreshold threshold;
    private final Rate falsePositive;
    private final int drawsThatHold;
    private final int draws;
    private final int strangers;
    private final Rate truePositive;
    private final double rightFirst;
    private final double wrong;
    private final double unsure;

    private Outcome(
        DecisionThreshold threshold,
        Rate falsePositive,
        int drawsThatHold,
        int draws,
        int strangers,
        Rate truePositive,
        double rightFirst,
        double wrong,
        double unsure) {
      this.threshold = threshold;
      this.falsePositive = falsePositive;
      this.drawsThatHold = drawsThatHold;
      this.draws = draws;
      this.strangers = strangers;
      this.truePositive = truePositive;
      this.rightFirst = rightFirst;
      this.wrong = wrong;
      this.unsure = unsure;
    }

    /** {@return the threshold of the first draw} */
    public DecisionThreshold threshold() {
      return threshold;
    }

    /**
     * {@return the share of photos of strangers that got a name (FPIR), with the interval of the
     * first draw}
     */
    public Rate falsePositive() {
      return falsePositive;
    }

    /** {@return in how many draws the interval contained the wanted rate} */
    public int drawsThatHold() {
      return drawsThatHold;
    }

    /** {@return how many galleries were drawn} */
    public int draws() {
      return draws;
    }

    /** {@return the number of photos of strangers in a draw} */
    public int strangers() {
      return strangers;
    }

    /**
     * {@return the share of further photos of people in the gallery that got the right name (TPIR),
     * with the interval of the first draw}
     */
    public Rate truePositive() {
      return truePositive;
    }

    /**
     * {@return the share of those photos that were nearest to the right person, whatever the
     * distance}
     */
    public double rightFirst() {
      return rightFirst;
    }

    /** {@return the share of those photos that got a wrong name} */
    public double wrong() {
      return wrong;
    }

    /** {@return the share of those photos that got no name, but were unsure} */
    public double unsure() {
      return unsure;
    }
  }

  private final List<float[][]> people;
  private final @Nullable List<float[][]> strangers;
  private final long seed;

  private IdentificationEvaluation(
      List<float[][]> people, @Nullable List<float[][]> strangers, long seed) {
    this.people = people;
    this.strangers = strangers;
    this.seed = seed;
  }

  /**
   * Creates an evaluation whose strangers are the people who are not in the gallery.
   *
   * @param faces faces of known people
   * @param seed of the random choices
   * @return the evaluation
   */
  public static IdentificationEvaluation of(List<LabeledFace> faces, long seed) {
    return new IdentificationEvaluation(UnitVectors.byPerson(faces), null, seed);
  }

  /**
   * Creates an evaluation with given strangers.
   *
   * @param faces faces of known people
   * @param strangers faces of other people
   * @param seed of the random choices
   * @return the evaluation
   */
  public static IdentificationEvaluation of(
      List<LabeledFace> faces, List<LabeledFace> strangers, long seed) {
    return new IdentificationEvaluation(
        UnitVectors.byPerson(faces), UnitVectors.byPerson(strangers), seed);
  }

  /**
   * Draws galleries and identifies the probes.
   *
   * @param size number of people in a gallery, each with more than {@code photos} photos
   * @param photos number of photos of each person in the gallery; the others are probes
   * @param score how the photos of a person are combined
   * @param pairs threshold for two photos, from which that of the gallery is derived
   * @param rate wanted share of strangers who get a name
   * @param draws number of galleries, at least 1
   * @return the result
   * @throws FaceSearchException if there are too few people with enough photos
   */
  public Outcome run(
      int size, int photos, Score score, DecisionThreshold pairs, double rate, int draws) {
    Objects.requireNonNull(score, "score");
    int[] eligible =
        IntStream.range(0, people.size()).filter(p -> people.get(p).length > photos).toArray();
    if (eligible.length < size || (strangers == null && people.size() <= size)) {
      throw new FaceSearchException(
          "a gallery of "
              + size
              + " people with "
              + photos
              + " photos and one to look for, and strangers beside, needs more people: of "
              + people.size()
              + ", "
              + eligible.length
              + " have so many photos");
    }
    DecisionThreshold threshold = pairs.forGallery(GalleryComposition.of(size, photos), rate);
    Random random = new Random(seed);
    Tally total = new Tally();
    int holds = 0;
    Rate firstFalse = null;
    Rate firstTrue = null;
    int strangerPhotos = 0;
    for (int draw = 0; draw < draws; draw++) {
      Tally tally = draw(size, photos, score, threshold, eligible, random);
      Rate falsePositive = tally.falsePositive(seed + draw);
      holds += falsePositive.holds(rate) ? 1 : 0;
      if (draw == 0) {
        firstFalse = falsePositive;
        firstTrue = Intervals.clopperPearson(tally.right, tally.known);
        strangerPhotos = (int) tally.strangers;
      }
      total.add(tally);
    }
    return new Outcome(
        threshold,
        around(total.named / (double) total.strangers, firstFalse),
        holds,
        draws,
        strangerPhotos,
        around(total.right / (double) total.known, firstTrue),
        total.rightFirst / (double) total.known,
        total.wrong / (double) total.known,
        total.unsure / (double) total.known);
  }

  private static Rate around(double value, @Nullable Rate interval) {
    Objects.requireNonNull(interval, "at least one draw");
    return Intervals.rate(value, interval.low(), interval.high());
  }

  private Tally draw(
      int size,
      int photos,
      Score score,
      DecisionThreshold threshold,
      int[] eligible,
      Random random) {
    int[] places = UnitVectors.choose(eligible.length, size, random);
    boolean[] chosen = new boolean[people.size()];
    List<float[][]> gallery = new ArrayList<>();
    List<float[]> probes = new ArrayList<>();
    List<Integer> whose = new ArrayList<>();
    for (int place : places) {
      float[][] own = people.get(eligible[place]);
      chosen[eligible[place]] = true;
      int[] order = UnitVectors.choose(own.length, own.length, random);
      int[] kept = Arrays.copyOf(order, photos);
      gallery.add(
          score == Score.MEAN
              ? new float[][] {UnitVectors.mean(own, kept)}
              : IntStream.of(kept).mapToObj(i -> own[i]).toArray(float[][]::new));
      for (int i = photos; i < order.length; i++) {
        probes.add(own[order[i]]);
        whose.add(gallery.size() - 1);
      }
    }
    Tally tally = new Tally();
    List<Nearest> found = nearest(probes, gallery);
    for (int i = 0; i < found.size(); i++) {
      tally.known(found.get(i), whose.get(i), threshold);
    }
    List<float[][]> others = strangers;
    if (others == null) {
      others = new ArrayList<>();
      for (int p = 0; p < chosen.length; p++) {
        if (!chosen[p]) {
          others.add(people.get(p));
        }
      }
    }
    for (float[][] stranger : others) {
      tally.stranger(nearest(List.of(stranger), gallery), threshold);
    }
    return tally;
  }

  private record Nearest(int person, double distance) {}

  private static List<Nearest> nearest(List<float[]> probes, List<float[][]> gallery) {
    return probes.stream()
        .parallel()
        .map(
            probe -> {
              int person = -1;
              float most = Float.NEGATIVE_INFINITY;
              for (int p = 0; p < gallery.size(); p++) {
                for (float[] vector : gallery.get(p)) {
                  float dot = UnitVectors.dot(probe, vector);
                  if (dot > most) {
                    most = dot;
                    person = p;
                  }
                }
              }
              return new Nearest(person, Math.sqrt(Math.max(0, 2 - 2 * (double) most)));
            })
        .toList();
  }

  /** Counts of one draw, or of all. */
  private static final class Tally {
    private final List<int[]> byStranger = new ArrayList<>();
    private long named;
    private long strangers;
    private long known;
    private long right;
    private long rightFirst;
    private long wrong;
    private long unsure;

    void known(Nearest found, int whose, DecisionThreshold threshold) {
      known++;
      rightFirst += found.person == whose ? 1 : 0;
      switch (threshold.decide(found.distance)) {
        case SAME -> {
          right += found.person == whose ? 1 : 0;
          wrong += found.person == whose ? 0 : 1;
        }
        case UNSURE -> unsure++;
        case DIFFERENT -> {}
      }
    }

    void stranger(List<Nearest> photos, DecisionThreshold threshold) {
      int hits = (int) photos.stream().filter(p -> p.distance <= threshold.distance()).count();
      named += hits;
      strangers += photos.size();
      byStranger.add(new int[] {hits, photos.size()});
    }

    /** The photos of a stranger are no independent trials; those of many who find nobody are. */
    Rate falsePositive(long seed) {
      double[] sums = byStranger.stream().mapToDouble(s -> s[0]).toArray();
      int[] counts = byStranger.stream().mapToInt(s -> s[1]).toArray();
      return Intervals.wider(
          Intervals.clopperPearson(named, strangers), Intervals.clusterMean(sums, counts, seed));
    }

    void add(Tally other) {
      named += other.named;
      strangers += other.strangers;
      known += other.known;
      right += other.right;
      rightFirst += other.rightFirst;
      wrong += other.wrong;
      unsure += other.unsure;
    }
  }
}
