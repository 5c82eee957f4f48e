package io.facesearch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Person;
import io.facesearch.testing.ListIndex;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaceClustersTest {
  private final ListIndex index = new ListIndex();
  private final FaceClusters clusters = new FaceClusters(1);

  private void add(String id, float... vector) {
    index.add(new EmbeddedFace(FaceRecord.of(id), Embedding.of("m", vector)));
  }

  private void addOf(String person, String id, float... vector) {
    index.add(new EmbeddedFace(FaceRecord.of(id, person), Embedding.of("m", vector)));
  }

  private List<List<String>> faces() {
    assertThat(clusters.update(index)).isTrue();
    return clusters.people().stream().map(Person::faceIds).toList();
  }

  private String idOf(String face) {
    return clusters.people().stream()
        .filter(person -> person.faceIds().contains(face))
        .findFirst()
        .orElseThrow()
        .id();
  }

  @Test
  void nearFacesAreOnePersonAndFarOnesAreNot() {
    add("a1", 0, 0);
    add("b1", 5, 0);
    add("a2", 0.5f, 0);
    add("b2", 5, 0.5f);
    add("a3", 0, 0.5f);
    assertThat(faces()).containsExactly(List.of("a1", "a2", "a3"), List.of("b1", "b2"));
  }

  /** Each is within the distance of the next, the ends are not: single linkage makes them one. */
  @Test
  void aChainIsNotOnePerson() {
    for (int i = 0; i < 12; i++) {
      add("f" + i, 0.9f * i, 0);
    }
    assertThat(faces()).hasSizeGreaterThan(4).allMatch(some -> some.size() <= 3);
  }

  @Test
  void aFaceBetweenTwoClustersJoinsThem() {
    add("a", 0, 0);
    add("b", 1.05f, 0);
    assertThat(faces()).hasSize(2);
    String older = idOf("a");
    add("between", 0.5f, 0);
    add("between2", 0.52f, 0);
    assertThat(faces()).hasSize(1);
    assertThat(idOf("b")).isEqualTo(older);
  }

  /** A burst, or the frames of a film: the copies of one photo hide the other photos. */
  @Test
  void copiesOfAPhotoArePartOfTheirPerson() {
    for (int copy = 0; copy < 40; copy++) {
      for (int photo = 0; photo < 4; photo++) {
        for (int person = 0; person < 3; person++) {
          add(person + ":" + photo + ":" + copy, 5 * person, 0.2f * photo);
        }
      }
    }
    assertThat(faces()).hasSize(3).allMatch(some -> some.size() == 160);
  }

  @Test
  void namesHoldTogetherAndApart() {
    addOf("Ann", "a1", 0, 0);
    addOf("Ann", "a2", 9, 0); // far, but she
    addOf("Bob", "b1", 0.1f, 0); // near, but he
    add("x", 9.1f, 0);
    assertThat(faces()).hasSize(3); // the mean distance to Ann counts, and she is spread wide
    assertThat(clusters.people().get(0).name()).contains("Ann");
    assertThat(idOf("a1")).isEqualTo(idOf("a2")).isNotEqualTo(idOf("b1"));
  }

  @Test
  void idsStayWhenFacesComeAndGo() {
    add("a1", 0, 0);
    add("a2", 0.1f, 0);
    add("b1", 5, 0);
    faces();
    String a = idOf("a1");
    String b = idOf("b1");
    index.remove("a1");
    add("b2", 5.1f, 0);
    faces();
    assertThat(idOf("a2")).isEqualTo(a);
    assertThat(idOf("b2")).isEqualTo(b);
    index.update(new EmbeddedFace(FaceRecord.of("a2"), Embedding.of("m", 5, 0.1f)));
    assertThat(faces()).containsExactly(List.of("b1", "b2", "a2"));
    add("a3", 0, 0);
    faces();
    assertThat(idOf("a3")).isNotEqualTo(a); // an id is never used again
  }

  @Test
  void similarPeopleAreAskedAboutUntilTheyAreKeptApart() {
    add("a1", 0, 0);
    add("a2", 0.1f, 0);
    add("b1", 1.1f, 0); // a little farther than one person's faces lie apart
    add("far", 5, 0);
    assertThat(faces()).hasSize(3);
    assertThat(clusters.similar(idOf("a1"), index))
        .extracting(Person::id)
        .containsExactly(idOf("b1"));
    assertThat(clusters.similar(idOf("b1"), index))
        .extracting(Person::id)
        .containsExactly(idOf("a1"));
    clusters.keepApart(idOf("a1"), idOf("b1"));
    assertThat(clusters.similar(idOf("a1"), index)).isEmpty();
    assertThat(clusters.similar(idOf("b1"), index)).isEmpty();
    add("between", 0.6f, 0); // which would have made them one
    assertThat(faces()).hasSize(3);
    assertThat(FaceClusters.decode(clusters.encode()).similar(idOf("b1"), index)).isEmpty();
    assertThatThrownBy(() -> clusters.keepApart(idOf("a1"), idOf("a2")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPersonWhoseNameNoFaceBearsHasNone() {
    addOf("Ann", "a1", 0, 0);
    add("a2", 0.1f, 0);
    faces();
    assertThat(clusters.people().get(0).name()).contains("Ann");
    index.update(new EmbeddedFace(FaceRecord.of("a1"), index.get("a1").orElseThrow().embedding()));
    assertThat(faces()).hasSize(1);
    assertThat(clusters.people().get(0).name()).isEmpty();
  }

  @Test
  void whatTheUserMergedAndSplitStaysSo() {
    add("a1", 0, 0);
    add("a2", 0.1f, 0);
    add("a3", 0.2f, 0);
    add("far", 7, 0);
    faces();
    assertThat(clusters.merge(idOf("a1"), idOf("far")).faceIds()).hasSize(4);
    Person other = clusters.split(idOf("a1"), List.of("a3"), index);
    assertThat(other.faceIds()).containsExactly("a3");
    add("a4", 0.15f, 0);
    add("a5", 0.16f, 0);
    faces();
    assertThat(idOf("a3")).isNotEqualTo(idOf("a1"));
    assertThat(idOf("far")).isEqualTo(idOf("a1"));

    FaceClusters read = FaceClusters.decode(clusters.encode());
    assertThat(read.people()).isEqualTo(clusters.people());
    add("a6", 0.15f, 0);
    clusters.update(index);
    read.update(index);
    assertThat(read.people()).isEqualTo(clusters.people());
    read.merge(idOf("a1"), idOf("a3"));
    assertThat(read.people()).hasSize(1);
  }

  @Test
  void peopleStayTheSameWithOtherVectors() {
    add("a1", 0, 0);
    add("a2", 0.1f, 0);
    add("a3", 0.2f, 0);
    add("gone", 0.3f, 0);
    add("far", 7, 0);
    addOf("Ann", "ann", 20, 0);
    faces();
    clusters.merge(idOf("a1"), idOf("far"));
    clusters.split(idOf("a1"), List.of("a3"), index);
    ListIndex other = new ListIndex();
    for (String id : List.of("far", "a1", "a2", "a3")) {
      other.add(new EmbeddedFace(FaceRecord.of(id), Embedding.of("n", 1, 1, 1)));
    }
    other.add(new EmbeddedFace(FaceRecord.of("ann", "Ann"), Embedding.of("n", 1, 1, 1)));
    other.add(new EmbeddedFace(FaceRecord.of("new"), Embedding.of("n", 9, 1, 1)));

    FaceClusters taken = clusters.withVectorsOf(other, 2);
    assertThat(taken.update(other)).isTrue();
    List<Person> people = taken.people();
    assertThat(people)
        .contains(
            new Person(idOf("a1"), null, List.of("a1", "a2", "far")),
            new Person(idOf("a3"), null, List.of("a3")),
            new Person(idOf("ann"), "Ann", List.of("ann")))
        .hasSize(4);
    assertThat(people.get(3).faceIds()).containsExactly("new");
    assertThat(clusters.people()).noneMatch(person -> person.id().equals(people.get(3).id()));
    assertThat(FaceClusters.decode(taken.encode()).people()).isEqualTo(people);
  }

  @Test
  void wrongCorrectionsAreRefused() {
    addOf("Ann", "a", 0, 0);
    addOf("Bob", "b", 5, 0);
    add("c1", 9, 0);
    add("c2", 9.1f, 0);
    add("a2", 0.1f, 0);
    faces();
    assertThatThrownBy(() -> clusters.merge(idOf("a"), idOf("b"))).hasMessageContaining("Bob");
    assertThatThrownBy(() -> clusters.merge(idOf("a"), "person-99"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("person-99");
    assertThatThrownBy(() -> clusters.split(idOf("c1"), List.of("c1", "c2"), index))
        .hasMessageContaining("some but not all of the 2");
    assertThatThrownBy(() -> clusters.split(idOf("c1"), List.of("a"), index))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> clusters.split(idOf("a"), List.of("a"), index))
        .hasMessageContaining("Ann");
    assertThat(clusters.split(idOf("a"), List.of("a2"), index).name()).isEmpty();
    assertThatThrownBy(() -> new FaceClusters(0)).hasMessageContaining("above 0");
  }

  /** Whatever comes, each face is in one person, and people of one name are one. */
  @Test
  void everyFaceHasOnePersonAndDamageIsRefused() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      if (random.nextInt(4) == 0) {
        index.remove("f" + random.nextInt(i + 1));
      }
      float[] vector = {random.nextInt(4), random.nextInt(4), random.nextFloat()};
      if (random.nextInt(5) == 0) {
        addOf("p" + random.nextInt(4), "f" + i, vector);
      } else {
        add("f" + i, vector);
      }
      if (random.nextInt(20) == 0) {
        List<String> ids = faces().stream().flatMap(List::stream).toList();
        Set<String> expected = new HashSet<>();
        index.faces().forEach(face -> expected.add(face.face().id()));
        assertThat(ids).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(expected);
      }
    }
    byte[] bytes = clusters.encode();
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = bytes.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      if (random.nextInt(4) == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      try {
        FaceClusters.decode(damaged).people();
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("p");
      }
    }
  }
}
