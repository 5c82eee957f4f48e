package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/** The faces of one snapshot as an immutable list; makes each face when it is asked for. */
final class FaceList extends AbstractList<EmbeddedFace> implements RandomAccess {
  private final String model;
  private final Faces faces;
  private final IntFunction<float[]> vectors;

  FaceList(String model, Faces faces, IntFunction<float[]> vectors) {
    this.model = model;
    this.faces = faces;
    this.vectors = vectors;
  }

  @Override
  public EmbeddedFace get(int index) {
    Objects.checkIndex(index, faces.size());
    return new EmbeddedFace(faces.get(index), Embedding.of(model, vectors.apply(index)));
  }

  @Override
  public int size() {
    return faces.size();
  }
}
