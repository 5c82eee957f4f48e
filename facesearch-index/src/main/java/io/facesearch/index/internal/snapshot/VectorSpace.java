package io.facesearch.index.internal.snapshot;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.Metric;
import io.facesearch.SearchResult;
import java.util.ArrayList;
import java.util.List;

/**
 * What the vectors of an index have in common: the model that made them, their dimension, and how
 * they are compared.
 */
public record VectorSpace(String model, int dimension, Metric metric) {

  public static VectorSpace of(Embedding embedding, Metric metric) {
    return new VectorSpace(embedding.model(), embedding.dimension(), metric);
  }

  /** The faces as an index of a metric keeps them. */
  public static List<EmbeddedFace> kept(List<EmbeddedFace> faces, Metric metric) {
    if (metric == Metric.EUCLIDEAN) {
      return faces;
    }
    List<EmbeddedFace> kept = new ArrayList<>(faces.size());
    for (EmbeddedFace face : faces) {
      Embedding embedding = face.embedding();
      float[] unit = new float[embedding.dimension()];
      double norm = norm(embedding, "face \"" + face.face().id() + "\"");
      for (int i = 0; i < unit.length; i++) {
        unit[i] = (float) (embedding.get(i) / norm);
      }
      kept.add(new EmbeddedFace(face.face(), Embedding.of(embedding.model(), unit)));
    }
    return kept;
  }

  private static double norm(Embedding embedding, String whose) {
    double sum = 0;
    for (int i = 0; i < embedding.dimension(); i++) {
      sum += (double) embedding.get(i) * embedding.get(i);
    }
    if (sum == 0) {
      throw new IllegalArgumentException(
          "the cosine distance needs vectors with a direction, but that of "
              + whose
              + " is all 0; leave it out, or use Metric.EUCLIDEAN");
    }
    return Math.sqrt(sum);
  }

  /** Refuses vectors of another space, and more faces than one array can hold. */
  public void check(List<EmbeddedFace> faces, int size) {
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

  /** Checks a query and writes it in double precision, as vectors are kept. */
  public void query(Embedding query, double[] target) {
    query.checkSameModel(model, dimension);
    double norm = metric == Metric.COSINE ? norm(query, "the query") : 1;
    for (int i = 0; i < dimension; i++) {
      target[i] = norm == 1 ? query.get(i) : (float) (query.get(i) / norm);
    }
  }

  public double[] query(Embedding query) {
    double[] values = new double[dimension];
    query(query, values);
    return values;
  }

  /** The Euclidean distance within which all faces at a distance of the metric lie. */
  public double radius(double distance) {
    return metric == Metric.COSINE ? Math.sqrt(2 * distance) * (1 + 0x1p-50) : distance;
  }

  /** Drops what is farther than a distance of the metric, such as what rounding let in. */
  public SearchResult within(SearchResult found, double distance) {
    int n = found.matches().size();
    if (n == 0 || found.matches().get(n - 1).distance() <= distance) {
      return found;
    }
    while (n > 0 && found.matches().get(n - 1).distance() > distance) {
      n--;
    }
    return new SearchResult(
        found.matches().subList(0, n),
        found.plan(),
        found.leavesVisited(),
        found.distancesComputed());
  }
}
