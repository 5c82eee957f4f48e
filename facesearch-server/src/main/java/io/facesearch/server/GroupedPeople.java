package io.facesearch.server;

import io.facesearch.Gallery;
import io.facesearch.Person;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The people of a gallery as they were grouped last. Grouping takes a search for each new face, so
 * it runs in a thread of its own, and who asks waits only a while. Thread-safe.
 */
final class GroupedPeople implements AutoCloseable {
  /** Larger galleries are grouped when somebody asks: that takes minutes. */
  private static final int AT_ONCE = 100_000;

  private final Gallery gallery;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread worker = new Thread(task, "facesearch-people");
            worker.setDaemon(true);
            return worker;
          });
  private volatile State state = new State(-1, List.of());
  private @Nullable Future<?> running;

  GroupedPeople(Gallery gallery) {
    this.gallery = gallery;
  }

  /** People of one version of the gallery. */
  static final class State {
    private final long version;
    private final List<Person> people;
    private final Map<String, Person> byFace = new HashMap<>();
    private final Map<String, Person> byId = new HashMap<>();

    State(long version, List<Person> people) {
      this.version = version;
      this.people = people;
      for (Person person : people) {
        byId.put(person.id(), person);
        person.faceIds().forEach(face -> byFace.put(face, person));
      }
    }

    /** Those with most faces first. */
    List<Person> people() {
      return people;
    }

    Optional<Person> of(String face) {
      return Optional.ofNullable(byFace.get(face));
    }

    Optional<Person> person(String id) {
      return Optional.ofNullable(byId.get(id));
    }
  }

  /** Those of now, if they are known within that time; else those of before. */
  State within(Duration patience) {
    long wanted = gallery.version();
    long end = System.nanoTime() + patience.toNanos();
    try {
      // What is running may have begun before the last change.
      for (long left = patience.toNanos();
          state.version < wanted && left >= 0;
          left = end - System.nanoTime()) {
        start().get(left, TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException | CancellationException e) {
      return state; // it goes on, or the server stops
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure
          && !(failure instanceof CancellationException)) {
        throw failure;
      }
    }
    return state;
  }

  /** Begins to group, so that whoever looks finds people. */
  void begin() {
    if (gallery.size() > 0 && gallery.size() <= AT_ONCE) {
      var unused = start();
    }
  }

  /** Whether what is known is of the gallery as it is now. */
  boolean isCurrent() {
    return state.version == gallery.version();
  }

  private synchronized Future<?> start() {
    Future<?> now = running;
    if (now == null || now.isDone()) {
      now = thread.submit(this::group);
      running = now;
    }
    return now;
  }

  private void group() {
    long version = gallery.version(); // before: what changes meanwhile is grouped the next time
    state = new State(version, gallery.people());
  }

  /** Ends grouping; what was done is kept. */
  @Override
  public void close() {
    thread.shutdownNow();
    try {
      thread.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
