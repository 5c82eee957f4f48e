package io.facesearch.eval;

import io.facesearch.Embedding;
import io.facesearch.FaceQuality;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of one photo of a data set. Immutable and thread-safe.
 *
 * @param file the photo
 * @param embedding of its chosen face; empty if there is none, or the file is broken
 * @param quality of that face; empty with the embedding
 * @param broken why the file could not be read, if it could not
 * @param elapsed what reading, detecting, aligning and embedding took one thread, now or when it
 *     was cached
 * @param cached true if it came from the cache
 */
public record EmbeddedPhoto(
    Path file,
    Optional<Embedding> embedding,
    Optional<FaceQuality> quality,
    Optional<String> broken,
    Duration elapsed,
    boolean cached) {

  /** Checks that nothing is missing. */
  public EmbeddedPhoto {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(embedding, "embedding");
    Objects.requireNonNull(quality, "quality");
    Objects.requireNonNull(broken, "broken");
    Objects.requireNonNull(elapsed, "elapsed");
  }
}
