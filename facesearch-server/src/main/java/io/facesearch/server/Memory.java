package io.facesearch.server;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The heap that requests in flight may hold together. Bytes are counted before they are taken; when
 * all are, the upload of which nothing has arrived for longest makes room, so that stalled uploads
 * cannot keep everybody out. Thread-safe.
 */
final class Memory {
  /** Uploads of which something arrived so recently are not driven out. */
  private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(50);

  private final long most;
  private final Map<Exchange, Long> sending = new LinkedHashMap<>();
  private long taken;

  Memory(long most) {
    this.most = most;
  }

  long most() {
    return most;
  }

  synchronized long taken() {
    return taken;
  }

  /** Takes bytes for a request; false if there are none. */
  boolean take(Exchange exchange, long bytes) {
    while (true) {
      Exchange oldest;
      synchronized (this) {
        if (taken + bytes <= most) {
          taken += bytes;
          if (sending.remove(exchange) != null) {
            sending.put(exchange, System.nanoTime()); // the last, now
          }
          return true;
        }
        oldest = bytes > most ? null : oldest(exchange);
      }
      if (oldest == null) {
        return false;
      }
      oldest.driveOut();
    }
  }

  private @Nullable Exchange oldest(Exchange asking) {
    Iterator<Map.Entry<Exchange, Long>> all = sending.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<Exchange, Long> next = all.next();
      if (System.nanoTime() - next.getValue() < GRACE) {
        return null;
      }
      if (next.getKey() != asking) {
        all.remove();
        return next.getKey();
      }
    }
    return null;
  }

  synchronized void give(long bytes) {
    taken -= bytes;
  }

  /** The request's body begins to arrive. */
  synchronized void begin(Exchange exchange) {
    sending.put(exchange, System.nanoTime());
  }

  /** The request's body is there, or no longer wanted. */
  synchronized void end(Exchange exchange) {
    sending.remove(exchange);
  }
}
