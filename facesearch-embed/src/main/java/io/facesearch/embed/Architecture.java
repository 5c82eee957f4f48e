package io.facesearch.embed;

import java.util.Objects;

/**
 * The shape of a {@link FaceNetwork}.
 *
 * @param backbone the convolutional network
 * @param dimension of the vectors, 1 to 4096
 * @param normalized whether vectors are divided by their L2 norm
 */
public record Architecture(Backbone backbone, int dimension, boolean normalized) {
  /** Checks the ranges. */
  public Architecture {
    Objects.requireNonNull(backbone, "backbone");
    if (dimension < 1 || dimension > 4096) {
      throw new IllegalArgumentException("dimension must be 1 to 4096, but is: " + dimension);
    }
  }
}
