package io.facesearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.testing.ListIndex;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is it, with vectors that are made for a case; with real photos in {@code facesearch}. */
class IdentifierTest {
  private static final int DIMENSION = 16;

  /** Knows no rates of strangers, and its rate is kept by up to 100 people. */
  private static final DecisionThreshold PAIRS =
      new DecisionThreshold(1, 1.2, 1, 1e-4, null, null, "pairs");

  private final CountingIndex index = new CountingIndex();
  private final Identifier identifier = new Identifier(index, 0.01);

  private static final class CountingIndex extends io.facesearch.spi.ForwardingIndex {
    private int searches;

    CountingIndex() {
      super(new ListIndex());
    }

    @Override
    public SearchResult search(Embedding query, Search request) {
      searches++;
      return super.search(query, request);
    }

    @Override
    public SearchResult search(Embedding query, int k) {
      return search(query, Search.nearest(k));
    }
  }

  /** A vector of length 2 whose unit vector is so far from the first axis, towards another. */
  private static Embedding at(double distance, int axis) {
    double cos = 1 - distance * distance / 2;
    float[] vector = new float[DIMENSION];
    vector[0] = (float) (2 * cos);
    vector[axis] += (float) (2 * Math.sqrt(1 - cos * cos));
    return Embedding.of("model", vector);
  }

  private void add(String id, @Nullable String person, Embedding vector) {
    index.add(new EmbeddedFace(new FaceRecord(id, person, null, null), vector));
  }

  private Identification identify() {
    return identifier.identify(at(0, 1), PAIRS);
  }

  @Test
  void theNearestNameAloneIsTheSame() {
    add("b", "Bob", at(0.9, 1));
    add("a", "Ann", at(0.8, 2));
    add("n", null, at(0.5, 3));
    add("m", null, at(1.1, 4));
    Identification who = identify();
    assertThat(who.candidates())
        .extracting(PersonMatch::person)
        .containsExactly(
            Optional.empty(), Optional.of("Ann"), Optional.of("Bob"), Optional.empty());
    assertThat(who.candidates())
        .extracting(PersonMatch::decision)
        .containsExactly(Decision.SAME, Decision.SAME, Decision.UNSURE, Decision.UNSURE);
    assertThat(who.candidates()).extracting(PersonMatch::photos).containsExactly(1, 1, 1, 1);
    // Of unit vectors, though those of the index are twice as long.
    assertThat(who.candidates().get(0).distance()).isEqualTo(0.5, within(1e-6));
    assertThat(who.candidates().get(1).distance()).isEqualTo(0.8, within(1e-6));
    assertThat(who.person()).contains("Ann");
  }

  @Test
  void twoNamesEquallyNearAreUnsureAndOneIsNot() {
    add("a", "Ann", at(0.8, 2));
    assertThat(identify().person()).contains("Ann");
    add("b", "Bob", at(0.8, 2));
    assertThat(identify().candidates())
        .extracting(PersonMatch::decision)
        .containsExactly(Decision.UNSURE, Decision.UNSURE);
  }

  @Test
  void aPersonIsTheMeanOfSomePhotosFromTheFirstToTheLast() {
    // 400 photos, of which each second counts: those at 0.6.
    for (int i = 0; i < 200; i++) {
      add("a" + i, "Ann", at(0.6, 1));
      add("z" + i, "Ann", at(1.3, 1));
    }
    PersonMatch ann = identify().candidates().get(0);
    assertThat(ann.photos()).isEqualTo(400);
    assertThat(ann.nearest().id()).isEqualTo("a0");
    assertThat(ann.distance()).isEqualTo(0.6, within(1e-3));
  }

  @Test
  void moreFacesAreLookedAtWhereTheNearestAreOfFewPeople() {
    for (int i = 0; i < 150; i++) {
      add("a" + i, "Ann", at(0.5, 1));
    }
    add("b", "Bob", at(0.7, 2));
    assertThat(identify().candidates()).hasSize(2);
    assertThat(index.searches).isEqualTo(2); // 100, and 400, which are all.
    index.searches = 0;
    for (int i = 0; i < 8; i++) {
      add("c" + i, "c" + i, at(0.4, 3));
    }
    assertThat(identify().candidates()).hasSize(10);
    assertThat(index.searches).isEqualTo(2); // Nine people are among the nearest 100.
    add("d", "d", at(0.4, 3));
    index.searches = 0;
    assertThat(identify().candidates()).hasSize(10); // Ten are: Bob is not looked for.
    assertThat(index.searches).isEqualTo(1);
  }

