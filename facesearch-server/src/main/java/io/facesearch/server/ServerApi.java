package io.facesearch.server;

import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.Gallery;
import io.facesearch.ModelCard;
import io.facesearch.Search;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The part of the REST interface that tells of the server. Thread-safe. */
final class ServerApi {
  private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ServedGallery served;
  private final Gallery gallery;
  private final Guard guard;
  private final Limits limits;
  private final Metrics metrics;
  private final List<String> samples;
  private final @Nullable AuditLog audit;

  /** When a search was answered last. */
  private volatile long searched = System.nanoTime() - 2 * READY_NANOS;

  ServerApi(
      ServedGallery served,
      Guard guard,
      Limits limits,
      Metrics metrics,
      List<String> samples,
      @Nullable AuditLog audit) {
    this.audit = audit;
    this.served = served;
    gallery = served.gallery();
    this.guard = guard;
    this.limits = limits;
    this.metrics = metrics;
    this.samples = samples;
  }

  void health(Exchange exchange) {
    exchange.json(new Answers.Health("UP"));
  }

  /** Fails unless the gallery answers a search, and that can be told. */
  void ready(Exchange exchange) {
    if (audit != null) {
      audit.check();
    }
    // Anybody may ask, so that it is searched at most once a second.
    if (System.nanoTime() - searched > READY_NANOS) {
      ModelCard card = gallery.analyzer().model();
      float[] any = new float[card.dimension()];
      any[0] = 1;
      gallery.search(Embedding.of(card.fingerprint(), any), Search.nearest(1));
      searched = System.nanoTime();
    }
    exchange.json(new Answers.Health("READY"));
  }

  void info(Exchange exchange) {
    ModelCard card = gallery.analyzer().model();
    DecisionThreshold threshold = gallery.pairThreshold();
    Optional<RateCurve> curve = RateCurve.of(card, threshold);
    String version = FaceServer.class.getPackage().getImplementationVersion();
    exchange.json(
        new Answers.Info(
            version == null ? "(not packaged)" : version,
            new Answers.Model(card.name(), card.dimension(), card.license(), card.fingerprint()),
            Answers.Threshold.of(threshold),
            curve.map(RateCurve::points).orElse(List.of()),
            curve.map(RateCurve::calibratedOn).orElse(null),
            new Answers.UploadLimits(
                limits.uploadBytes(), limits.pixels(), Limits.MAX_K, Limits.MAX_NAME),
            gallery.size(),
            gallery.names().size(),
            gallery.isDurable(),
            gallery.isReadOnly() || exchange.right() != Guard.Right.CHANGE,
            served.hasFolder(),
            samples,
            indexing()));
  }

  private Answers.Indexing indexing() {
    ServedGallery.Indexing now = served.indexing();
    var progress = now.progress();
    return new Answers.Indexing(
        now.state(),
        progress == null ? 0 : (int) progress.done(),
        progress == null ? 0 : (int) progress.total().orElse(0),
        progress == null ? 0 : (int) progress.noFace(),
        progress == null ? 0 : (int) progress.broken(),
        now.reason());
  }

  /** What {@code /api/events} tells. */
  Answers.Progress progress() {
    return new Answers.Progress(gallery.size(), indexing());
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
