package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntFunction;

/** An immutable list that makes each face when it is asked for, so that it costs no memory. */
public final class FaceList extends AbstractList<EmbeddedFace> implements RandomAccess {
  private final String model;
  private final int size;
  private final IntFunction<FaceRecord> records;
  private final IntFunction<float[]> vectors;

  public FaceList(
      String model, int size, IntFunction<FaceRecord> records, IntFunction<float[]> vectors) {
    this.model = model;
    this.size = size;
    this.records = records;
    this.vectors = vectors;
  }

  @Override
  public EmbeddedFace get(int index) {
    Objects.checkIndex(index, size);
    return new EmbeddedFace(records.apply(index), Embedding.of(model, vectors.apply(index)));
  }

  @Override
  public int size() {
    return size;
  }
}
