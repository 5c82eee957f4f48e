package io.facesearch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.ModelMismatchException;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * What every {@link FaceIndex} must do. A plug-in extends it in its own tests; it needs JUnit 5 and
 * AssertJ.
 */
public abstract class FaceIndexContract {
  /**
   * Makes an index of {@link io.facesearch.Metric#EUCLIDEAN}. A test may make several.
   *
   * @return a new, empty index that is bound to no model; one that holds more than memory is closed
   *     by the test class that made it
   */
  protected abstract FaceIndex newIndex();

  /**
   * A face of which only the id is known.
   *
   * @param id of the face
   * @param vector of the model {@code m}
   * @return the face
   */
  public static EmbeddedFace face(String id, float... vector) {
    return new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", vector));
  }

  /**
   * A vector to search for.
   *
   * @param vector of the model {@code m}
   * @return the vector
   */
  public static Embedding query(float... vector) {
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
        .hasMessageContaining("\"c\"");
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

  @Test
  void aRemovedFaceIsGone() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 300; i++) {
      index.add(face("f" + i, i));
    }
    for (int i = 0; i < 300; i += 2) {
      assertThat(index.remove("f" + i)).isTrue();
    }
    assertThat(index.remove("f0")).isFalse();
    assertThat(index.remove("never")).isFalse();
    assertThat(index.size()).isEqualTo(150);
    assertThat(index.get("f0")).isEmpty();
    assertThat(index.faces()).hasSize(150).startsWith(face("f1", 1), face("f3", 3));
    assertThat(ids(index.search(query(0), 3))).containsExactly("f1", "f3", "f5");
    assertThat(index.search(query(0), 1000).matches()).hasSize(150);
    index.add(face("f0", 0));
    assertThat(ids(index.search(query(0), 2))).containsExactly("f0", "f1");
  }

  @Test
  void anIndexCanBeEmptied() {
    FaceIndex index = newIndex();
    index.addAll(List.of(face("a", 1), face("b", 2)));
    index.remove("a");
    index.remove("b");
    assertThat(index.size()).isZero();
    assertThat(index.faces()).isEmpty();
    assertThat(index.search(query(0), 2).matches()).isEmpty();
    assertThat(index.search(query(0), Search.nearest(2).where(FaceFilter.person("x"))).matches())
        .isEmpty();
    assertThat(index.forget("x").faces()).isZero();
    index.add(face("a", 3));
    assertThat(ids(index.search(query(0), 2))).containsExactly("a");
  }

  @Test
  void anUpdatedFaceIsTheLastInserted() {
    FaceIndex index = newIndex();
    index.addAll(List.of(face("a", 1, 0), face("b", 0, 1), face("c", 5, 5)));
    assertThatThrownBy(() -> index.update(face("d", 1, 0)))
        .isInstanceOf(UnknownFaceException.class)
        .hasMessageContaining("\"d\"");
    assertThatThrownBy(() -> index.update(face("a", 1))).isInstanceOf(ModelMismatchException.class);
    EmbeddedFace moved =
        new EmbeddedFace(FaceRecord.of("a", "Ann").withTag("n", 1), Embedding.of("m", 0, -1));
    index.update(moved);
    assertThat(index.size()).isEqualTo(3);
    assertThat(index.get("a")).contains(moved);
    assertThat(index.faces()).containsExactly(face("b", 0, 1), face("c", 5, 5), moved);
    assertThat(ids(index.search(query(0, 0), 2))).containsExactly("b", "a");
  }

  @Test
  void aFilterLeavesTheNearestThatMatch() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 600; i++) {
      FaceRecord face =
          new FaceRecord("f" + i, "p" + i % 10, "root/d" + i % 3 + "/f.jpg", null)
              .withTag("n", i)
              .withTag("odd", i % 2 == 0 ? "no" : "yes");
      index.add(new EmbeddedFace(face, Embedding.of("m", i, 1)));
    }
    Embedding query = query(0, 1);
    assertThat(ids(index.search(query, Search.nearest(3).where(FaceFilter.person("p7")))))
        .containsExactly("f7", "f17", "f27");
    assertThat(
            ids(index.search(query, Search.nearest(2).where(FaceFilter.tagBetween("n", 100, 500)))))
        .containsExactly("f100", "f101");
    assertThat(
            ids(
                index.search(
                    query,
                    Search.nearest(2)
                        .where(FaceFilter.tag("odd", "yes").and(FaceFilter.person("p1").not())))))
        .containsExactly("f3", "f5");
    assertThat(ids(index.search(query, Search.nearest(5).where(FaceFilter.tag("n", 599.0, 3.0)))))
        .containsExactly("f3", "f599");
    assertThat(index.search(query, Search.nearest(5).where(FaceFilter.tag("n", "3"))).matches())
        .isEmpty();
    FaceFilter inFolder = FaceFilter.folder("root/d1");
    assertThat(ids(index.search(query, Search.nearest(3).where(inFolder))))
        .containsExactly("f1", "f4", "f7");
    assertThat(
            ids(
                index.search(
                    query, Search.nearest(2).where(inFolder.not().and(FaceFilter.person("p7"))))))
        .containsExactly("f17", "f27");
    assertThat(index.search(query, Search.nearest(2).where(FaceFilter.folder("root/d"))).matches())
        .isEmpty();
    index.remove("f7");
    assertThat(ids(index.search(query, Search.nearest(1).where(FaceFilter.person("p7")))))
        .containsExactly("f17");
    assertThatThrownBy(() -> index.search(query, Search.nearest(0).where(FaceFilter.person("p7"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Against what all faces tell, after random changes, some of which make the index compact. */
  @Test
  void facesOfAPersonAndThePeopleFollowEveryChange() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    FaceIndex index = newIndex();
    List<String> ids = new ArrayList<>();
    assertThat(index.faces("p0")).isEmpty();
    assertThat(index.composition().candidates()).isZero();
    for (int step = 0; step < 300; step++) {
      String person = "p" + random.nextInt(9);
      switch (random.nextInt(12)) {
        case 0 -> index.forget(person);
        case 1, 2, 3 -> {
          if (!ids.isEmpty()) {
            index.remove(ids.get(random.nextInt(ids.size())));
          }
        }
        case 4 ->
            index
                .get("f" + random.nextInt(step + 1))
                .ifPresent(
                    face ->
                        index.update(
                            new EmbeddedFace(face.face().withPerson(person), face.embedding())));
        default -> {
          String id = "f" + step;
          ids.add(id);
          FaceRecord record =
              random.nextInt(4) == 0 ? FaceRecord.of(id) : FaceRecord.of(id, person);
          index.add(
              new EmbeddedFace(record, Embedding.of("m", random.nextFloat(), random.nextFloat())));
        }
      }
      if (random.nextBoolean()) {
        int nameless = 0;
        for (int p = 0; p < 9; p++) {
          String name = "p" + p;
          assertThat(index.faces(name))
              .as("seed " + seed + " step " + step)
              .isEqualTo(
                  index.faces().stream()
                      .filter(face -> face.face().person().filter(name::equals).isPresent())
                      .toList());
        }
        for (EmbeddedFace face : index.faces()) {
          nameless += face.face().person().isEmpty() ? 1 : 0;
        }
        TreeMap<Integer, Integer> people = new TreeMap<>();
        for (int p = 0; p < 9; p++) {
          if (!index.faces("p" + p).isEmpty()) {
            people.merge(index.faces("p" + p).size(), 1, Integer::sum);
          }
        }
        assertThat(index.composition())
            .as("seed " + seed + " step " + step)
            .isEqualTo(new GalleryComposition(nameless, people));
      }
    }
  }

  @Test
  void aForgottenPersonLeavesTheStateOfAnIndexWithoutThem() {
    FaceIndex index = newIndex();
    FaceIndex without = newIndex();
    for (int i = 0; i < 500; i++) {
      EmbeddedFace face =
          new EmbeddedFace(FaceRecord.of("f" + i, "p" + i % 5), Embedding.of("m", i, -i));
      index.add(face);
      if (i % 5 != 2) {
        without.add(face);
      }
    }
    ForgetReceipt receipt = index.forget("p2");
    assertThat(receipt.person()).isEqualTo("p2");
    assertThat(receipt.faces()).isEqualTo(100);
    assertThat(receipt.stateHash()).isEqualTo(without.forget("p2").stateHash());
    assertThat(index.size()).isEqualTo(400);
    assertThat(index.faces()).isEqualTo(without.faces());
    assertThat(index.get("f2")).isEmpty();
    assertThat(ids(index.search(query(2, -2), 2))).containsExactly("f1", "f3");
    assertThat(index.forget("p2").faces()).isZero();
    index.remove("f0");
    assertThat(index.forget("p2").stateHash()).isNotEqualTo(receipt.stateHash());
  }

  @Test
  void facesLikeOneOfTheIndex() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 30; i++) {
      index.add(face("f" + i, i, i % 2));
    }
    assertThat(ids(index.search("f7", Search.nearest(3)))).containsExactly("f6", "f8", "f5");
    assertThat(ids(index.search("f7", Search.nearest(2).excluding(List.of("f5", "f6", "none")))))
        .containsExactly("f8", "f9");
    assertThat(ids(index.search("f7", Search.within(2)))).containsExactly("f6", "f8", "f5", "f9");
    assertThatThrownBy(() -> index.search("f30", Search.nearest(1)))
        .isInstanceOf(UnknownFaceException.class)
        .hasMessageContaining("f30");
  }

  @Test
  void whatIsExcludedIsNotFoundAlsoAfterUpdates() {
    FaceIndex index = newIndex();
    for (int i = 0; i < 30; i++) {
      index.add(face("f" + i, i, 0));
    }
    index.update(face("f3", 3.5f, 0));
    index.remove("f4");
    Search request = Search.nearest(3).excluding(List.of("f3", "f4", "f5"));
    assertThat(ids(index.search(query(4, 0), request))).containsExactly("f2", "f6", "f1");
    List<String> all = new ArrayList<>();
    index.faces().forEach(face -> all.add(face.face().id()));
    assertThat(index.search(query(4, 0), Search.nearest(3).excluding(all)).matches()).isEmpty();
    assertThat(index.searchAll(List.of(query(4, 0), query(20, 0)), request))
        .extracting(result -> ids(result).get(0))
        .containsExactly("f2", "f20");
  }

  @Test
  void replacesAllOrNothing() {
    FaceIndex index = newIndex();
    index.addAll(List.of(face("a", 1), face("b", 2), face("c", 3)));
    index.replaceAll(Set.of("a", "b"), List.of(face("d", 4), face("b", 5)));
    assertThat(index.faces()).containsExactly(face("c", 3), face("d", 4), face("b", 5));
    assertThatThrownBy(() -> index.replaceAll(Set.of("c", "none"), List.of(face("e", 1))))
        .isInstanceOf(UnknownFaceException.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> index.replaceAll(Set.of("c"), List.of(face("d", 1))))
        .isInstanceOf(DuplicateFaceException.class);
    assertThatThrownBy(() -> index.replaceAll(Set.of("c"), List.of(face("e", 1, 2))))
        .isInstanceOf(ModelMismatchException.class);
    assertThat(index.faces()).containsExactly(face("c", 3), face("d", 4), face("b", 5));
    index.replaceAll(Set.of("c", "d"), List.of());
    assertThat(index.faces()).containsExactly(face("b", 5));
  }

  @Test
  void knowsWhereFoldersLie() {
    FaceIndex index = newIndex();
    Path folder = Path.of("photos").toAbsolutePath();
    assertThat(index.roots()).isEmpty();
    index.setRoot(PhotoRoot.of("holiday", folder));
    index.setRoot(PhotoRoot.of("work", folder));
    index.setRoot(PhotoRoot.of("holiday", folder.resolve("new")));
    assertThat(index.roots()).isEqualTo(Map.of("holiday", folder.resolve("new"), "work", folder));
    index.removeRoot("work");
    index.removeRoot("never");
    assertThat(index.roots()).containsOnlyKeys("holiday");
  }

  /** Beside one writer, each search sees all of an addAll or nothing of it. */
  @Test
  void searchesBesideAWriterSeeWholeSteps() throws Exception {
    FaceIndex index = newIndex();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      AtomicBoolean done = new AtomicBoolean();
      List<Future<?>> searches = new ArrayList<>();
      for (int t = 0; t < 2; t++) {
        searches.add(
            pool.submit(
                () -> {
                  for (int seen = 0; !done.get(); ) {
                    int now = index.search(query(1, 0), Search.nearest(10_000)).matches().size();
                    assertThat(now % 7).isZero();
                    assertThat(now).isGreaterThanOrEqualTo(seen);
                    seen = now;
                  }
                }));
      }
      try {
        for (int step = 0; step < 100; step++) {
          List<EmbeddedFace> seven = new ArrayList<>();
          for (int i = 0; i < 7; i++) {
            seven.add(face("f" + step + "." + i, step, i));
          }
          index.addAll(seven);
        }
      } finally {
        done.set(true);
      }
      for (Future<?> search : searches) {
        search.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
