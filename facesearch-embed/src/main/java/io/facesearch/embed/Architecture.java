package io.facesearch.embed;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * The shape of a {@link FaceNetwork}. Immutable and thread-safe.
 *
 * @param backbone the convolutional network
 * @param dimension of the vectors, 1 to 4,096
 * @param normalized whether vectors are divided by their L2 norm
 * @param attributes names of the attributes that the values of a vector stand for, such as
 *     "Eyeglasses"; a value is 2p - 1 for the probability p that the face has the attribute. Empty
 *     for ordinary vectors
 */
public record Architecture(
    Backbone backbone, int dimension, boolean normalized, List<String> attributes) {
  /** Hidden units of the head of a network that predicts attributes. */
  static final int ATTRIBUTES_HIDDEN = 128;

  /** Checks the ranges. */
  public Architecture {
    Objects.requireNonNull(backbone, "backbone");
    attributes = List.copyOf(attributes);
    if (dimension < 1 || dimension > 4096) {
      throw new IllegalArgumentException("dimension must be 1 to 4096, but is: " + dimension);
    }
    if (!attributes.isEmpty()
        && (attributes.size() != dimension
            || normalized
            || new HashSet<>(attributes).size() != dimension)) {
      throw new IllegalArgumentException(
          "a network of attributes has one value for each, not normalized, and each name once; but"
              + " there are "
              + dimension
              + " values for "
              + attributes);
    }
  }

  /**
   * Creates the architecture of a network with ordinary vectors.
   *
   * @param backbone the convolutional network
   * @param dimension of the vectors, 1 to 4,096
   * @param normalized whether vectors are divided by their L2 norm
   */
  public Architecture(Backbone backbone, int dimension, boolean normalized) {
    this(backbone, dimension, normalized, List.of());
  }

  /**
   * Creates the architecture of a network that predicts attributes.
   *
   * @param backbone the convolutional network
   * @param attributes their names, 1 to 4,096 different ones
   * @return the architecture; its vectors have one value per name
   */
  public static Architecture ofAttributes(Backbone backbone, List<String> attributes) {
    return new Architecture(backbone, attributes.size(), false, attributes);
  }

  int hidden() {
    return attributes.isEmpty() ? dimension : ATTRIBUTES_HIDDEN;
  }

  Activation last() {
    return attributes.isEmpty() ? Activation.NONE : Activation.TANH;
  }
}
