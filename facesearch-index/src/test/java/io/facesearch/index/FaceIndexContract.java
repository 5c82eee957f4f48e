package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.ModelMismatchException;
import io.facesearch.SearchResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every index must do. */
abstract class FaceIndexContract {
  abstract FaceIndex newIndex();

  static EmbeddedFace face(String id, float... vector) {
    return new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", vector));
  }

  static Embedding query(float... vector) {
    return Embedding.of("m", vector);
  }

  private static List<String> ids(SearchResult result) {
    return result.matches().stream().map(m -> m.face().id()).toList();
  }

  @Test
  void emptyIndexAnswersNothingAndIsUnbound() {
    FaceIndex index = newIndex();
    assertThat(index.search(query(1, 2), 3).matches()).isEmpty();
    assertThat(index.size()).isZero();
    assertThat(index.model()).isEmpty();
    assertThat(index.faces()).isEmpty();
    assertThat(index.get("a")).isEmpty();
    index.addAll(List.of());
    assertThat(index.model()).isEmpty();
  }

  @Test
  void nearestComeFirstAndTiesInOrderOfInsertion() {
    FaceIndex index = newIndex();
    index.add(face("far", 9, 0));
    index.add(face("tie1", 1, 0));
    index.add(face("same", 0, 0));
    index.add(face("tie2", 0, 1));
    index.add(face("tie3", -1, 0));
    assertThat(ids(index.search(query(0, 0), 3))).containsExactly("same", "tie1", "tie2");
    assertThat(ids(index.search(query(0, 0), 4))).containsExactly("same", "tie1", "tie2", "tie3");
    assertThat(ids(index.search(query(0, 0), Integer.MAX_VALUE)))
        .containsExactly("same", "tie1", "tie2", "tie3", "far");
    assertThat(index.search(query(0, 0), 5).matches().get(4).distance()).isEqualTo(9);
  }

  @Test
  void agreesWithASortOfAllDistances() {
    long seed = 20240607;
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    FaceIndex index = newIndex();
    List<EmbeddedFace> all = new ArrayList<>();
    for (int i = 0; i < 700; i++) {
      float[] vector = new float[19];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = random.nextInt(3);
      }
      all.add(face("f" + i, vector));
    }
    index.addAll(all.subList(0, 500));
    all.subList(500, 700).forEach(index::add);
    assertThat(index.faces()).isEqualTo(all);
    for (int q = 0; q < 50; q++) {
      Embedding query = all.get(random.nextInt(700)).embedding();
      List<FaceMatch> expected =
          all.stream()
              .map(f -> new FaceMatch(f.face(), f.embedding().distanceTo(query)))
              .sorted(Comparator.comparingDouble(FaceMatch::distance))
              .limit(25)
              .toList();
      assertThat(index.search(query, 25).matches()).isEqualTo(expected);
    }
  }

  @Test
  void getFindsEveryFace() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 600; i++) {
      index.add(face("f" + i, i, -i));
      assertThat(index.size()).isEqualTo(i + 1);
    }
    for (int i = 0; i < 600; i++) {
      assertThat(index.get("f" + i)).contains(face("f" + i, i, -i));
    }
    assertThat(index.get("f600")).isEmpty();
    assertThat(index.model()).contains("m");
  }

  @Test
  void facesIsASnapshot() {
    FaceIndex index = newIndex();
    index.add(face("a", 1));
    List<EmbeddedFace> before = index.faces();
    for (int i = 0; i < 400; i++) {
      index.add(face("b" + i, i));
    }
    assertThat(before).containsExactly(face("a", 1));
    assertThatThrownBy(() -> before.add(face("c", 1)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void refusesDuplicateIdsAndThenAddsNothing() {
    FaceIndex index = newIndex();
    index.add(face("a", 1));
    assertThatThrownBy(() -> index.addAll(List.of(face("b", 1), face("a", 2))))
        .isInstanceOf(DuplicateFaceException.class)
        .hasMessageContaining("\"a\"");
    assertThatThrownBy(() -> index.addAll(List.of(face("c", 1), face("c", 2))))
        .isInstanceOf(DuplicateFaceException.class)
        .hasMessageContaining("\"c\" occurs twice");
    assertThat(index.faces()).containsExactly(face("a", 1));
    assertThat(index.get("b")).isEmpty();
    assertThat(index.get("c")).isEmpty();
    index.add(face("b", 7));
    assertThat(index.get("b")).contains(face("b", 7));
  }

  @Test
  void refusesOtherModelsAndDimensionsAndThenAddsNothing() {
    FaceIndex index = newIndex();
    EmbeddedFace foreign = new EmbeddedFace(FaceRecord.of("x"), Embedding.of("other", 1, 2));
    assertThatThrownBy(() -> index.addAll(List.of(face("a", 1, 2), foreign)))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(index.size()).isZero();
    assertThat(index.model()).isEmpty();
    index.add(face("a", 1, 2));
    assertThatThrownBy(() -> index.add(foreign))
        .isInstanceOf(ModelMismatchException.class)
        .hasMessageContaining("other")
        .hasMessageContaining("model m");
    assertThatThrownBy(() -> index.add(face("y", 1))).isInstanceOf(ModelMismatchException.class);
    assertThatThrownBy(() -> index.search(query(1), 1)).isInstanceOf(ModelMismatchException.class);
    assertThatThrownBy(() -> index.search(foreign.embedding(), 1))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(index.faces()).containsExactly(face("a", 1, 2));
  }

  @Test
  void refusesKBelowOneEvenWhenEmpty() {
    FaceIndex index = newIndex();
    assertThatThrownBy(() -> index.search(query(1), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("k must be at least 1, but is: 0");
    index.add(face("a", 1));
    assertThatThrownBy(() -> index.search(query(1), -5))
        .hasMessage("k must be at least 1, but is: -5");
  }

  @Test
  void refusesNull() {
    FaceIndex index = newIndex();
    List<EmbeddedFace> withNull = new ArrayList<>();
    withNull.add(face("a", 1));
    withNull.add(null);
    assertThatThrownBy(() -> index.addAll(withNull)).isInstanceOf(NullPointerException.class);
    assertThat(index.size()).isZero();
  }

  @Test
  void countsItsWork() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 300; i++) {
      index.add(face("f" + i, i));
    }
    SearchResult result = index.search(query(3), 300);
    assertThat(result.distancesComputed()).isEqualTo(300);
    assertThat(result.matches()).hasSize(300);
  }

  @Test
  void extremeValuesKeepFiniteExactDistances() {
    FaceIndex index = newIndex();
    float max = Float.MAX_VALUE;
    index.add(face("high", max, max));
    index.add(face("low", -max, -max));
    index.add(face("tiny", Float.MIN_VALUE, 0));
    index.add(face("zero", 0, 0));
    SearchResult result = index.search(query(-0f, 0), 4);
    assertThat(ids(result)).containsExactly("zero", "tiny", "high", "low");
    assertThat(result.matches().get(1).distance()).isEqualTo((double) Float.MIN_VALUE);
    assertThat(result.matches().get(2).distance()).isFinite();
  }
}
