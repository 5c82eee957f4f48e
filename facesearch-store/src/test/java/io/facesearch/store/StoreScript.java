package io.facesearch.store;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Changes that a seed determines, each whole or not at all: the same script tells a process what to
 * do, and another what must be there after n of its changes.
 */
final class StoreScript {
  /** Enough that there is a tree file. */
  static final int FIRST = 1100;

  private final long seed;
  private final Map<String, EmbeddedFace> faces = new LinkedHashMap<>();
  private final List<String> ids = new ArrayList<>();
  private int done;

  StoreScript(long seed) {
    this.seed = seed;
  }

  int done() {
    return done;
  }

  List<EmbeddedFace> faces() {
    return List.copyOf(faces.values());
  }

  /**
   * Makes the next change, also in an index if there is one; returns whether it is a forgetting.
   */
  boolean next(FaceIndex index) {
    Random random = new Random(seed * 1_000_003 + done);
    int what = done == 0 ? 100 : random.nextInt(100);
    boolean forgets = false;
    if (what < 40) {
      add(index, List.of(face(random, "f" + done)));
    } else if (what < 55 || what == 100) {
      List<EmbeddedFace> some = new ArrayList<>();
      int count = what == 100 ? FIRST : 1 + random.nextInt(60);
      for (int i = 0; i < count; i++) {
        some.add(face(random, "f" + done + "." + i));
      }
      add(index, some);
    } else if (what < 80 || faces.size() < FIRST) {
      EmbeddedFace face = face(random, any(random));
      if (index != null) {
        index.update(face);
      }
      faces.remove(face.face().id());
      faces.put(face.face().id(), face);
    } else if (what < 99) {
      String id = any(random);
      if (index != null && !index.remove(id)) {
        throw new AssertionError(id + " was not there to be removed");
      }
      faces.remove(id);
      ids.remove(id);
    } else {
      String person = "p" + random.nextInt(50);
      faces.values().removeIf(face -> face.face().person().equals(Optional.of(person)));
      ids.retainAll(faces.keySet());
      if (index != null) {
        index.forget(person);
      }
      forgets = true;
    }
    done++;
    return forgets;
  }

  private void add(FaceIndex index, List<EmbeddedFace> some) {
    if (index != null) {
      index.addAll(some);
    }
    for (EmbeddedFace face : some) {
      faces.put(face.face().id(), face);
      ids.add(face.face().id());
    }
  }

  private String any(Random random) {
    return ids.get(random.nextInt(ids.size()));
  }

  private static EmbeddedFace face(Random random, String id) {
    float[] vector = new float[16];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = random.nextFloat();
    }
    return new EmbeddedFace(FaceRecord.of(id, "p" + random.nextInt(50)), Embedding.of("m", vector));
  }
}
