package io.facesearch;

import io.facesearch.internal.UnitVectors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

  /** More faces of one person make the mean no better, and would make a search slow. */
  private static final int MOST_FACES = 200;

  /** What is not measured is not promised: no rate below. */
  private static final double LEAST_RATE = 1e-6;

  private final FaceIndex index;

  /** The false positive identification rate that is wanted. */
  private final double wanted;

  /** What to ask the model for, so that the wanted rate comes out. */
  private volatile double rate;

  /** The last one, since it takes some ms where people have many different numbers of photos. */
  private volatile @Nullable Derived derived;

  private record Derived(
      DecisionThreshold pairs,
      GalleryComposition gallery,
      double rate,
      DecisionThreshold threshold) {}

  Identifier(FaceIndex index, double rate) {
    this.index = index;
    this.rate = rate;
    wanted = rate;
  }

  void setRate(double value) {
    rate = value;
  }

  /** Whether the faces that a request finds are the nearest of all, so that people can be told. */
  static boolean answers(Search request) {
    return request.isExact()
        && request.k() <= MOST_NEAREST
        && request.distance() == Double.POSITIVE_INFINITY
        && request.excluded().isEmpty()
        && request.filter().equals(FaceFilter.all());
  }

  private record Candidate(@Nullable String person, FaceRecord nearest, int photos, double far) {}

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
    float[] query = UnitVectors.unit(probe.toArray());
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
                            null,
                            face,
                            1,
                            UnitVectors.distance(
                                query, UnitVectors.unit(kept.embedding().toArray())))));
      } else if (!people.containsKey(face.person().get())) {
        candidate(query, face).ifPresent(person -> people.put(face.person().get(), person));
      }
    }
    all.addAll(people.values());
    all.sort(Comparator.comparingDouble(Candidate::far));
    return new Identification(decide(all, threshold), threshold, index.metric());
  }

  /**
   * Compares a face with one person.
   *
   * @param person of whom the index has faces
   */
  PersonVerification verify(
      AnalyzedFace face, int otherFaces, String person, DecisionThreshold pairs) {
    List<EmbeddedFace> faces = index.faces(person);
    float[] query = UnitVectors.unit(face.embedding().toArray());
    EmbeddedFace nearest =
        faces.stream()
            .min(
                Comparator.comparingDouble(
                    one ->
                        UnitVectors.distance(query, UnitVectors.unit(one.embedding().toArray()))))
            .orElseThrow(
                () ->
                    new UnknownPersonException(
                        "nobody in the gallery is called \"" + person + "\" any more"));
    Candidate candidate = candidate(query, nearest.face()).orElseThrow();
    double one = Math.min(0.5, Math.max(LEAST_RATE, pairs.falseAcceptRate()));
    DecisionThreshold threshold = pairs.forGallery(GalleryComposition.of(1, candidate.photos), one);
    return new PersonVerification.Compared(
        face,
        otherFaces,
        new PersonMatch(
            candidate.person,
            candidate.nearest,
            candidate.photos,
            candidate.far,
            threshold.decide(candidate.far)),
        threshold);
  }

  /** The threshold for two photos, made that of the index as it is now. */
  DecisionThreshold threshold(DecisionThreshold pairs) {
    GalleryComposition gallery = index.composition();
    Derived last = derived;
    double now = rate;
    if (last == null
        || last.rate != now
        || !last.gallery.equals(gallery)
        || !last.pairs.equals(pairs)) {
      last = new Derived(pairs, gallery, now, forGallery(pairs, gallery, now));
      derived = last;
    }
    return last.threshold;
  }

  private DecisionThreshold forGallery(
      DecisionThreshold pairs, GalleryComposition gallery, double asked) {
    DecisionThreshold derived = pairs.forGallery(gallery, asked);
    return asked == wanted || derived.falseAcceptRate() != asked
        ? derived
        : new DecisionThreshold(
            derived.distance(),
            derived.differentBeyond(),
            derived.gallerySize(),
            wanted,
            derived.falseAccept().orElse(null),
            derived.falseReject().orElse(null),
            "this gallery",
            derived.strangers().orElse(null));
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
    String person = nearest.person().orElseThrow();
    List<EmbeddedFace> faces = index.faces(person);
    if (faces.isEmpty()) {
      return Optional.empty();
    }
    int count = Math.min(MOST_FACES, faces.size());
    List<float[]> some = new ArrayList<>(count);
    for (int n = 0; n < count; n++) {
      EmbeddedFace face = faces.get((int) ((long) n * faces.size() / count));
      some.add(UnitVectors.unit(face.embedding().toArray()));
    }
    float[] mean = UnitVectors.mean(some);
    return Optional.of(
        new Candidate(person, nearest, faces.size(), UnitVectors.distance(query, mean)));
  }

  /** The nearest name alone may be SAME, unless two are equally near. */
  @SuppressWarnings("ReferenceEquality") // the first itself is asked for
  private static List<PersonMatch> decide(List<Candidate> all, DecisionThreshold threshold) {
    List<Candidate> named = all.stream().filter(c -> c.person != null).toList();
    boolean tie = named.size() > 1 && named.get(0).far == named.get(1).far;
    List<PersonMatch> matches = new ArrayList<>(all.size());
    for (Candidate candidate : all) {
      Decision decision = threshold.decide(candidate.far);
      if (decision == Decision.SAME
          && candidate.person != null
          && (tie || candidate != named.get(0))) {
        decision = Decision.UNSURE;
      }
      matches.add(
          new PersonMatch(
              candidate.person, candidate.nearest, candidate.photos, candidate.far, decision));
    }
    return matches;
  }
}
