package io.facesearch.eval;

import io.facesearch.Embedding;
import java.util.Objects;

/**
 * An embedded face of a known person. Immutable and thread-safe.
 *
 * @param source where it comes from, such as a file name; unique
 * @param identity the person
 * @param attributes bit i is set if the face has attribute i; 0 where there are none
 * @param embedding its vector
 */
public record LabeledFace(String source, String identity, long attributes, Embedding embedding) {

  /** Checks that no component is null. */
  public LabeledFace {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(identity, "identity");
    Objects.requireNonNull(embedding, "embedding");
  }
}
