package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.index.SigmoidTreeIndex;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four writers and four readers at one store. */
class StoreConcurrencyTest {
  private static final int WRITERS = 4;
  private static final int KEPT = 60;
  private static final int FIRST = 3 * KEPT + 3;

  @TempDir Path temp;

  /**
   * Each writer goes through a known row of states, so an answer that holds all faces tells how far
   * each writer was. It must be no less far than when the search began and no further than when it
   * ended, and of all answers one must be an earlier or a later state of any other: then one order
   * of all changes explains all answers. {@code -Dfacesearch.test.seconds=600} for longer.
   */
  @Tag("slow")
  @Test
  void oneOrderOfChangesExplainsAllAnswers() throws Exception {
    int seconds = Integer.getInteger("facesearch.test.seconds", 12);
    AtomicLong collecting = new AtomicLong();
    List<Runnable> stopListening = listen(collecting);
    Stops stops = new Stops();
    try (FaceStore store =
        FaceStore.builder(temp.resolve("s"))
            .sync(SyncPolicy.interval(Duration.ofMillis(50)))
            .index(SigmoidTreeIndex.builder().leafSize(8).rebuildShare(0.1))
            .open()) {
      AtomicIntegerArray begun = new AtomicIntegerArray(WRITERS);
      AtomicIntegerArray done = new AtomicIntegerArray(WRITERS);
      Set<List<Integer>> answers = ConcurrentHashMap.newKeySet();
      for (int w = 0; w < WRITERS; w++) {
        // The first steps are not all changes; all later ones are.
        for (int step = 0; step < FIRST; step++) {
          change(store, w, step);
        }
        begun.set(w, FIRST);
        done.set(w, FIRST);
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      ExecutorService threads = Executors.newCachedThreadPool();
      List<Future<?>> running = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        int w = writer;
        running.add(
            threads.submit(
                () -> {
                  for (int step = FIRST; System.nanoTime() < end; step++) {
                    begun.incrementAndGet(w);
                    change(store, w, step);
                    done.incrementAndGet(w);
                  }
                }));
      }
      for (int reader = 0; reader < 4; reader++) {
        running.add(
            threads.submit(
                () -> {
                  int[] last = new int[WRITERS];
                  while (System.nanoTime() < end) {
                    int[] least = new int[WRITERS];
                    for (int w = 0; w < WRITERS; w++) {
                      least[w] = Math.max(last[w], done.get(w));
                    }
                    long start = System.nanoTime();
                    long collected = collecting.get();
                    List<FaceMatch> found =
                        store.search(Embedding.of("m", 0, 0, 0), Integer.MAX_VALUE).matches();
                    stops.add(
                        System.nanoTime() - start - (collecting.get() - collected) * 1_000_000);
                    int[] most = new int[WRITERS];
                    for (int w = 0; w < WRITERS; w++) {
                      most[w] = begun.get(w);
                    }
                    for (int w = 0; w < WRITERS; w++) {
                      last[w] = steps(found, w);
                      assertThat(last[w]).isBetween(least[w], most[w]);
                    }
                    answers.add(List.of(last[0], last[1], last[2], last[3]));
                  }
                }));
      }
      // What the machine itself stops a thread that does next to nothing.
      Stops idle = new Stops();
      running.add(
          threads.submit(
              () -> {
                while (System.nanoTime() < end) {
                  long start = System.nanoTime();
                  long collected = collecting.get();
                  Thread.sleep(1);
                  idle.add(
                      System.nanoTime()
                          - start
                          - 1_000_000
                          - (collecting.get() - collected) * 1_000_000);
                }
                return null;
              }));
      for (Future<?> each : running) {
        each.get();
      }
      threads.shutdown();
      List<List<Integer>> ordered = new ArrayList<>(answers);
      ordered.sort(Comparator.comparingInt(a -> a.stream().mapToInt(i -> i).sum()));
      for (int i = 1; i < ordered.size(); i++) {
        for (int w = 0; w < WRITERS; w++) {
          assertThat(ordered.get(i).get(w)).isGreaterThanOrEqualTo(ordered.get(i - 1).get(w));
        }
      }
      int changes = 0;
      for (int w = 0; w < WRITERS; w++) {
        changes += done.get(w);
      }
      assertThat(answers).hasSizeGreaterThan(100);
      store.verify();
      System.out.printf(
          "%d s: %d changes, %d searches, %d different answers; without garbage collection, a"
              + " search took %s; a thread that slept 1 ms woke up later by %s%n",
          seconds, changes - WRITERS * FIRST, stops.count.get(), answers.size(), stops, idle);
    } finally {
      stopListening.forEach(Runnable::run);
    }
  }

