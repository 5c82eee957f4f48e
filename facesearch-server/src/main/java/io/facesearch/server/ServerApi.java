package io.facesearch.server;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The part of the REST interface that is about the server, whatever its galleries. Thread-safe. */
final class ServerApi {
  private final List<GalleryApi> galleries;
  private final Guard guard;
  private final Metrics metrics;
  private final @Nullable AuditLog audit;

  private final Readiness readiness;

  ServerApi(
      List<GalleryApi> galleries,
      Guard guard,
      Metrics metrics,
      @Nullable AuditLog audit,
      Workers workers) {
    this.galleries = galleries;
    readiness = new Readiness(galleries, workers);
    this.audit = audit;
    this.guard = guard;
    this.metrics = metrics;
  }

  void health(Exchange exchange) {
    exchange.json(new Answers.Health("UP"));
  }

  /** Fails unless every gallery answers a search, and that can be told. */
  void ready(Exchange exchange) throws Exception {
    if (audit != null) {
      audit.check();
    }
    readiness.require();
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
