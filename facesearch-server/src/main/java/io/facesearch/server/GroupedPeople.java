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
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The people of a gallery as they were grouped last. Grouping takes a search for each new face, so
 * it runs in a thread of its own. Who asks waits only for its first moments: while it takes long,
 * nobody waits, so that it does not keep the threads that answer. Thread-safe.
 */
final class GroupedPeople implements AutoCloseable {
  /** Larger galleries are grouped when somebody asks: that takes minutes. */
  private static final int AT_ONCE = 100_000;

  private final LongSupplier version;
  private final Supplier<List<Person>> people;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread worker = new Thread(task, "facesearch-people");
            worker.setDaemon(true);
            return worker;
          });
  private volatile State state = new State(-1, List.of());
  private @Nullable Grouping running;

  private record Grouping(Future<?> future, long start) {}

  GroupedPeople(Gallery gallery) {
    this(gallery::version, gallery::people);
  }

  /**
   * @param version of the gallery, which each change raises
   * @param people groups them
   */
  GroupedPeople(LongSupplier version, Supplier<List<Person>> people) {
    this.version = version;
    this.people = people;
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

  /** Those of now, if they are known so soon after grouping began; else those of before. */
  State within(Duration patience) {
    long wanted = version.getAsLong();
    long end = System.nanoTime() + patience.toNanos();
    try {
      // What is running may have begun before the last change.
      while (state.version < wanted && System.nanoTime() <= end) {
        Grouping grouping = start();
        long last = Math.min(end, grouping.start + patience.toNanos());
        grouping.future.get(Math.max(0, last - System.nanoTime()), TimeUnit.NANOSECONDS);
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

  /** Begins to group so many faces, so that whoever looks finds people. */
  void begin(int faces) {
    if (faces > 0 && faces <= AT_ONCE) {
      var unused = start();
    }
  }

  /** Whether what is known is of the gallery as it is now. */
  boolean isCurrent() {
    return state.version == version.getAsLong();
  }

  private synchronized Grouping start() {
    Grouping now = running;
    if (now == null || now.future.isDone()) {
      now = new Grouping(thread.submit(this::group), System.nanoTime());
      running = now;
    }
    return now;
  }

  private void group() {
    long before = version.getAsLong(); // what changes meanwhile is grouped the next time
    state = new State(before, people.get());
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
