package io.facesearch.server;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of one request into memory, never to disk, as it arrives: no thread waits for it.
 * Each piece is counted before it is kept.
 */
final class BodyReader implements Runnable {
  private static final int BLOCK = 8192;

  private final Request request;
  private final Exchange exchange;
  private final int most;
  private @Nullable List<byte[]> parts = new ArrayList<>();

  /** Bytes of the last part that are filled. */
  private int filled;

  private boolean started;
  private boolean ended;
  private volatile boolean dropping;
  private volatile long received;
  private long dropMost;
  private @Nullable Runnable afterDrop;

  BodyReader(Request request, Exchange exchange, int most) {
    this.request = request;
    this.exchange = exchange;
    this.most = most;
  }

  long received() {
    return received;
  }

  synchronized boolean isEnded() {
    return ended;
  }

  void start() {
    synchronized (this) {
      started = true;
    }
    run();
  }

  /** Lets go of what was read: it is no longer wanted. */
  synchronized void forget() {
    parts = null;
  }

  /**
   * Throws the rest away, as clients that are still sending would see a broken connection, not the
   * answer; not more than so many bytes.
   *
   * @return false if there is no rest
   */
  boolean drop(long atMost, Runnable then) {
    synchronized (this) {
      if (ended) {
        return false;
      }
      dropMost = received + atMost;
      afterDrop = then;
      dropping = true;
      parts = null;
      if (started) {
        return true;
      }
      started = true;
    }
    run();
    return true;
  }

  /** Goes on with what has arrived; called by one thread at a time. */
  @Override
  public void run() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        end(chunk.getFailure(), null);
        return;
      }
      boolean last = chunk.isLast();
      Problem problem = keep(chunk);
      chunk.release();
      if (last) {
        end(null, problem);
        return;
      }
      if (problem != null) {
        exchange.refuse(problem); // and drop the rest
      }
      if (dropping && received > dropMost) {
        end(null, null);
        return;
      }
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time reads
  private @Nullable Problem keep(Content.Chunk chunk) {
    ByteBuffer bytes = chunk.getByteBuffer();
    int size = bytes.remaining();
    received += size;
    if (dropping || size == 0) {
      return null;
    }
    if (received > most) {
      return Exchange.tooLarge(most, "more");
    }
    synchronized (this) {
      if (parts != null && !parts.isEmpty()) {
        byte[] last = parts.get(parts.size() - 1);
        int fits = Math.min(size, last.length - filled);
        bytes.get(last, filled, fits);
        filled += fits;
      }
    }
    if (!bytes.hasRemaining()) {
      return null;
    }
    // A whole block also for a chunk of one byte: an array each would take many times its size.
    int some = bytes.remaining();
    long length = request.getLength();
    long rest = (length < 0 ? most : Math.min(length, most)) - received + some;
    int room = (int) Math.max(some, Math.min(rest, BLOCK));
    if (!exchange.take(room)) {
      return Exchange.full();
    }
    byte[] part = new byte[room];
    bytes.get(part, 0, some);
    synchronized (this) {
      if (parts != null) {
        parts.add(part);
        filled = some;
      }
    }
    return null;
  }

  private void end(@Nullable Throwable failure, @Nullable Problem problem) {
    List<byte[]> kept;
    Runnable then;
    synchronized (this) {
      ended = true;
      kept = parts;
      parts = null; // whoever makes the whole of them lets go of them
      then = afterDrop;
    }
    if (then != null) {
      then.run();
    } else if (failure != null) {
      exchange.brokenBody();
    } else if (problem != null) {
      exchange.refuse(problem);
    } else if (kept != null) {
      exchange.whole(kept, (int) received);
    }
  }
}
