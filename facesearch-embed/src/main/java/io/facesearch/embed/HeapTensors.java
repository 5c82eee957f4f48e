package io.facesearch.embed;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Tensors that came from no file. */
record HeapTensors(String origin, Map<String, long[]> shapes, Map<String, float[]> values)
    implements TensorFile {
  @Override
  public Set<String> names() {
    return values.keySet();
  }

  @Override
  public long[] shape(String name) {
    return Objects.requireNonNull(shapes.get(name), name).clone();
  }

  @Override
  public float[] floats(String name, long... shape) {
    if (!values.containsKey(name) || !Arrays.equals(shapes.get(name), shape)) {
      throw new WeightsFormatException(
          origin + ": there is no tensor " + name + " of shape " + Arrays.toString(shape));
    }
    return values.get(name).clone();
  }
}
