package io.facesearch;

import java.util.Objects;

/**
 * What a user needs to know about an embedding model. Immutable and thread-safe.
 *
 * @param name short name with version
 * @param dimension of the embeddings
 * @param input size and alignment of the RGB chip that it takes
 * @param license of the weights, and what they were trained on
 * @param fingerprint SHA-256 of weights and preprocessing, 64 hexadecimal digits
 * @param threshold the default decision threshold
 */
public record ModelCard(
    String name,
    int dimension,
    AlignmentTemplate input,
    String license,
    String fingerprint,
    DecisionThreshold threshold) {

  /** Checks dimension and fingerprint. */
  public ModelCard {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(input, "input");
    Objects.requireNonNull(license, "license");
    Objects.requireNonNull(threshold, "threshold");
    if (dimension < 1) {
      throw new IllegalArgumentException("dimension must be at least 1, but is: " + dimension);
    }
    if (!fingerprint.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "the fingerprint must be 64 lower-case hexadecimal digits, but is: " + fingerprint);
    }
  }
}
