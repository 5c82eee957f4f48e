package io.facesearch.index.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.Search;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Does what comes to an index, and compares each answer with that of a map. */
public final class RandomOperations {
  private static final int DIMENSION = 12;

  private final Random random;
  private final RandomRequests requests;
  private final Map<String, EmbeddedFace> oracle = new LinkedHashMap<>();
  private FaceIndex index;
  private int next;

  public RandomOperations(FaceIndex index, long seed) {
    this.index = index;
    random = new Random(seed);
    requests = new RandomRequests(random);
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
      search(Search.nearest(1 + random.nextInt(random.nextInt(10) == 0 ? 200 : 12)));
    } else if (what < 92) {
      search(requests.request(List.of("f0", anyId(), anyId()), List.of(2.0, 5.0, Math.sqrt(37))));
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

  private void search(Search request) {
    Embedding query = vector();
    List<FaceMatch> expected =
        oracle.values().stream()
            .filter(face -> request.accepts(face.face()))
            .map(face -> new FaceMatch(face.face(), face.embedding().distanceTo(query)))
            .filter(match -> match.distance() <= request.distance())
            .sorted(Comparator.comparingDouble(FaceMatch::distance))
            .limit(request.k())
            .toList();
    assertThat(index.search(query, request).matches()).as("%s", request).isEqualTo(expected);
  }

  private String anyId() {
    return "f" + random.nextInt(next + 2);
  }

  private EmbeddedFace face(String id) {
    return new EmbeddedFace(requests.record(id), vector());
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
