package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import java.util.List;

/** What the vectors of an index have in common: the model that made them, and their dimension. */
record Space(String model, int dimension) {

  static Space of(Embedding embedding) {
    return new Space(embedding.model(), embedding.dimension());
  }

  /** Refuses vectors of another space, and more faces than one array can hold. */
  void check(List<EmbeddedFace> faces, int size) {
    for (EmbeddedFace face : faces) {
      face.embedding().checkSameModel(model, dimension);
    }
    int most = (Integer.MAX_VALUE - 8) / dimension;
    if (faces.size() > most - size) {
      throw new IllegalStateException(
          "an index of "
              + dimension
              + " dimensions holds at most "
              + most
              + " faces, but it holds "
              + size
              + " and "
              + faces.size()
              + " were to be added; nothing was added");
    }
  }

  /** Checks the arguments of a search; gives the query in double precision. */
  double[] query(Embedding query) {
    query.checkSameModel(model, dimension);
    double[] values = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      values[i] = query.get(i);
    }
    return values;
  }

  static void checkK(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1, but is: " + k);
    }
  }

  static void checkDistance(double distance) {
    if (!(distance >= 0)) {
      throw new IllegalArgumentException("distance must be 0 or more, but is: " + distance);
    }
  }
}
