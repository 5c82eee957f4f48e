package io.facesearch.server;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The part of the REST interface that is about the server, whatever its galleries. Thread-safe. */
final class ServerApi {
  private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final List<GalleryApi> galleries;
  private final Guard guard;
  private final Metrics metrics;
  private final @Nullable AuditLog audit;

  /** When a search was answered last. */
  private volatile long searched = System.nanoTime() - 2 * READY_NANOS;

  ServerApi(List<GalleryApi> galleries, Guard guard, Metrics metrics, @Nullable AuditLog audit) {
    this.galleries = galleries;
    this.audit = audit;
    this.guard = guard;
    this.metrics = metrics;
  }

  void health(Exchange exchange) {
    exchange.json(new Answers.Health("UP"));
  }

  /** Fails unless every gallery answers a search, and that can be told. */
  void ready(Exchange exchange) {
    if (audit != null) {
      audit.check();
    }
    // Anybody may ask, so that it is searched at most once a second.
    if (System.nanoTime() - searched > READY_NANOS) {
      galleries.forEach(GalleryApi::search);
      searched = System.nanoTime();
    }
    exchange.json(new Answers.Health("READY"));
  }

  void galleries(Exchange exchange) {
    exchange.json(
        new Answers.Galleries(
            galleries.stream()
                .map(GalleryApi::part)
                .map(part -> new Answers.ServedAs(part.name(), part.path()))
                .toList()));
  }

  void metrics(Exchange exchange) throws IOException {
    exchange.result(Metrics.contentType(), metrics.text());
  }

  void session(Exchange exchange) {
    Fields fields = Fields.parse(exchange.body(), Set.of("token"));
    exchange
        .header("Set-Cookie", guard.logIn(exchange.request(), fields.text("token").orElse("")))
        .status(204);
  }
}
