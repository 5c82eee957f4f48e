package io.facesearch.eval;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Rate;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates retrieval: how similar the faces that are found are to the query, by attributes and by
 * identity, and how long searches take. Immutable and thread-safe.
 *
 * <p>By attributes, for a query and its k nearest gallery faces: accuracy is the share of
 * attributes that agree, and distance is the mean of |a - b| over attributes of +1 and -1, so
 * distance = 2 (1 - accuracy). Both are averaged over the k faces, then over the queries.
 *
 * <p>By identity, over the whole ranking of the gallery, for queries whose person is in it:
 * recall@k is the share of the person's gallery faces among the first k, precision@k the share of
 * the first k that are of the person, R-precision is precision at the number of the person's faces,
 * average precision the mean of the precisions at each of the person's faces, reciprocal rank 1
 * divided by the rank of the first of them, and CMC at k the share of queries with at least one of
 * them among the first k (in metric learning often called recall@k).
 *
 * <p>Confidence intervals are 95 %, from a bootstrap that draws people with all their queries,
 * since photos of one person are not independent; the gallery is treated as fixed.
 *
 * @see <a
 *     href="https://nlp.stanford.edu/IR-book/html/htmledition/evaluation-of-ranked-retrieval-results-1.html">
 *     Manning et al., Introduction to Information Retrieval, chapter 8.4</a>
 */
public final class RetrievalEvaluation {
  /** The k of the usual table. */
  public static final List<Integer> DEFAULT_KS = List.of(10, 20, 50, 100, 1000);

  private static final int CMC_RANKS = 100;
  private static final long SEED = 42;

  /** Searches before the clock runs, so that the JVM has compiled them. */
  private static final Duration WARM_UP = Duration.ofSeconds(2);

  /** One column of the table of attributes. */
  public static final class AttributesAtK {
    private final int k;
    private final @Nullable Rate accuracy;
    private final double distance;
    private final Duration queryTime;

    private AttributesAtK(int k, @Nullable Rate accuracy, double distance, Duration queryTime) {
      this.k = k;
      this.accuracy = accuracy;
      this.distance = distance;
      this.queryTime = queryTime;
    }

    /** {@return the number of gallery faces considered} */
    public int k() {
      return k;
    }

    /** {@return the share of attributes that agree; empty without attributes} */
    public Optional<Rate> accuracy() {
      return Optional.ofNullable(accuracy);
    }

    /** {@return 2 (1 - accuracy); NaN without attributes} */
    public double distance() {
      return distance;
    }

    /** {@return the time of all queries, run one after the other on one thread} */
    public Duration queryTime() {
      return queryTime;
    }
  }

  /**
   * Identity metrics at one k.
   *
   * @param k number of gallery faces considered
   * @param recall share of the person's faces that are found
   * @param precision share of the found faces that are of the person
   * @param cmc share of queries that find the person at all
   */
  public record IdentityAtK(int k, Rate recall, Rate precision, Rate cmc) {}

  /**
   * How well one attribute is matched among the first 10.
   *
   * @param name of the attribute
   * @param accuracy share of found faces that agree with the query
   * @param chance the same for gallery faces drawn at random
   */
  public record Attribute(String name, Rate accuracy, double chance) {}

  /** Metrics of the ranking by identity. */
  public record Identity(
      int queries,
      List<IdentityAtK> atK,
      Rate meanAveragePrecision,
      Rate rPrecision,
      Rate meanReciprocalRank,
      double[] cmc) {
    /** Copies list and array. */
    public Identity {
      atK = List.copyOf(atK);
      cmc = cmc.clone();
    }

    /**
     * Returns the CMC curve.
     *
     * @return at index i, the share of queries that find their person among the first i + 1; a copy
     */
    @Override
    public double[] cmc() {
      return cmc.clone();
    }
  }

  /** The result of an evaluation. */
  public static final class Result {
    private final int queries;
    private final int gallery;
    private final Duration build;
    private final List<AttributesAtK> attributes;
    private final @Nullable Identity identity;
    private final List<Attribute> perAttribute;
    private final List<Found> found;

