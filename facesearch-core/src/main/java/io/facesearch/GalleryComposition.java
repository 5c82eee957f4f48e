package io.facesearch;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How many people a gallery has, by their number of photos. This determines how often a stranger is
 * mistaken for one of them. Immutable and thread-safe.
 *
 * @param nameless number of faces without a name, each of which counts as a person with one photo;
 *     0 or more
 * @param peopleByPhotos number of people by number of photos, both greater than 0
 */
public record GalleryComposition(int nameless, SortedMap<Integer, Integer> peopleByPhotos) {

  /** Checks that all counts are in range, and copies them. */
  public GalleryComposition {
    if (nameless < 0) {
      throw new IllegalArgumentException("nameless must be 0 or more, but is: " + nameless);
    }
    peopleByPhotos.forEach(
        (photos, people) -> {
          if (photos < 1 || people < 1) {
            throw new IllegalArgumentException(
                "photos and people must be at least 1, but are: " + photos + " and " + people);
          }
        });
    peopleByPhotos = Collections.unmodifiableSortedMap(new TreeMap<>(peopleByPhotos));
  }

  /**
   * Creates the composition of a gallery whose people all have the same number of photos.
   *
   * @param people number of people, 0 or more
   * @param photos of each person, at least 1
   * @return the composition
   */
  public static GalleryComposition of(int people, int photos) {
    return new GalleryComposition(
        0, people == 0 ? new TreeMap<>() : new TreeMap<>(Map.of(photos, people)));
  }

  /**
   * {@return the number of people plus faces without a name, with all of which a probe is compared}
   */
  public int candidates() {
    return Math.addExact(
        nameless, peopleByPhotos.values().stream().mapToInt(people -> people).sum());
  }
}
