package io.facesearch;

import io.facesearch.IndexingReport.CrowdedPhoto;
import io.facesearch.IndexingReport.NamedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Decides which face in a photo of a person is that person's: at most one. A face that is alone has
 * the name. Among several it is the one that agrees with the faces of that name in the index; else
 * the largest, if it is clearly the largest; else none. So a photo with several faces waits until
 * all other photos of its person are in the index. Used by one thread.
 */
final class PersonLabels {
  /**
   * A photo of a person, all of whose faces are nameless, or have other names.
   *
   * @param replaces ids of the faces that these take the place of
   */
  record Labeled(String photo, String person, List<EmbeddedFace> faces, Set<String> replaces) {}

  /** Takes what was decided. */
  interface Taker {
    void take(Labeled photo, List<EmbeddedFace> faces);

    /** What was taken is asked for now; for takers that keep it back. */
    default void flush() {}
  }

  /**
   * A face is clearly the largest if no other has this share of its area. Of 34 photos of LFW with
   * two faces or more whose person has other photos, it was the person's in all 17 where it was
   * clearly the largest, and in 14 of the others.
   */
  static final double SIMILAR = 0.5;

  /** So many of the nearest faces of a name are asked. */
  private static final int ASKED = 5;

  private final FaceIndex index;
  private final DecisionThreshold threshold;
  private final boolean bystanders;
  private final Taker taker;
  private final Map<String, List<Labeled>> waiting = new HashMap<>();
  final List<CrowdedPhoto> crowded = new ArrayList<>();

  PersonLabels(FaceIndex index, DecisionThreshold threshold, boolean bystanders, Taker taker) {
    this.index = index;
    this.threshold = threshold;
    this.bystanders = bystanders;
    this.taker = taker;
  }

  /**
   * Adds faces, all at once if it can be done, else one by one, so that a taken id stops no other
   * photo.
   *
   * @param taken is told of each that was not added, and why
   */
  static void addTo(
      FaceIndex index,
      List<EmbeddedFace> faces,
      BiConsumer<EmbeddedFace, DuplicateFaceException> taken) {
    try {
      index.addAll(faces);
    } catch (DuplicateFaceException e) {
      for (EmbeddedFace face : faces) {
        try {
          index.add(face);
        } catch (DuplicateFaceException one) {
          taken.accept(face, one);
        }
      }
    }
  }

  /** Takes a photo with at least one face; decides now, or when {@link #decide} is called. */
  void add(Labeled photo) {
    Optional<String> wanted = Optional.of(photo.person);
    if (photo.faces.stream().anyMatch(face -> face.face().person().equals(wanted))) {
      finish(photo, -1); // the photo itself says which
    } else if (photo.faces.size() == 1) {
      finish(photo, isNameless(photo.faces.get(0)) ? 0 : -1);
    } else {
      waiting.computeIfAbsent(photo.person, name -> new ArrayList<>()).add(photo);
    }
  }

  /** Decides the photos of a person of whom all others are in the index. */
  void decide(String person) {
    List<Labeled> open = waiting.remove(person);
    if (open == null) {
      return;
    }
    List<Labeled> rest = byAgreement(open);
    List<Labeled> similar = new ArrayList<>();
    for (Labeled photo : rest) {
      int largest = clearlyLargest(photo.faces);
      if (largest < 0) {
        similar.add(photo);
      } else {
        note(photo, NamedBy.SIZE);
        finish(photo, largest);
      }
    }
    taker.flush();
    for (Labeled photo : byAgreement(similar)) {
      note(photo, NamedBy.NOTHING);
      finish(photo, -1);
    }
  }

  private List<Labeled> byAgreement(List<Labeled> photos) {
    List<Labeled> rest = new ArrayList<>();
    List<Labeled> agreed = new ArrayList<>();
    List<Integer> faces = new ArrayList<>();
    for (Labeled photo : photos) {
      int face = agreeing(photo);
      if (face < 0) {
        rest.add(photo);
      } else {
        agreed.add(photo);
        faces.add(face);
      }
    }
    // Afterwards, so that one photo's answer does not depend on its place among them.
    for (int i = 0; i < agreed.size(); i++) {
      note(agreed.get(i), NamedBy.OTHER_PHOTOS);
      finish(agreed.get(i), faces.get(i));
    }
    return rest;
  }

  /** The only face that is the same as those of the name, or -1. */
  private int agreeing(Labeled photo) {
    int found = -1;
    for (int i = 0; i < photo.faces.size(); i++) {
      OptionalDouble distance =
          isNameless(photo.faces.get(i))
              ? distance(photo, photo.faces.get(i))
              : OptionalDouble.empty();
      if (distance.isPresent() && distance.getAsDouble() <= threshold.distance()) {
        if (found >= 0) {
          return -1;
        }
        found = i;
      }
    }
    return found;
  }

  /** Mean distance to the nearest faces of the name in other photos. */
  private OptionalDouble distance(Labeled photo, EmbeddedFace face) {
    if (!(threshold.falseAcceptRate() < 1)
        || !index.model().equals(Optional.of(face.embedding().model()))) {
      return OptionalDouble.empty(); // not calibrated, or an empty index
    }
    Optional<String> source = face.face().source();
    return index
        .search(
            face.embedding(),
            Search.nearest(ASKED + photo.faces.size()).where(FaceFilter.person(photo.person)))
        .matches()
        .stream()
        .filter(
            match ->
                !match.face().source().equals(source)
                    && !photo.replaces.contains(match.face().id()))
        .limit(ASKED)
        .mapToDouble(match -> index.metric().ofUnitVectors(match.distance()))
        .average();
  }

  private static int clearlyLargest(List<EmbeddedFace> faces) {
    int largest = 0;
    for (int i = 1; i < faces.size(); i++) {
      if (area(faces.get(i)) > area(faces.get(largest))) {
        largest = i;
      }
    }
    for (int i = 0; i < faces.size(); i++) {
      if (i != largest && area(faces.get(i)) >= SIMILAR * area(faces.get(largest))) {
        return -1;
      }
    }
    return isNameless(faces.get(largest)) ? largest : -1;
  }

  /** Others bear a name that their photo gave them. */
  private static boolean isNameless(EmbeddedFace face) {
    return face.face().person().isEmpty();
  }

  private static double area(EmbeddedFace face) {
    return face.face().box().map(BoundingBox::area).orElse(0.0);
  }

  private void note(Labeled photo, NamedBy by) {
    crowded.add(new CrowdedPhoto(photo.photo, photo.person, photo.faces.size(), by));
  }

  private void finish(Labeled photo, int named) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < photo.faces.size(); i++) {
      EmbeddedFace face = photo.faces.get(i);
      if (i == named) {
        faces.add(new EmbeddedFace(face.face().withPerson(photo.person), face.embedding()));
      } else if (bystanders || !isNameless(face)) {
        faces.add(face);
      }
    }
    taker.take(photo, faces);
  }
}
