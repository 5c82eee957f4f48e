package io.facesearch.cli;

import io.facesearch.Embedding;
import io.facesearch.eval.LabeledFace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The vectors of two models behind each other, so that a distance tells of both. Either is scaled
 * so that two photos of a gallery are at the mean squared distance 1 by it: both weigh the same.
 * Immutable and thread-safe.
 */
final class JoinedFaces {
  private final Map<String, LabeledFace> others;
  private final float scale;
  private final float otherScale;

  /**
   * Learns the scales.
   *
   * @param gallery by one model, at least two photos
   * @param other all photos that the other model found a face in
   */
  JoinedFaces(List<LabeledFace> gallery, List<LabeledFace> other) {
    others = new HashMap<>();
    other.forEach(face -> others.put(face.source(), face));
    scale = scale(gallery);
    otherScale =
        scale(
            gallery.stream()
                .map(face -> others.get(face.source()))
                .filter(Objects::nonNull)
                .toList());
  }

  /** 1 / √(mean squared distance of two): the mean of all pairs is twice the variance. */
  private static float scale(List<LabeledFace> faces) {
    if (faces.size() < 2) {
      throw new IllegalArgumentException(
          "vectors of two models are weighed by at least two photos with a face by both, but there"
              + " are: "
              + faces.size());
    }
    double[] mean = new double[faces.get(0).embedding().dimension()];
    double squares = 0;
    for (LabeledFace face : faces) {
      float[] vector = face.embedding().toArray();
      for (int i = 0; i < mean.length; i++) {
        mean[i] += vector[i] / (double) faces.size();
        squares += (double) vector[i] * vector[i] / faces.size();
      }
    }
    for (double value : mean) {
      squares -= value * value;
    }
    return (float) (1 / Math.sqrt(Math.max(1e-12, 2 * squares)));
  }

  /** Those of which both models have a vector, with these joined. */
  List<LabeledFace> join(List<LabeledFace> faces) {
    List<LabeledFace> joined = new ArrayList<>();
    for (LabeledFace face : faces) {
      LabeledFace other = others.get(face.source());
      if (other != null) {
        float[] first = face.embedding().toArray();
        float[] second = other.embedding().toArray();
        float[] both = new float[first.length + second.length];
        for (int i = 0; i < both.length; i++) {
          both[i] = i < first.length ? scale * first[i] : otherScale * second[i - first.length];
        }
        joined.add(
            new LabeledFace(
                face.source(), face.identity(), face.attributes(), Embedding.of("joined", both)));
      }
    }
    return joined;
  }
}
