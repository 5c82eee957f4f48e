package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Four writers and four readers of one store, for {@code -Dfacesearch.seconds=600}, default 10.
 *
 * <p>Each writer has faces of its own, which it adds, updates to higher and higher versions and
 * removes; the version lies in the vector. For every face, what was begun and what had returned is
 * counted, so a reader knows the least and the greatest state that a search may show: that of some
 * order of the calls.
 */
class StoreThreadsTest {
  private static final int SECONDS = Integer.getInteger("facesearch.seconds", 10);
  private static final int FACES = 400;
  private static final int WRITERS = 4;

  /** Steps of a face: an odd number is a version that is there, an even one is gone. */
  private final AtomicIntegerArray begun = new AtomicIntegerArray(WRITERS * FACES);

  private final AtomicIntegerArray done = new AtomicIntegerArray(WRITERS * FACES);
  private final AtomicLong longestSearch = new AtomicLong();

  @Test
  @Tag("slow")
  void everyAnswerIsOfSomeOrder(@TempDir Path folder) throws Exception {
    long end = System.nanoTime() + SECONDS * 1_000_000_000L;
    ExecutorService threads = Executors.newFixedThreadPool(2 * WRITERS);
    long operations = 0;
    try (FaceStore store = FaceStore.open(folder)) {
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int number = i;
        results.add(threads.submit(() -> write(store, number, end)));
        results.add(threads.submit(() -> read(store, number, end)));
      }
      threads.shutdown();
      for (Future<Long> result : results) {
        operations += result.get();
      }
      store.verify();
    }
    try (FaceStore store = FaceStore.open(folder)) {
      for (int face = 0; face < begun.length(); face++) {
        int step = done.get(face);
        assertThat(store.get("f" + face).isPresent()).isEqualTo(step % 2 == 1);
      }
    }
    System.out.printf(
        "%d operations, longest search %.1f ms (with the JVM's own stops)%n",
        operations, longestSearch.get() / 1e6);
  }

  private static EmbeddedFace face(int face, int step) {
    return new EmbeddedFace(
        FaceRecord.of("f" + face, "p" + step), Embedding.of("m", 1000f * face, step, 0, 0));
  }

  /** A face goes from gone (even) to there (odd), then two steps at a time, or away. */
  private long write(FaceStore store, int writer, long end) {
    Random random = new Random(writer);
    long operations = 0;
    while (System.nanoTime() < end) {
      int face = writer * FACES + random.nextInt(FACES);
      int step = done.get(face);
      boolean isThere = step % 2 == 1;
      int next = isThere && random.nextInt(3) > 0 ? step + 2 : step + 1;
      begun.set(face, next);
      if (!isThere) {
        store.add(face(face, next));
      } else if (next == step + 2) {
        store.update(face(face, next));
      } else {
        assertThat(store.remove("f" + face)).isTrue();
      }
      done.set(face, next);
      operations++;
    }
    return operations;
  }

  private long read(FaceStore store, int reader, long end) {
    Random random = new Random(100 + reader);
    long operations = 0;
    while (System.nanoTime() < end) {
      int face = random.nextInt(WRITERS * FACES);
      int least = done.get(face);
      long start = System.nanoTime();
      List<FaceMatch> found = store.search(Embedding.of("m", 1000f * face, 0, 0, 0), 1).matches();
      longestSearch.accumulateAndGet(System.nanoTime() - start, Math::max);
      int most = begun.get(face);
      boolean isFound = !found.isEmpty() && found.get(0).face().id().equals("f" + face);
      if (isFound) {
        int step = Integer.parseInt(found.get(0).face().person().orElseThrow().substring(1));
        assertThat(step).isBetween(least, most);
        assertThat(found.get(0).distance()).isEqualTo(step); // record and vector of one version
      } else {
        // It was gone at some step between.
        assertThat(most > least || least % 2 == 0).as("%d to %d", least, most).isTrue();
      }
      operations++;
    }
    return operations;
  }
}
