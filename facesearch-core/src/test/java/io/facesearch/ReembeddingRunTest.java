package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which face that is found now is which of before. */
class ReembeddingRunTest {
  private static FaceRecord old(BoundingBox box) {
    return new FaceRecord("a", null, null, box, Map.of());
  }

  private static DetectedFace found(BoundingBox box) {
    return new DetectedFace(box, 1, Landmarks.NONE);
  }

  @Test
  void neighborsThatOverlapKeepTheirOwn() {
    // Each of the two overlaps both that are found; the second is closer to the first's place.
    List<FaceRecord> old =
        List.of(old(new BoundingBox(0, 0, 100, 100)), old(new BoundingBox(40, 0, 100, 100)));
    List<DetectedFace> found =
        List.of(found(new BoundingBox(38, 0, 100, 100)), found(new BoundingBox(10, 0, 100, 100)));
    assertThat(ReembeddingRun.match(old, found)).containsExactly(1, 0);
  }

  @Test
  void whatIsNotThereIsNotGuessed() {
    BoundingBox box = new BoundingBox(0, 0, 100, 100);
    List<FaceRecord> old = List.of(old(null), old(new BoundingBox(60, 0, 100, 100)), old(box));
    assertThat(ReembeddingRun.match(old, List.of(found(box)))).containsExactly(-1, -1, 0);
    assertThat(ReembeddingRun.match(old, List.of())).containsExactly(-1, -1, -1);
  }

  @Test
  void aCrowdIsNeverSwapped() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 200; run++) {
      List<FaceRecord> old = new ArrayList<>();
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        order.add(i);
        old.add(old(new BoundingBox(i % 6 * 110, i / 6 * 110, 100, 100)));
      }
      Collections.shuffle(order, random);
      // Another detector: each face a little beside its place, and of another size; some are lost.
      List<Integer> seen = order.subList(0, 20);
      List<DetectedFace> found = new ArrayList<>();
      for (int i : seen) {
        BoundingBox box = old.get(i).box().orElseThrow();
        double side = 75 + random.nextDouble() * 50;
        found.add(
            found(
                new BoundingBox(
                    box.centerX() - side / 2 + random.nextDouble() * 30 - 15,
                    box.centerY() - side / 2 + random.nextDouble() * 30 - 15,
                    side,
                    side)));
      }
      int[] match = ReembeddingRun.match(old, found);
      for (int i = 0; i < match.length; i++) {
        assertThat(match[i]).as("face %s, seed %s", i, seed).isEqualTo(seen.indexOf(i));
      }
    }
  }
}
