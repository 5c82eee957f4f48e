package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.tree.TreeIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Exact searches with filters that match from none to half of the faces, by the index on people and
 * tags ("by index"), by a test of each face that comes into question ("by test"), and as the
 * library chooses. They take turns, one thread, k = 10; medians of a query. The arguments: the
 * folder of the statistics (see {@link FaceVectors}), face20, face2 or face2-unit, the number of
 * faces.
 */
public final class FilteredSearch {
  private static final int ROUNDS = 5;
  private static final int ASKED = 40;
  private static final int K = 10;

  private FilteredSearch() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[0]), args[1], count, ASKED, 1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (float[] vector : vectors.gallery()) {
      int i = faces.size();
      // Numbers that have nothing to do with the order of the faces.
      int place = (int) (i * 2_654_435_761L % count);
      FaceRecord face =
          FaceRecord.of("f" + i, "p" + i / 20)
              .withTag("place", place)
              .withTag("camera", "c" + place % 20);
      faces.add(new EmbeddedFace(face, Embedding.of("m", vector)));
    }
    List<Embedding> queries =
        Arrays.stream(vectors.queries()).map(query -> Embedding.of("m", query)).toList();
    Map<String, TreeIndex> indexes = new LinkedHashMap<>();
    indexes.put("by test", index(faces, TreeIndex.builder().manyShare(0)));
    indexes.put("by index", index(faces, TreeIndex.builder().manyShare(1)));
    indexes.put("as chosen", index(faces, TreeIndex.builder()));
    Map<String, FaceFilter> filters = new LinkedHashMap<>();
    filters.put("all", FaceFilter.all());
    filters.put("none", FaceFilter.tag("camera", "c20"));
    filters.put("100 faces", FaceFilter.tagBetween("place", 0, 99));
    filters.put(
        "one person and a camera", FaceFilter.person("p7").and(FaceFilter.tag("camera", "c1")));
    for (double share : new double[] {0.005, 0.02, 0.05, 0.1, 0.2, 0.5}) {
      filters.put(100 * share + " %", FaceFilter.tagBetween("place", 0, share * count - 1));
    }
    filters.put("5 % by a text", FaceFilter.tag("camera", "c3"));
    FaceIndex chosen = indexes.get("as chosen");
    long before = indexes.get("as chosen").stats().bytes();
    for (Map.Entry<String, FaceFilter> filter : filters.entrySet()) {
      long start = System.nanoTime();
      chosen.search(queries.get(0), Search.nearest(K).where(filter.getValue()));
      System.out.printf(
          Locale.ROOT, "first\t%s\t%.1f ms%n", filter.getKey(), (System.nanoTime() - start) / 1e6);
    }
    System.out.printf(
        Locale.ROOT,
        "memory\t%.1f bytes a face%n",
        (double) (indexes.get("as chosen").stats().bytes() - before) / count);
    for (Map.Entry<String, FaceFilter> filter : filters.entrySet()) {
      Search request = Search.nearest(K).where(filter.getValue());
      double[][] times = new double[indexes.size()][ROUNDS * ASKED];
      String plans = "";
      for (int round = -2; round < ROUNDS; round++) {
        int which = 0;
        plans = "";
        for (TreeIndex index : indexes.values()) {
          for (int q = 0; q < ASKED; q++) {
            long start = System.nanoTime();
            SearchResult found = index.search(queries.get(q), request);
            if (round >= 0) {
              times[which][round * ASKED + q] = (System.nanoTime() - start) / 1e3;
            }
            if (q == 0) {
              plans += " " + found.plan();
            }
          }
          which++;
        }
      }
      System.out.printf(Locale.ROOT, "%-24s", filter.getKey());
      int which = 0;
      for (String name : indexes.keySet()) {
        Arrays.sort(times[which]);
        System.out.printf(Locale.ROOT, "\t%s %.0f us", name, times[which][ROUNDS * ASKED / 2]);
        which++;
      }
      System.out.println("\t" + plans);
    }
  }

  private static TreeIndex index(List<EmbeddedFace> faces, TreeIndex.Builder settings) {
    TreeIndex index = settings.approximate(false).build();
    index.addAll(faces);
    return index;
  }
}