    private Result(
        int queries,
        int gallery,
        Duration build,
        List<AttributesAtK> attributes,
        @Nullable Identity identity,
        List<Attribute> perAttribute,
        List<Found> found) {
      this.queries = queries;
      this.gallery = gallery;
      this.build = build;
      this.attributes = List.copyOf(attributes);
      this.identity = identity;
      this.perAttribute = List.copyOf(perAttribute);
      this.found = List.copyOf(found);
    }

    /** {@return the number of queries} */
    public int queries() {
      return queries;
    }

    /** {@return the number of gallery faces} */
    public int gallery() {
      return gallery;
    }

    /** {@return the time to build the index} */
    public Duration build() {
      return build;
    }

    /** {@return the metrics by attributes, one entry per k} */
    public List<AttributesAtK> attributes() {
      return attributes;
    }

    /** {@return the metrics by identity; empty if no query's person is in the gallery} */
    public Optional<Identity> identity() {
      return Optional.ofNullable(identity);
    }

    /** {@return the metrics per attribute} */
    public List<Attribute> perAttribute() {
      return perAttribute;
    }

    /** {@return the first matches of each query, nearest first} */
    public List<Found> found() {
      return found;
    }
  }

  /**
   * The matches of one query.
   *
   * @param query the query
   * @param matches gallery faces, nearest first
   * @param distances their L2 distances
   */
  public record Found(LabeledFace query, List<LabeledFace> matches, List<Double> distances) {
    /** Copies the lists. */
    public Found {
      matches = List.copyOf(matches);
      distances = List.copyOf(distances);
    }
  }

  private final List<Integer> ks;
  private final List<String> attributeNames;

  private RetrievalEvaluation(List<Integer> ks, List<String> attributeNames) {
    this.ks = List.copyOf(ks);
    this.attributeNames = List.copyOf(attributeNames);
  }

  /**
   * Creates an evaluation.
   *
   * @param ks numbers of gallery faces to consider, each at least 1, such as {@link #DEFAULT_KS}
   * @param attributeNames names of the attributes, at most 64; empty for data without attributes
   * @return the evaluation
   */
  public static RetrievalEvaluation of(List<Integer> ks, List<String> attributeNames) {
    if (ks.isEmpty() || ks.stream().anyMatch(k -> k < 1)) {
      throw new IllegalArgumentException("each k must be at least 1, but they are: " + ks);
    }
    if (attributeNames.size() > Long.SIZE) {
      throw new IllegalArgumentException(
          "there may be at most 64 attributes, but there are: " + attributeNames.size());
    }
    return new RetrievalEvaluation(ks, attributeNames);
  }

  /**
   * Runs the evaluation. Query times are measured on the calling thread, after two seconds of
   * warming up the JVM; the metrics by identity use all cores. O(queries · gallery · dimension).
   *
   * @param queries the faces to search for
   * @param gallery the faces to search among
   * @return the result
   * @throws IllegalArgumentException if there are no queries, no gallery, or a source occurs twice
   *     in the gallery
   * @throws InterruptedException if interrupted
   */
  public Result run(List<LabeledFace> queries, List<LabeledFace> gallery)
      throws InterruptedException {
    if (queries.isEmpty() || gallery.isEmpty()) {
      throw new IllegalArgumentException(
          "retrieval needs queries and a gallery, but got "
              + queries.size()
              + " and "
              + gallery.size());
    }
    long start = System.nanoTime();
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().approximate(false).build();
    List<EmbeddedFace> faces = new ArrayList<>(gallery.size());
    Map<String, Integer> positions = new HashMap<>();
    for (int i = 0; i < gallery.size(); i++) {
      LabeledFace face = gallery.get(i);
      faces.add(new EmbeddedFace(FaceRecord.of(face.source(), face.identity()), face.embedding()));
      positions.put(face.source(), i);
    }
    index.addAll(faces);
    Duration build = Duration.ofNanos(System.nanoTime() - start);
    long warm = System.nanoTime() + WARM_UP.toNanos();
    do {
      for (LabeledFace query : queries) {
        index.search(query.embedding(), ks.get(0));
      }
    } while (System.nanoTime() < warm);
    People people = new People(queries);
    List<AttributesAtK> table = new ArrayList<>();
    for (int k : ks) {
      start = System.nanoTime();
      List<SearchResult> results = new ArrayList<>(queries.size());
      for (LabeledFace query : queries) {
        results.add(index.search(query.embedding(), k));
      }
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      table.add(attributesAtK(k, queries, gallery, positions, results, people, time));
    }
    List<Found> found = new ArrayList<>();
    for (LabeledFace query : queries) {
      List<FaceMatch> matches = index.search(query.embedding(), 10).matches();
      found.add(
          new Found(
              query,
              matches.stream().map(m -> gallery.get(place(positions, m))).toList(),
              matches.stream().map(FaceMatch::distance).toList()));
    }
    return new Result(
        queries.size(),
        gallery.size(),
        build,
        table,
        identity(queries, gallery, people),
        perAttribute(gallery, found, people),
        found);
  }

