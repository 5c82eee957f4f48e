package io.facesearch.server;

import io.facesearch.DecisionThreshold;
import io.facesearch.Gallery;
import io.facesearch.ModelCard;
import java.util.List;
import java.util.Optional;

/** The part of the REST interface that tells of a gallery as a whole. Thread-safe. */
final class GalleryInfo {
  private final ServedGallery served;
  private final Gallery gallery;
  private final Limits limits;
  private final List<String> samples;
  private volatile Counted counted = new Counted(-1, 0);

  /** How many faces a version of the gallery has. */
  private record Counted(long version, int faces) {}

  GalleryInfo(ServedGallery served, Limits limits, List<String> samples) {
    this.served = served;
    gallery = served.gallery();
    this.limits = limits;
    this.samples = samples;
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
            exchange.right() == Guard.Right.CHANGE,
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

  /** What {@code /api/events} tells, often: faces are counted when they may be others. */
  Answers.Progress progress() {
    Counted known = counted;
    long version = gallery.version();
    if (known.version != version) {
      known = new Counted(version, gallery.size());
      counted = known;
    }
    return new Answers.Progress(known.faces, indexing());
  }
}
