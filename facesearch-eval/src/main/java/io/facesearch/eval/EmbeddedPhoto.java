package io.facesearch.eval;

import io.facesearch.Embedding;
import io.facesearch.FaceQuality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One photo of a data set, embedded or not. Immutable and thread-safe. */
public final class EmbeddedPhoto {
  private final Path file;
  private final @Nullable Embedding embedding;
  private final @Nullable FaceQuality quality;
  private final @Nullable String broken;
  private final Duration elapsed;
  private final boolean cached;

  EmbeddedPhoto(
      Path file,
      @Nullable Embedding embedding,
      @Nullable FaceQuality quality,
      @Nullable String broken,
      Duration elapsed,
      boolean cached) {
    this.file = Objects.requireNonNull(file, "file");
    this.embedding = embedding;
    this.quality = quality;
    this.broken = broken;
    this.elapsed = Objects.requireNonNull(elapsed, "elapsed");
    this.cached = cached;
  }

  /** {@return the photo} */
  public Path file() {
    return file;
  }

  /** {@return the embedding of its chosen face; empty if it has no face or cannot be read} */
  public Optional<Embedding> embedding() {
    return Optional.ofNullable(embedding);
  }

  /** {@return the quality of that face; empty if there is no embedding} */
  public Optional<FaceQuality> quality() {
    return Optional.ofNullable(quality);
  }

  /** {@return why the file could not be read; empty if it could} */
  public Optional<String> broken() {
    return Optional.ofNullable(broken);
  }

  /**
   * {@return the time that reading, detecting, aligning and embedding took on one thread, now or
   * when the result was cached}
   */
  public Duration elapsed() {
    return elapsed;
  }

  /** {@return whether the result came from the cache} */
  public boolean cached() {
    return cached;
  }
}