  /** The longest times, and how many there were above 50 ms. */
  private static final class Stops {
    private final AtomicLong count = new AtomicLong();
    private final TreeSet<Long> longest = new TreeSet<>();
    private long tooLong;

    synchronized void add(long nanos) {
      count.incrementAndGet();
      longest.add(nanos);
      if (longest.size() > 5) {
        longest.pollFirst();
      }
      tooLong += nanos > 50_000_000 ? 1 : 0;
    }

    @Override
    public synchronized String toString() {
      return "at most "
          + longest.descendingSet().stream().map(n -> n / 1_000_000 + " ms").toList()
          + ", "
          + tooLong
          + " times above 50 ms";
    }
  }

  /** Sums the milliseconds of garbage collections. */
  private static List<Runnable> listen(AtomicLong collecting) {
    List<Runnable> stop = new ArrayList<>();
    for (GarbageCollectorMXBean bean : ManagementFactory.getGarbageCollectorMXBeans()) {
      NotificationEmitter emitter = (NotificationEmitter) bean;
      javax.management.NotificationListener listener =
          (notification, ignored) ->
              collecting.addAndGet(
                  GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData())
                      .getGcInfo()
                      .getDuration());
      emitter.addNotificationListener(listener, null, null);
      stop.add(
          () -> {
            try {
              emitter.removeNotificationListener(listener);
            } catch (javax.management.ListenerNotFoundException e) {
              throw new AssertionError(e);
            }
          });
    }
    return stop;
  }

  /** In turns a face is added, an older one changed, and the oldest removed. */
  private static void change(FaceStore store, int writer, int step) {
    int n = step / 3;
    switch (step % 3) {
      case 0 -> store.add(face(writer, n, 0));
      case 1 -> {
        if (n >= KEPT / 2) {
          store.update(face(writer, n - KEPT / 2, 1));
        }
      }
      default -> {
        if (n >= KEPT) {
          assertThat(store.remove(writer + "/" + (n - KEPT))).isTrue();
        }
      }
    }
  }

  private static EmbeddedFace face(int writer, int n, int version) {
    return new EmbeddedFace(
        FaceRecord.of(writer + "/" + n).withTag("version", version),
        Embedding.of("m", n % 17, writer, version));
  }

  /** After how many steps of a writer its faces are these. */
  private static int steps(List<FaceMatch> found, int writer) {
    Map<Integer, Integer> versions = new HashMap<>();
    for (FaceMatch match : found) {
      String[] parts = match.face().id().split("/");
      if (Integer.parseInt(parts[0]) == writer) {
        String version = match.face().tags().get("version").toString();
        versions.put(Integer.parseInt(parts[1]), Integer.parseInt(version));
      }
    }
    int n = versions.keySet().stream().mapToInt(i -> i).max().getAsInt();
    for (int steps = 3 * n + 1; steps <= 3 * n + 3; steps++) {
      if (versions.equals(after(steps))) {
        return steps;
      }
    }
    throw new AssertionError("writer " + writer + " never had the faces " + versions);
  }

  private static Map<Integer, Integer> after(int steps) {
    int added = (steps + 2) / 3;
    int updated = (steps + 1) / 3 - KEPT / 2;
    int removed = steps / 3 - KEPT;
    Map<Integer, Integer> versions = new HashMap<>();
    for (int n = Math.max(0, removed); n < added; n++) {
      versions.put(n, n < updated ? 1 : 0);
    }
    return versions;
  }
}
