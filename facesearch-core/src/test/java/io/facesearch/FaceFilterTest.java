package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaceFilterTest {
  private static final FaceRecord ANN = FaceRecord.of("1", "Ann").withTag("year", 2020);
  private static final FaceRecord BOB = FaceRecord.of("2", "Bob").withTag("camera", "door");
  private static final FaceRecord NOBODY = FaceRecord.of("3").withTag("year", "2020");

  private static void assertMatches(FaceFilter filter, FaceRecord... faces) {
    assertThat(List.of(ANN, BOB, NOBODY)).filteredOn(filter::matches).containsExactly(faces);
  }

  @Test
  void peopleAndTextsAndNumbers() {
    assertMatches(FaceFilter.all(), ANN, BOB, NOBODY);
    assertMatches(FaceFilter.person("Ann", "Cid"), ANN);
    assertMatches(FaceFilter.person());
    assertMatches(FaceFilter.tag("camera", "door", "hall"), BOB);
    assertMatches(FaceFilter.tag("year", 2020, 7), ANN);
    assertMatches(FaceFilter.tag("year", "2020"), NOBODY);
    assertMatches(FaceFilter.tag("height", 2020));
  }

  @Test
  void bothEndsOfARangeBelongToIt() {
    assertMatches(FaceFilter.tagBetween("year", 2020, 2021), ANN);
    assertMatches(FaceFilter.tagBetween("year", 2019, 2020), ANN);
    assertMatches(FaceFilter.tagBetween("year", 2020, 2020), ANN);
    assertMatches(FaceFilter.tagBetween("year", Math.nextUp(2020.0), Double.POSITIVE_INFINITY));
    assertMatches(FaceFilter.tagBetween("year", Double.NEGATIVE_INFINITY, Math.nextDown(2020.0)));
    assertThatThrownBy(() -> FaceFilter.tagBetween("year", 2, 1)).hasMessageContaining("2.0 to 1");
    assertThatThrownBy(() -> FaceFilter.tagBetween("year", Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void filtersAreJoined() {
    FaceFilter ann = FaceFilter.person("Ann");
    FaceFilter door = FaceFilter.tag("camera", "door");
    assertMatches(ann.or(door), ANN, BOB);
    assertMatches(ann.and(door));
    assertMatches(ann.not(), BOB, NOBODY);
    assertMatches(ann.not().and(door.not()), NOBODY);
    assertMatches(ann.and(FaceFilter.tagBetween("year", 0, 3000)), ANN);
    assertMatches(new FaceFilter.Or(List.of()));
  }

  /** A long chain would end in a stack overflow, were it nested. */
  @Test
  void chainsAreFlat() {
    FaceFilter ann = FaceFilter.person("Ann");
    FaceFilter bob = FaceFilter.person("Bob");
    assertThat(ann.and(bob).and(ann)).isEqualTo(new FaceFilter.And(List.of(ann, bob, ann)));
    assertThat(ann.or(bob).or(ann)).isEqualTo(new FaceFilter.Or(List.of(ann, bob, ann)));
    assertThat(ann.or(bob).and(ann))
        .isEqualTo(new FaceFilter.And(List.of(new FaceFilter.Or(List.of(ann, bob)), ann)));
    assertThat(ann).isEqualTo(new FaceFilter.Person(Set.of("Ann")));
  }
}
