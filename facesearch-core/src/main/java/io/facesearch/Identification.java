package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Whom a face shows, among the people of a gallery. Immutable and thread-safe.
 *
 * <p>People are judged, not photos: the faces that bear a name are taken together. The threshold is
 * that of the gallery: the more people it has, the nearer a face must be to get a name, so that the
 * share of strangers who get one stays the same. At most one name is {@link Decision#SAME}; faces
 * without a name may be too, since they may show the same person.
 *
 * @param candidates nearest first: the people of the nearest faces
 * @param threshold that of the gallery as it was; {@link DecisionThreshold#gallerySize()} counts
 *     its people
 * @param metric of the distances that the gallery's searches tell
 */
public record Identification(
    List<PersonMatch> candidates, DecisionThreshold threshold, Metric metric) {

  /** Copies the list. */
  public Identification {
    candidates = List.copyOf(candidates);
    Objects.requireNonNull(threshold, "threshold");
    Objects.requireNonNull(metric, "metric");
  }

  /**
   * Who it is.
   *
   * @return the one name that is {@link Decision#SAME}; empty if there is none
   */
  public Optional<String> person() {
    return candidates.stream()
        .filter(match -> match.decision() == Decision.SAME)
        .flatMap(match -> match.person().stream())
        .findFirst();
  }

  /**
   * What is said of all candidates together.
   *
   * @return {@link Decision#SAME} if one of them is; else {@link Decision#UNSURE} if one of them
   *     is; else {@link Decision#DIFFERENT}: nobody of this gallery
   */
  public Decision decision() {
    return candidates.stream()
        .map(PersonMatch::decision)
        .min(Decision::compareTo)
        .orElse(Decision.DIFFERENT);
  }

  /**
   * What is said of the person of a face that the same search found.
   *
   * @param match a match of the same probe
   * @return the decision about its person, or about itself if it has no name
   */
  public Decision decision(FaceMatch match) {
    FaceRecord face = match.face();
    return candidates.stream()
        .filter(
            candidate ->
                face.person().isPresent()
                    ? face.person().equals(candidate.person())
                    : face.id().equals(candidate.nearest().id()))
        .map(PersonMatch::decision)
        .findFirst()
        .orElseGet(
            () ->
                metric.ofUnitVectors(match.distance()) <= threshold.differentBeyond()
                    ? Decision.UNSURE
                    : Decision.DIFFERENT);
  }
}
