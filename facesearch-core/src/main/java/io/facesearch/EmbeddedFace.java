package io.facesearch;

import java.util.Objects;

/**
 * A face ready for an index: what is known of it, and its vector. Immutable and thread-safe.
 *
 * @param face id, person, source and box
 * @param embedding the vector
 */
public record EmbeddedFace(FaceRecord face, Embedding embedding) {

  /** Checks that nothing is missing. */
  public EmbeddedFace {
    Objects.requireNonNull(face, "face");
    Objects.requireNonNull(embedding, "embedding");
  }
}
