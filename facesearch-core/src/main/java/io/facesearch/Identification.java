package io.facesearch;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Who a face is, among the people of a gallery. Immutable and thread-safe.
 *
 * <p>A face is compared with people, not with single photos: all faces with the same name count
 * together. The threshold depends on the gallery: the more people it has, the nearer a face must be
 * to get a name, so that the share of strangers who get one stays the same. At most one name is
 * {@link Decision#SAME}; faces without a name can be as well, since they may show the same person.
 *
 * @param candidates the people of the nearest faces, nearest person first
 * @param threshold of the gallery at that time; {@link DecisionThreshold#gallerySize()} is its
 *     number of people
 * @param metric of the distances in the gallery's search results
 */
public record Identification(
    List<PersonMatch> candidates, DecisionThreshold threshold, Metric metric) {

  /** Copies the list. */
  public Identification {
    candidates = List.copyOf(candidates);
    Objects.requireNonNull(threshold, "threshold");
    Objects.requireNonNull(metric, "metric");
  }

  /** {@return the one name that is {@link Decision#SAME}; empty if there is none} */
  public Optional<String> person() {
    return candidates.stream()
        .filter(match -> match.decision() == Decision.SAME)
        .flatMap(match -> match.person().stream())
        .findFirst();
  }

  /**
   * Returns the decision about all candidates together.
   *
   * @return {@link Decision#SAME} if one of them is; else {@link Decision#UNSURE} if one of them
   *     is; otherwise {@link Decision#DIFFERENT}: nobody in this gallery
   */
  public Decision decision() {
    return candidates.stream()
        .map(PersonMatch::decision)
        .min(Decision::compareTo)
        .orElse(Decision.DIFFERENT);
  }

  /**
   * Returns the decision about the person of a face that a search with the same probe found.
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
