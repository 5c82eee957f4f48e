package io.facesearch;

import java.util.Arrays;
import java.util.Objects;

/**
 * The vector of one face: {@code float[dimension]} of finite values, tied to the model that
 * computed it. Distances are Euclidean (L2). Immutable and thread-safe.
 */
public final class Embedding {
  private final float[] values;
  private final String model;

  private Embedding(float[] values, String model) {
    this.values = values;
    this.model = model;
  }

  /**
   * Creates an embedding.
   *
   * @param model fingerprint of the model ({@link ModelCard#fingerprint()}), or any name for a
   *     model of your own; vectors of different models are never compared
   * @param values the vector; it is copied
   * @return the embedding
   * @throws IllegalArgumentException if the vector is empty or holds NaN or infinity
   */
  public static Embedding of(String model, float... values) {
    Objects.requireNonNull(model, "model");
    if (values.length == 0) {
      throw new IllegalArgumentException("an embedding needs at least 1 dimension, but has 0");
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "an embedding must be finite, but value "
                + i
                + " of "
                + values.length
                + " is "
                + values[i]);
      }
    }
    return new Embedding(values.clone(), model);
  }

  /** {@return the number of dimensions, at least 1} */
  public int dimension() {
    return values.length;
  }

  /** {@return the fingerprint of the model that computed this vector} */
  public String model() {
    return model;
  }

  /**
   * Returns one value.
   *
   * @param i 0 to {@code dimension() - 1}
   * @return the value
   */
  public float get(int i) {
    return values[i];
  }

  /** {@return a copy of the vector} */
  public float[] toArray() {
    return values.clone();
  }

  /**
   * Copies the vector into an array, without allocating memory.
   *
   * @param target the array
   * @param offset the first index to write; {@code dimension()} values are written
   */
  public void copyTo(float[] target, int offset) {
    System.arraycopy(values, 0, target, offset, values.length);
  }

  /**
   * Computes the Euclidean distance to another embedding of the same model.
   *
   * @param other the other embedding
   * @return L2 distance, 0 or more
   * @throws ModelMismatchException if model or dimension differ
   */
  public double distanceTo(Embedding other) {
    checkSameModel(other.model, other.values.length);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      double d = (double) values[i] - other.values[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  /**
   * Checks that this embedding can be compared with the vectors of a model.
   *
   * @param otherModel the fingerprint of that model
   * @param otherDimension the dimension of its vectors
   * @throws ModelMismatchException if model or dimension differ
   */
  public void checkSameModel(String otherModel, int otherDimension) {
    if (!model.equals(otherModel) || values.length != otherDimension) {
      throw new ModelMismatchException(
          "embeddings of different models cannot be compared: expected model "
              + otherModel
              + " ("
              + otherDimension
              + " dimensions), but got model "
              + model
              + " ("
              + values.length
              + " dimensions); embed all photos with one model, or index them again");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Embedding that
        && model.equals(that.model)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * model.hashCode() + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Embedding[" + values.length + " dimensions, model " + model + "]";
  }
}
