package io.facesearch.eval;

import io.facesearch.Embedding;
import java.util.Objects;

/**
 * An embedded face of which it is known whose it is. Immutable and thread-safe.
 *
 * @param source where it comes from, such as a file name; unique
 * @param identity whose face it is
 * @param attributes bit i is set if the face has attribute i; 0 where there are none
 * @param embedding its vector
 */
public record LabeledFace(String source, String identity, long attributes, Embedding embedding) {

  /** Checks that nothing is missing. */
  public LabeledFace {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(embedding, "embedding");
  }
}