  private static int place(Map<String, Integer> positions, FaceMatch match) {
    return Objects.requireNonNull(positions.get(match.face().id()), "a match is in the gallery");
  }

  private AttributesAtK attributesAtK(
      int k,
      List<LabeledFace> queries,
      List<LabeledFace> gallery,
      Map<String, Integer> positions,
      List<SearchResult> results,
      People people,
      Duration time) {
    if (attributeNames.isEmpty()) {
      return new AttributesAtK(k, null, Double.NaN, time);
    }
    double[] accuracy = new double[queries.size()];
    for (int q = 0; q < accuracy.length; q++) {
      long own = queries.get(q).attributes();
      long differing = 0;
      List<FaceMatch> matches = results.get(q).matches();
      for (FaceMatch match : matches) {
        differing += Long.bitCount(own ^ gallery.get(place(positions, match)).attributes());
      }
      accuracy[q] = 1 - (double) differing / matches.size() / attributeNames.size();
    }
    Rate mean = people.mean(accuracy);
    return new AttributesAtK(k, mean, 2 * (1 - mean.value()), time);
  }

  private List<Attribute> perAttribute(
      List<LabeledFace> gallery, List<Found> found, People people) {
    List<Attribute> result = new ArrayList<>();
    for (int a = 0; a < attributeNames.size(); a++) {
      long bit = 1L << a;
      double share =
          (double) gallery.stream().filter(g -> (g.attributes() & bit) != 0).count()
              / gallery.size();
      double[] agree = new double[found.size()];
      double chance = 0;
      for (int q = 0; q < agree.length; q++) {
        Found f = found.get(q);
        boolean own = (f.query().attributes() & bit) != 0;
        agree[q] =
            (double) f.matches().stream().filter(m -> (m.attributes() & bit) != 0 == own).count()
                / f.matches().size();
        chance += (own ? share : 1 - share) / agree.length;
      }
      result.add(new Attribute(attributeNames.get(a), people.mean(agree), chance));
    }
    return result;
  }

  /** Ranks, from 1, of the gallery faces of the query's person. */
  private record Ranks(int[] ranks) {
    int within(int k) {
      int i = Arrays.binarySearch(ranks, k);
      return i >= 0 ? i + 1 : -i - 1;
    }
  }

  private @Nullable Identity identity(
      List<LabeledFace> allQueries, List<LabeledFace> gallery, People allPeople)
      throws InterruptedException {
    Set<String> present = new HashSet<>();
    gallery.forEach(face -> present.add(face.identity()));
    List<LabeledFace> queries =
        allQueries.stream().filter(q -> present.contains(q.identity())).toList();
    if (queries.isEmpty()) {
      return null;
    }
    People people = queries.size() == allQueries.size() ? allPeople : new People(queries);
    List<Ranks> ranks = ranks(queries, gallery);
    List<IdentityAtK> atK = new ArrayList<>();
    List<Integer> all = new ArrayList<>(List.of(1, 5));
    ks.stream().filter(k -> !all.contains(k)).forEach(all::add);
    for (int k : all) {
      double[] recall = new double[ranks.size()];
      double[] precision = new double[ranks.size()];
      double[] hit = new double[ranks.size()];
      for (int q = 0; q < ranks.size(); q++) {
        int n = ranks.get(q).within(k);
        recall[q] = (double) n / ranks.get(q).ranks.length;
        precision[q] = (double) n / Math.min(k, gallery.size());
        hit[q] = n > 0 ? 1 : 0;
      }
      atK.add(new IdentityAtK(k, people.mean(recall), people.mean(precision), people.mean(hit)));
    }
    double[] average = new double[ranks.size()];
    double[] rPrecision = new double[ranks.size()];
    double[] reciprocal = new double[ranks.size()];
    double[] cmc = new double[Math.min(CMC_RANKS, gallery.size())];
    for (int q = 0; q < ranks.size(); q++) {
      int[] own = ranks.get(q).ranks;
      for (int i = 0; i < own.length; i++) {
        average[q] += (i + 1.0) / own[i] / own.length;
      }
      rPrecision[q] = (double) ranks.get(q).within(own.length) / own.length;
      reciprocal[q] = 1.0 / own[0];
      for (int i = own[0] - 1; i < cmc.length; i++) {
        cmc[i] += 1.0 / ranks.size();
      }
    }
    return new Identity(
        queries.size(),
        atK,
        people.mean(average),
        people.mean(rPrecision),
        people.mean(reciprocal),
        cmc);
  }

