package io.facesearch.server;

import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;

/**
 * How many connections there are, and how long each may take for what it does. A connection holds
 * no thread while it waits, so what it costs is memory; the more there are, the less patience each
 * gets, and when there is no room for another, the one that waits for longest makes it.
 * Thread-safe.
 */
final class Connections implements Connection.Listener {
  private static final int MOST = 4000;

  /** Of the heap, for each connection. */
  private static final int BYTES = 1 << 17;

  /** Requests of one connection: a stream without end would keep a thread to itself. */
  static final int REQUESTS = 1000;

  /** For a whole header, and for the next request. */
  private static final Duration WAIT = Duration.ofSeconds(15);

  private static final Duration DRAIN = Duration.ofSeconds(3);
  private static final Duration GRACE = Duration.ofSeconds(5);

  /** Slower than any telephone. */
  private static final int BYTES_PER_SECOND = 8 << 10;

  /** What a connection does; those that may be closed for another come first. */
  enum Phase {
    /** No request was ever whole. */
    NEW,
    /** Between two requests. */
    IDLE,
    /** The answer is given, the rest of the body is thrown away. */
    DRAINING,
    /** A body arrives. */
    READING,
    /** The answer to a wrong token is held back. */
    HELD,
    /** An answer is written. */
    WRITING,
    /** Events are told. */
    EVENTS,
    /** The server works. */
    WORKING
  }

  /** One connection. */
  static final class Tracked {
    private final EndPoint endPoint;
    private volatile Phase phase = Phase.NEW;
    private volatile long since = System.nanoTime();
    private volatile @Nullable Exchange exchange;
    private volatile long bytes;
    private volatile int requests;

    private Tracked(EndPoint endPoint) {
      this.endPoint = endPoint;
    }

    void phase(Phase next) {
      since = System.nanoTime();
      phase = next;
    }

    /** An answer of that size is written. */
    void writing(long size) {
      bytes = size;
      phase(Phase.WRITING);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one request at a time
    void begin(Exchange next) {
      requests++;
      exchange = next;
      phase(Phase.WORKING);
    }

    void end() {
      exchange = null;
      phase(Phase.IDLE);
    }

    boolean isLastRequest() {
      return requests >= REQUESTS;
    }

    void close() {
      endPoint.close();
    }
  }

  private final Map<EndPoint, Tracked> all = new ConcurrentHashMap<>();
  private final Duration requestTime;
  private final int most;

  Connections(Duration requestTime) {
    this.requestTime = requestTime;
    most = most();
  }

  /** No more than the heap has room for, or half of the files that this process may open. */
  private static int most() {
    long most = Math.min(MOST, Runtime.getRuntime().maxMemory() / BYTES);
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    if (system instanceof com.sun.management.UnixOperatingSystemMXBean unix) {
      most = Math.min(most, unix.getMaxFileDescriptorCount() / 2);
    }
    return (int) Math.max(16, most);
  }

  @Override
  public void onOpened(Connection connection) {
    EndPoint endPoint = connection.getEndPoint();
    all.put(endPoint, new Tracked(endPoint));
    if (all.size() > most) {
      makeRoom();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    Tracked tracked = all.remove(connection.getEndPoint());
    Exchange exchange = tracked == null ? null : tracked.exchange;
    if (exchange != null) {
      exchange.disconnected();
    }
  }

  Tracked of(EndPoint endPoint) {
    return all.computeIfAbsent(endPoint, Tracked::new);
  }

  int size() {
    return all.size();
  }

  private synchronized void makeRoom() {
    Tracked worst = null;
    for (Tracked one : all.values()) {
      if (worst == null
          || one.phase.compareTo(worst.phase) < 0
          || (one.phase == worst.phase && one.since - worst.since < 0)) {
        worst = one;
      }
    }
    if (worst != null) {
      all.remove(worst.endPoint);
      Exchange exchange = worst.exchange;
      worst.close();
      if (exchange != null) {
        exchange.disconnected();
      }
    }
  }

  /** Closes or answers what takes too long; called every now and then. */
  void watch() {
    long now = System.nanoTime();
    Collection<Tracked> connections = all.values();
    double crowd = connections.size() / (double) most;
    double patience = crowd < 0.5 ? 1 : crowd < 0.8 ? 0.2 : 0.05;
    for (Tracked one : connections) {
      // Read in this order: a phase that has just changed is seen with too small an age.
      Exchange exchange = one.exchange;
      Phase phase = one.phase;
      double age = (now - one.since) / 1e9;
      switch (phase) {
        case NEW -> closeAfter(one, age, Math.max(2, patience * seconds(WAIT)));
        case IDLE -> closeAfter(one, age, patience * seconds(WAIT));
        case DRAINING -> closeAfter(one, age, Math.max(0.3, patience * seconds(DRAIN)));
        case WRITING ->
            closeAfter(one, age, patience * seconds(GRACE) + one.bytes / (double) BYTES_PER_SECOND);
        case READING -> {
          double grace = Math.max(1, patience * seconds(GRACE));
          if (exchange != null
              && (age > seconds(requestTime)
                  || (age > grace && exchange.received() < (age - grace) * BYTES_PER_SECOND))) {
            exchange.tooSlow();
          }
        }
        case WORKING -> {
          if (exchange != null && age > seconds(requestTime)) {
            exchange.timeout();
          }
        }
        default -> {
          // Its owner watches it.
        }
      }
    }
  }

  private static void closeAfter(Tracked one, double age, double seconds) {
    if (age > seconds) {
      one.close();
    }
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
