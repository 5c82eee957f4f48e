package io.facesearch.embed;

import io.facesearch.Embedding;
import io.facesearch.TagValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Interprets the vectors of a model that predicts attributes ({@link Architecture#ofAttributes}):
 * how likely it is that a face has glasses, a beard, or whatever else the model learned. The
 * probabilities are estimates for photos like those that the model was trained on. Immutable and
 * thread-safe.
 */
public final class FaceAttributes {
  private final List<String> names;

  private FaceAttributes(List<String> names) {
    this.names = names;
  }

  /**
   * Reads the names of the attributes from a checkpoint.
   *
   * @param checkpoint a model that predicts attributes
   * @return the attributes
   * @throws WeightsFormatException if the model predicts none
   */
  public static FaceAttributes of(Checkpoint checkpoint) {
    List<String> names = checkpoint.architecture().attributes();
    if (names.isEmpty()) {
      throw new WeightsFormatException(
          checkpoint.card().name()
              + " tells no attributes: its vectors are of faces alone; train one by attributes");
    }
    return new FaceAttributes(names);
  }

  /** {@return the names of the attributes, in the order of the values} */
  public List<String> names() {
    return names;
  }

  /**
   * Computes how likely it is that a face has each attribute.
   *
   * @param vector the face's vector, from this model
   * @return probabilities from 0 to 1 by name, in the order of the values
   * @throws IllegalArgumentException if the vector is of another length
   */
  public Map<String, Double> probabilities(Embedding vector) {
    if (vector.dimension() != names.size()) {
      throw new IllegalArgumentException(
          "expected a vector of " + names.size() + " values, but it has " + vector.dimension());
    }
    float[] values = vector.toArray();
    Map<String, Double> all = new LinkedHashMap<>();
    for (int j = 0; j < values.length; j++) {
      all.put(names.get(j), Math.min(1, Math.max(0, (1 + (double) values[j]) / 2)));
    }
    return all;
  }

  /**
   * Computes the probabilities as tags for a face in a gallery, which can be filtered, for example
   * with {@code tagBetween("Eyeglasses", 0.5, 1)}.
   *
   * @param vector the face's vector, from this model
   * @return numbers from 0 to 1 by name
   */
  public Map<String, TagValue> tags(Embedding vector) {
    Map<String, TagValue> tags = new LinkedHashMap<>();
    probabilities(vector).forEach((name, p) -> tags.put(name, TagValue.of(p)));
    return tags;
  }
}
