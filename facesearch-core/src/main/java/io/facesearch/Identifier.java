package io.facesearch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whom a vector shows, by the people of an index; see {@link Identification}. Thread-safe.
 */
final class Identifier {
  /**
   * The people of so many nearest faces are looked at, of four times as many where these are of few
   * people, and so on. The mean of a person is seldom nearer than that of another of whom no face
   * is among them.
   */
  static final int NEAREST = 100;

  private static final int FEW_PEOPLE = 10;
  private static final int MOST_NEAREST = 25_600;

  /** Of what has no direction: no threshold reaches so far. */
  private static final double FARTHEST = 2;

  /** More faces of one person make the mean no better, and would make a search slow. */
  private static final int MOST_FACES = 200;

  private final FaceIndex index;
  private final double rate;

  /** The last one, since it takes some ms where people have many different numbers of photos. */
  private volatile Derived derived;

  private record Derived(
      DecisionThreshold pairs, GalleryComposition gallery, DecisionThreshold threshold) {}

  Identifier(FaceIndex index, double rate) {
    this.index = index;
    this.rate = rate;
  }

  private record Candidate(Optional<String> person, FaceRecord nearest, int photos, double far) {}

  Identification identify(Embedding probe, DecisionThreshold pairs) {
    return identify(probe, index.search(probe, NEAREST), NEAREST, pairs);
  }

  /**
   * Decides after a search.
   *
   * @param first the nearest {@code k} faces
   * @param k at least {@link #NEAREST}
   */
  Identification identify(Embedding probe, SearchResult first, int k, DecisionThreshold pairs) {
    SearchResult nearest = nearest(probe, first, k);
    DecisionThreshold threshold = threshold(pairs);
    float[] query = unit(probe.toArray());
    Map<String, Candidate> people = new LinkedHashMap<>();
    List<Candidate> all = new ArrayList<>();
    for (FaceMatch match : nearest) {
      FaceRecord face = match.face();
      if (face.person().isEmpty()) {
        index
            .get(face.id())
            .ifPresent(
                kept ->
                    all.add(
                        new Candidate(
                            Optional.empty(),
                            face,
                            1,
                            distance(query, unit(kept.embedding().toArray())))));
      } else if (!people.containsKey(face.person().get())) {
        candidate(query, face).ifPresent(person -> people.put(face.person().get(), person));
      }
    }
    all.addAll(people.values());
    all.sort(Comparator.comparingDouble(Candidate::far));
    return new Identification(decide(all, threshold), threshold);
  }

  /** The threshold for two photos, made that of the index as it is now. */
  DecisionThreshold threshold(DecisionThreshold pairs) {
    GalleryComposition gallery = index.composition();
    Derived last = derived;
    if (last == null || !last.gallery.equals(gallery) || !last.pairs.equals(pairs)) {
      last = new Derived(pairs, gallery, pairs.forGallery(gallery, rate));
      derived = last;
    }
    return last.threshold;
  }

  /** The result with as many more faces as it takes to have some people. */
  private SearchResult nearest(Embedding probe, SearchResult found, int wanted) {
    SearchResult nearest = found;
    int k = wanted;
    while (true) {
      long people =
          nearest.matches().stream().flatMap(m -> m.face().person().stream()).distinct().count();
      if (people >= FEW_PEOPLE || nearest.matches().size() < k || k >= MOST_NEAREST) {
        return nearest;
      }
      k *= 4;
      nearest = index.search(probe, k);
    }
  }

  /** Empty if the person was removed meanwhile. */
  private Optional<Candidate> candidate(float[] query, FaceRecord nearest) {
    List<EmbeddedFace> faces = index.faces(nearest.person().orElseThrow());
    if (faces.isEmpty()) {
      return Optional.empty();
    }
    double[] sum = new double[query.length];
    int count = Math.min(MOST_FACES, faces.size());
    for (int n = 0; n < count; n++) {
      EmbeddedFace face = faces.get((int) ((long) n * faces.size() / count));
      float[] vector = unit(face.embedding().toArray());
      for (int i = 0; i < sum.length; i++) {
        sum[i] += vector[i];
      }
    }
    double length = 0;
    for (double v : sum) {
      length += v * v;
    }
    if (Math.sqrt(length) < 1e-4 * count) {
      Arrays.fill(sum, 0); // opposite faces, and rounding
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / count);
    }
    return Optional.of(
        new Candidate(nearest.person(), nearest, faces.size(), distance(query, unit(mean))));
  }

  /** The nearest name alone may be SAME, unless two are equally near. */
  private static List<PersonMatch> decide(List<Candidate> all, DecisionThreshold threshold) {
    List<Candidate> named = all.stream().filter(c -> c.person.isPresent()).toList();
    boolean tie = named.size() > 1 && named.get(0).far == named.get(1).far;
    List<PersonMatch> matches = new ArrayList<>(all.size());
    for (Candidate candidate : all) {
      Decision decision = threshold.decide(candidate.far);
      if (decision == Decision.SAME
          && candidate.person.isPresent()
          && (tie || candidate != named.get(0))) {
        decision = Decision.UNSURE;
      }
      matches.add(
          new PersonMatch(
              candidate.person, candidate.nearest, candidate.photos, candidate.far, decision));
    }
    return matches;
  }

  /** A vector of zeros stays one. */
  private static float[] unit(float[] vector) {
    double norm = 0;
    for (float v : vector) {
      norm += (double) v * v;
    }
    if (norm > 0) {
      norm = Math.sqrt(norm);
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) (vector[i] / norm);
      }
    }
    return vector;
  }

  /** Of unit vectors; a vector of zeros is like nobody's. */
  private static double distance(float[] a, float[] b) {
    double sum = 0;
    double normA = 0;
    double normB = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
      normA += (double) a[i] * a[i];
      normB += (double) b[i] * b[i];
    }
    return normA == 0 || normB == 0 ? FARTHEST : Math.min(FARTHEST, Math.sqrt(sum));
  }
}
