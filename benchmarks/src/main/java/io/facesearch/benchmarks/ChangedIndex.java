package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Exact search with 1 % of the faces outside the tree and 1 % removed, against a clean index of as
 * many, and with filters. They take turns, one thread, k = 10. The arguments: the folder of the
 * statistics (see {@link FaceVectors}), face20 or face2, the number of faces.
 */
public final class ChangedIndex {
  private static final int ROUNDS = 7;
  private static final int ASKED = 500;
  private static final int K = 10;

  private ChangedIndex() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    int percent = count / 100;
    FaceVectors vectors = FaceVectors.make(Path.of(args[0]), args[1], count + percent, ASKED, 1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (float[] vector : vectors.gallery()) {
      FaceRecord face = FaceRecord.of("f" + faces.size()).withTag("hundredth", faces.size() % 100);
      faces.add(new EmbeddedFace(face, Embedding.of("m", vector)));
    }
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(query -> Embedding.of("m", query)).toList();
    SigmoidTreeIndex clean = SigmoidTreeIndex.builder().approximate(false).build();
    clean.addAll(faces.subList(0, count));
    SigmoidTreeIndex changed = SigmoidTreeIndex.builder().approximate(false).build();
    changed.addAll(faces.subList(0, count));
    for (int i = 0; i < percent; i++) {
      changed.add(faces.get(count + i));
      changed.remove("f" + 97 * i);
    }
    List<String> names =
        List.of("clean", "1 % new, 1 % removed", "half match", "1 in 100 matches", "none matches");
    FaceFilter half = FaceFilter.tagBetween("hundredth", 0, 49);
    FaceFilter hundredth = FaceFilter.tag("hundredth", 7.0);
    FaceFilter none = FaceFilter.tag("hundredth", 100.0);
    List<Function<Embedding, SearchResult>> searches =
        List.of(
            query -> clean.search(query, K),
            query -> changed.search(query, K),
            query -> clean.search(query, Search.nearest(K).where(half)),
            query -> clean.search(query, Search.nearest(K).where(hundredth)),
            query -> clean.search(query, Search.nearest(K).where(none)));
    double[][] times = new double[searches.size()][ROUNDS];
    long found = 0;
    for (int round = -3; round < ROUNDS; round++) {
      for (int i = 0; i < searches.size(); i++) {
        long start = System.nanoTime();
        for (Embedding query : queries) {
          found += searches.get(i).apply(query).matches().size();
        }
        if (round >= 0) {
          times[i][round] = (System.nanoTime() - start) / 1e3 / ASKED;
        }
      }
    }
    System.out.println(found + " faces found");
    for (double[] some : times) {
      Arrays.sort(some);
    }
    for (int i = 0; i < searches.size(); i++) {
      System.out.printf(
          Locale.ROOT,
          "%s\tmedian %.1f us\tleast %.1f us\t%.2f times%n",
          names.get(i),
          times[i][ROUNDS / 2],
          times[i][0],
          times[i][0] / times[0][0]);
    }
  }
}
