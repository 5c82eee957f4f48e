package io.facesearch.index.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.SearchResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** Does what comes to an index, and compares each answer with that of a map. */
public final class RandomOperations {
  private static final int DIMENSION = 12;

  private final Random random;
  private final Map<String, EmbeddedFace> oracle = new LinkedHashMap<>();
  private FaceIndex index;
  private int next;

  public RandomOperations(FaceIndex index, long seed) {
    this.index = index;
    random = new Random(seed);
  }

  public FaceIndex index() {
    return index;
  }

  /** Goes on with another index of the same faces, such as one that was opened again. */
  public void goOnWith(FaceIndex other) {
    index = other;
    check();
  }

  public void run(int operations) {
    for (int i = 0; i < operations; i++) {
      step();
    }
    check();
  }

  private void step() {
    int what = random.nextInt(100);
    if (what < 30) {
      EmbeddedFace face = face("f" + next++);
      index.add(face);
      oracle.put(face.face().id(), face);
    } else if (what < 35) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = random.nextInt(40); i > 0; i--) {
        faces.add(face("f" + next++));
      }
      index.addAll(faces);
      faces.forEach(face -> oracle.put(face.face().id(), face));
    } else if (what < 50) {
      String id = anyId();
      assertThat(index.remove(id)).isEqualTo(oracle.remove(id) != null);
    } else if (what < 60) {
      EmbeddedFace face = face(anyId());
      if (oracle.remove(face.face().id()) != null) {
        index.update(face);
        oracle.put(face.face().id(), face);
      }
    } else if (what < 75) {
      search(face -> true, null);
    } else if (what < 92) {
      FaceFilter filter = filter(2);
      search(filter::matches, filter);
    } else if (what < 99) {
      String id = anyId();
      assertThat(index.get(id).orElse(null)).isEqualTo(oracle.get(id));
      assertThat(index.size()).isEqualTo(oracle.size());
    } else {
      String person = "p" + random.nextInt(40);
      int before = oracle.size();
      oracle.values().removeIf(face -> face.face().person().equals(java.util.Optional.of(person)));
      assertThat(index.forget(person).faces()).isEqualTo(before - oracle.size());
    }
  }

  private void check() {
    assertThat(index.faces()).isEqualTo(List.copyOf(oracle.values()));
  }

  private void search(Predicate<FaceRecord> accepted, FaceFilter filter) {
    Embedding query = vector();
    int k = 1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 12);
    List<FaceMatch> expected =
        oracle.values().stream()
            .filter(face -> accepted.test(face.face()))
            .map(face -> new FaceMatch(face.face(), face.embedding().distanceTo(query)))
            .sorted(Comparator.comparingDouble(FaceMatch::distance))
            .limit(k)
            .toList();
    SearchResult found = filter == null ? index.search(query, k) : index.search(query, k, filter);
    assertThat(found.matches()).isEqualTo(expected);
  }

  private FaceFilter filter(int depth) {
    return switch (random.nextInt(depth == 0 ? 3 : 6)) {
      case 0 -> FaceFilter.person("p" + random.nextInt(40), "p" + random.nextInt(40));
      case 1 -> FaceFilter.tag("camera", "c" + random.nextInt(3));
      case 2 -> {
        int from = random.nextInt(100);
        yield FaceFilter.tagBetween("year", from, from + random.nextInt(30));
      }
      case 3 -> filter(depth - 1).and(filter(depth - 1));
      case 4 -> filter(depth - 1).or(filter(depth - 1));
      default -> filter(depth - 1).not();
    };
  }

  private String anyId() {
    return "f" + random.nextInt(next + 2);
  }

  private EmbeddedFace face(String id) {
    FaceRecord face =
        random.nextInt(4) == 0 ? FaceRecord.of(id) : FaceRecord.of(id, "p" + random.nextInt(40));
    if (random.nextBoolean()) {
      face = face.withTag("camera", "c" + random.nextInt(3));
    }
    if (random.nextBoolean()) {
      face = face.withTag("year", random.nextInt(100));
    }
    return new EmbeddedFace(face, vector());
  }

  /** Of few values, so that distances are often equal. */
  private Embedding vector() {
    float[] vector = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = random.nextInt(5) - 2;
    }
    return Embedding.of("m", vector);
  }
}
