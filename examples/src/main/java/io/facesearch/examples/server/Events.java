package io.facesearch.examples.server;

import io.javalin.http.sse.SseClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells browsers how far the indexing is, as server-sent events: at once what is known, then every
 * change, at most four a second. Thread-safe.
 */
final class Events implements AutoCloseable {
  private static final int MAX_CLIENTS = 100;
  private static final int PERIOD_MILLIS = 250;

  /** A sign of life every 10 s, by which closed connections are noticed. */
  private static final int HEARTBEAT = 40;

  private final List<SseClient> clients = new CopyOnWriteArrayList<>();
  private final Supplier<String> state;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "facesearch-events");
            thread.setDaemon(true);
            return thread;
          });
  private String last = "";
  private int quiet;

  /** Tells what this supplier gives, JSON, whenever it changes. */
  Events(Supplier<String> state) {
    this.state = state;
    timer.scheduleWithFixedDelay(this::tell, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  void connect(SseClient client) {
    if (clients.size() >= MAX_CLIENTS) {
      throw Problem.busy("more than " + MAX_CLIENTS + " pages listen already");
    }
    client.keepAlive();
    client.onClose(() -> clients.remove(client));
    client.sendEvent("progress", state.get());
    clients.add(client);
  }

  private void tell() {
    String now = state.get();
    boolean changed = !now.equals(last);
    last = now;
    quiet = changed ? 0 : quiet + 1;
    for (SseClient client : clients) {
      if (client.terminated()) {
        clients.remove(client);
      } else if (changed) {
        client.sendEvent("progress", now);
      } else if (quiet % HEARTBEAT == 0) {
        client.sendComment("still here");
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    clients.forEach(SseClient::close);
  }
}
