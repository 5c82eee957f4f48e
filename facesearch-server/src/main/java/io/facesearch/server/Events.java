package io.facesearch.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells browsers how far the indexing is, as server-sent events: at once what is known, then every
 * change, at most four a second. A browser that reads slowly is told less, and nobody waits for it.
 * When there are too many, the oldest is let go; browsers come back by themselves. Thread-safe.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">the standard</a>
 */
final class Events implements AutoCloseable {
  static final int MAX_CLIENTS = 100;
  static final int PERIOD_MILLIS = 250;

  /** A sign of life every 10 s, by which closed connections are noticed. */
  private static final int HEARTBEAT = 40;

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(10);

  private final Deque<Client> clients = new ArrayDeque<>();
  private final Supplier<String> state;
  private final Executor threads;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** What is known last; empty before anything is. Guarded by this, as {@code quiet} is. */
  private String last = "";

  private int quiet;

  /**
   * Tells what a supplier gives whenever it changes.
   *
   * @param state JSON; it may take long, or fail, while a gallery does not answer
   * @param threads where it is asked for
   */
  Events(Supplier<String> state, Executor threads) {
    this.state = state;
    this.threads = threads;
  }

  /** One browser. */
  private static final class Client {
    private final Exchange exchange;
    private boolean writing;
    private boolean ending;
    private long since;
    private String told = "";

    Client(Exchange exchange) {
      this.exchange = exchange;
    }

    /** Tells a state that it was not told yet; later, if something is still on its way. */
    synchronized boolean tell(String data) {
      if (data.equals(told) || !write("event: progress\ndata: " + data + "\n\n")) {
        return false;
      }
      told = data;
      return true;
    }

    /** Writes unless something is still on its way. */
    synchronized boolean write(String text) {
      if (writing) {
        return false;
      }
      writing = true;
      since = System.nanoTime();
      exchange
          .response()
          .write(
              false,
              ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)),
              Callback.from(this::written, failure -> exchange.done(false)));
      return true;
    }

    private synchronized void written() {
      writing = false;
      if (ending) {
        exchange.done(true);
      }
    }

    synchronized boolean isStuck() {
      return writing && System.nanoTime() - since > PATIENCE;
    }

    synchronized void end() {
      ending = true;
      if (!writing) {
        exchange.done(true);
      }
    }
  }

  void connect(Exchange exchange) {
    exchange.header("X-Accel-Buffering", "no");
    if (exchange.isHead()) {
      exchange.result("text/event-stream", "");
      return;
    }
    if (!exchange.handOver()) {
      return;
    }
    exchange.open(200, "text/event-stream");
    Client client = new Client(exchange);
    Client oldest = null;
    synchronized (this) {
      clients.add(client);
      if (clients.size() > MAX_CLIENTS) {
        oldest = clients.remove();
      }
    }
    if (oldest != null) {
      oldest.end();
    }
    ask();
  }

  /** Called every {@link #PERIOD_MILLIS}; waits for nothing. */
  void tell() {
    for (Client client : clients()) {
      if (client.isStuck()) {
        client.exchange.connection().close();
      }
    }
    if (clients().length > 0) {
      ask();
    }
  }

  private synchronized Client[] clients() {
    clients.removeIf(client -> client.exchange.isDone());
    return clients.toArray(Client[]::new);
  }

  /** Unless it is being asked for. */
  private void ask() {
    if (!asking.compareAndSet(false, true)) {
      return;
    }
    try {
      threads.execute(this::askAndTell);
    } catch (Problem | RejectedExecutionException e) {
      asking.set(false); // at the next turn
    }
  }

  private void askAndTell() {
    @Nullable String now;
    try {
      now = state.get();
    } catch (RuntimeException e) {
      LOG.debug("what is told of a gallery is not known now", e);
      now = null;
    } finally {
      asking.set(false);
    }
    tell(now);
  }

  private void tell(@Nullable String now) {
    boolean isSignDue;
    String told;
    synchronized (this) {
      told = now == null ? last : now;
      quiet = told.equals(last) ? quiet + 1 : 0;
      last = told;
      isSignDue = quiet % HEARTBEAT == HEARTBEAT - 1;
    }
    for (Client client : clients()) {
      boolean isTold = !told.isEmpty() && client.tell(told);
      if (!isTold && isSignDue) {
        client.write(":still here\n\n");
      }
    }
  }

  @Override
  public synchronized void close() {
    clients.forEach(client -> client.exchange.connection().close());
    clients.clear();
  }
}