  @Test
  void theThresholdIsThatOfTheGalleryAsItIsNow() {
    add("a", "Ann", at(0.5, 1));
    DecisionThreshold first = identifier.threshold(PAIRS);
    assertThat(first).isEqualTo(PAIRS.forGallery(index.composition(), 0.01));
    assertThat(identifier.threshold(PAIRS)).isSameAs(first);
    assertThat(identifier.threshold(new DecisionThreshold(0.7, 1e-4, "others")).distance())
        .isEqualTo(0.7);
    for (int i = 0; i < 100; i++) {
      add("o" + i, "o" + i, at(1, 2));
    }
    // 101 people at 1e-4 are more than 0.01: nothing but the same photo.
    assertThat(identifier.threshold(PAIRS).gallerySize()).isEqualTo(101);
    assertThat(identifier.threshold(PAIRS).distance()).isLessThan(1e-5);
    assertThat(identify().person()).isEmpty();
  }

  /**
   * A gallery that measured itself asks the model for another rate, so that the wanted one holds.
   */
  @Test
  void theRateThatIsAskedForMayBeAnotherThanTheWantedOne() {
    DecisionThreshold pairs = PAIRS.withStrangers(StrangerRatesTest.RATES);
    add("a", "Ann", at(0.5, 1));
    double before = identifier.threshold(pairs).distance();
    assertThat(identifier.threshold(pairs).calibratedOn()).isEqualTo("pairs");
    identifier.setRate(0.001);
    DecisionThreshold asked = identifier.threshold(pairs);
    DecisionThreshold stricter = pairs.forGallery(index.composition(), 0.001);
    assertThat(asked.distance()).isEqualTo(stricter.distance()).isLessThan(before);
    assertThat(asked.differentBeyond()).isEqualTo(stricter.differentBeyond());
    assertThat(asked.falseAcceptRate()).isEqualTo(0.01);
    assertThat(asked.calibratedOn()).isEqualTo("this gallery");
    assertThat(asked.strangers()).contains(StrangerRatesTest.RATES);
    // What was calibrated for a gallery is taken as it is.
    DecisionThreshold fixed = new DecisionThreshold(0.5, 0.7, 9, 0.02, null, null, "fixed");
    assertThat(identifier.threshold(fixed)).isSameAs(fixed);
  }

  @Test
  void onlySearchesForTheNearestOfAllTellPeople() {
    assertThat(Identifier.answers(Search.nearest(25_600))).isTrue();
    assertThat(Identifier.answers(Search.nearest(25_601))).isFalse();
    assertThat(Identifier.answers(Search.within(1))).isFalse();
    assertThat(Identifier.answers(Search.nearest(5).excluding(Set.of("a")))).isFalse();
    assertThat(Identifier.answers(Search.nearest(5).where(FaceFilter.person("Ann")))).isFalse();
    assertThat(Identifier.answers(Search.nearest(5).recall(0.9))).isFalse();
  }

  @Test
  void aPersonIsVerifiedByAllPhotos() {
    AnalyzedFace face = face();
    assertThatThrownBy(() -> identifier.verify(face, 0, "Ann", PAIRS))
        .isInstanceOf(UnknownPersonException.class)
        .hasMessageContaining("Ann");
    add("far", "Ann", at(0.9, 1));
    add("near", "Ann", at(0.5, 1));
    add("b", "Bob", at(0.1, 2));
    PersonVerification.Compared compared =
        (PersonVerification.Compared) identifier.verify(face, 3, "Ann", PAIRS);
    assertThat(compared.match().nearest().id()).isEqualTo("near");
    assertThat(compared.match().photos()).isEqualTo(2);
    assertThat(compared.match().distance()).isBetween(0.5, 0.9);
    assertThat(compared.match().decision()).isEqualTo(Decision.SAME);
    // Of one person, at the rate of two photos.
    assertThat(compared.threshold().gallerySize()).isEqualTo(1);
    assertThat(compared.threshold().falseAcceptRate()).isEqualTo(1e-4);
    assertThat(compared.otherFaces()).isEqualTo(3);
  }

  private static AnalyzedFace face() {
    return new AnalyzedFace(
        new DetectedFace(new BoundingBox(0, 0, 4, 4), 1, Landmarks.NONE),
        new FaceQuality(List.of()),
        FaceImage.ofRgb(1, 1, new byte[3]),
        at(0, 1));
  }
}
