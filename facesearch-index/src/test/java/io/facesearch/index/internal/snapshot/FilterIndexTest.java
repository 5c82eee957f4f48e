package io.facesearch.index.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.Metric;
import io.facesearch.index.testing.RandomRequests;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FilterIndexTest {
  private static EmbeddedFace face(RandomRequests requests, int i) {
    return new EmbeddedFace(requests.record("f" + i), Embedding.of("m", i));
  }

  /** Also in states that are older than what the tables know, and after ordinals changed. */
  @Property(tries = 100)
  void namesWhatAFilterMatches(@ForAll @IntRange(min = 1, max = 900) int most, @ForAll long seed) {
    Random random = new Random(seed);
    RandomRequests requests = new RandomRequests(random);
    ScanIndex index = new ScanIndex(Metric.EUCLIDEAN);
    FilterIndex filters = new FilterIndex();
    List<SnapshotIndex.State<Rows>> states = new ArrayList<>();
    int added = 0;
    for (int step = 0; step < 12; step++) {
      for (int i = random.nextInt(most); i >= 0; i--) {
        index.add(face(requests, added++));
      }
      for (int i = random.nextInt(20); i >= 0; i--) {
        index.remove("f" + random.nextInt(added));
      }
      if (random.nextInt(6) == 0) {
        index.forget("p" + random.nextInt(40));
      }
      states.add(index.state());
      for (int i = 0; i < 5; i++) {
        SnapshotIndex.State<Rows> state = states.get(random.nextInt(states.size()));
        @SuppressWarnings("ReferenceEquality")
        boolean isNewest = state == index.state();
        FaceFilter filter = requests.filter(3);
        Matching matching = filters.matching(state, filter, isNewest);
        if (matching == null) {
          assertThat(isNewest).isFalse();
          continue;
        }
        Faces faces = state.faces();
        int[] all =
            IntStream.range(0, faces.size())
                .filter(ordinal -> filter.matches(faces.get(ordinal)))
                .toArray();
        assertThat(all.length).isBetween(matching.least, matching.most);
        assertThat(matching.ordinals(faces, Tombstones.NONE)).isEqualTo(all);
        assertThat(matching.ordinals(faces, state.removed()))
            .isEqualTo(
                IntStream.of(all).filter(ordinal -> !state.removed().contains(ordinal)).toArray());
      }
    }
  }

  /** Bounds are exact for a name, a text, a number and a range, so that few are known as few. */
  @Test
  void boundsAreTight() {
    ScanIndex index = new ScanIndex(Metric.EUCLIDEAN);
    List<EmbeddedFace> faces = new ArrayList<>();
    RandomRequests requests = new RandomRequests(new Random(1));
    for (int i = 0; i < 20_000; i++) {
      faces.add(face(requests, i));
    }
    index.addAll(faces);
    FilterIndex filters = new FilterIndex();
    for (FaceFilter filter :
        List.of(
            FaceFilter.person("p3", "p4"),
            FaceFilter.person("nobody"),
            FaceFilter.tag("camera", "c1", "c2"),
            FaceFilter.tag("year", 12, 13.5, -0.0),
            FaceFilter.tagBetween("year", 20, 29.5),
            FaceFilter.tagBetween("year", Double.NEGATIVE_INFINITY, 3).not(),
            FaceFilter.all(),
            FaceFilter.all().not())) {
      Matching matching = filters.matching(index.state(), filter, true);
      long matched = faces.stream().filter(face -> filter.matches(face.face())).count();
      assertThat(matching.most).as("%s", filter).isEqualTo((int) matched);
      assertThat(matching.least).as("%s", filter).isEqualTo((int) matched);
    }
    // A name and a tag for each face, 100 names and 3 texts.
    assertThat(filters.bytes()).isBetween(4L * 20_000, 20L * 20_000);
  }
}
