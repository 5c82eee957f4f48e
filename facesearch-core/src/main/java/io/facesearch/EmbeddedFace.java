package io.facesearch;

import java.util.Objects;

/**
 * A face ready to be added to an index: what is known about it, and its vector. Immutable and
 * thread-safe.
 *
 * @param face id, person, source and box
 * @param embedding the vector
 */
public record EmbeddedFace(FaceRecord face, Embedding embedding) {

  /** Checks that no component is null. */
  public EmbeddedFace {
    Objects.requireNonNull(face, "face");
    Objects.requireNonNull(embedding, "embedding");
  }
}
