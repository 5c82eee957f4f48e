package io.facesearch.embed;

import io.facesearch.Embedding;
import io.facesearch.TagValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the vectors of a model that tells attributes, see {@link Architecture#ofAttributes}: how
 * likely a face has glasses, a beard, or what else the model learned. Probabilities are estimates
 * that hold for photos like those it was trained on. Immutable and thread-safe.
 */
public final class FaceAttributes {
  private final List<String> names;

  private FaceAttributes(List<String> names) {
    this.names = names;
  }

  /**
   * What the values of a checkpoint's vectors tell.
   *
   * @param checkpoint of a model that tells attributes
   * @return the reader
   * @throws WeightsFormatException if the model tells none
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
   * How likely a face has each attribute.
   *
   * @param vector that the model gave the face
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
   * The same as tags of a gallery's face, to filter by with {@code tagBetween("Eyeglasses", 0.5,
   * 1)}.
   *
   * @param vector that the model gave the face
   * @return numbers from 0 to 1 by name
   */
  public Map<String, TagValue> tags(Embedding vector) {
    Map<String, TagValue> tags = new LinkedHashMap<>();
    probabilities(vector).forEach((name, p) -> tags.put(name, TagValue.of(p)));
    return tags;
  }
}