  private static List<Ranks> ranks(List<LabeledFace> queries, List<LabeledFace> gallery)
      throws InterruptedException {
    int dimension = gallery.get(0).embedding().dimension();
    float[] rows = new float[Math.multiplyExact(dimension, gallery.size())];
    Map<String, List<Integer>> byPerson = new HashMap<>();
    for (int i = 0; i < gallery.size(); i++) {
      gallery.get(i).embedding().copyTo(rows, i * dimension);
      byPerson.computeIfAbsent(gallery.get(i).identity(), p -> new ArrayList<>()).add(i);
    }
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      List<Future<Ranks>> futures = new ArrayList<>();
      for (LabeledFace query : queries) {
        futures.add(
            pool.submit(
                () ->
                    ranks(
                        query.embedding().toArray(),
                        rows,
                        gallery.size(),
                        byPerson.getOrDefault(query.identity(), List.of()))));
      }
      List<Ranks> result = new ArrayList<>();
      for (Future<Ranks> future : futures) {
        result.add(future.get());
      }
      return result;
    } catch (ExecutionException e) {
      throw new FaceSearchException("ranking the gallery failed", e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }

  /** Equal distances rank in the order of the gallery, as in a search. */
  private static Ranks ranks(float[] query, float[] rows, int size, List<Integer> own) {
    int d = query.length;
    double worst = 0;
    for (int i : own) {
      worst = Math.max(worst, distance(query, rows, i * d, Double.POSITIVE_INFINITY));
    }
    // What is farther than the worst of the person's faces changes no rank.
    double[] distance = new double[size];
    for (int i = 0; i < size; i++) {
      distance[i] = distance(query, rows, i * d, worst);
    }
    int[] ranks = new int[own.size()];
    for (int o = 0; o < ranks.length; o++) {
      int me = own.get(o);
      double mine = distance[me];
      int rank = 1;
      for (int i = 0; i < size; i++) {
        if (distance[i] < mine || (distance[i] == mine && i < me)) {
          rank++;
        }
      }
      ranks[o] = rank;
    }
    Arrays.sort(ranks);
    return new Ranks(ranks);
  }

  /** The squared distance, or any value above {@code enough} if it is above that. */
  private static double distance(float[] query, float[] rows, int offset, double enough) {
    double sum = 0;
    int j = 0;
    while (j < query.length) {
      int end = Math.min(query.length, j + 16);
      for (; j < end; j++) {
        double x = (double) query[j] - rows[offset + j];
        sum += x * x;
      }
      if (sum > enough) {
        return sum;
      }
    }
    return sum;
  }

  /** Queries by person, to draw people. */
  private static final class People {
    private final int[] personOf;
    private final int count;

    People(List<LabeledFace> queries) {
      Map<String, Integer> numbers = new HashMap<>();
      personOf = new int[queries.size()];
      for (int q = 0; q < personOf.length; q++) {
        String person = queries.get(q).identity();
        Integer number = numbers.putIfAbsent(person, numbers.size());
        personOf[q] = number == null ? numbers.size() - 1 : number;
      }
      count = numbers.size();
    }

    Rate mean(double[] values) {
      double[] sums = new double[count];
      int[] counts = new int[count];
      for (int q = 0; q < values.length; q++) {
        sums[personOf[q]] += values[q];
        counts[personOf[q]]++;
      }
      return Intervals.clusterMean(sums, counts, SEED);
    }
  }
}
