package io.facesearch.benchmarks;

import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.CodeBlocks;
import io.facesearch.index.internal.quantize.CodedQuery;
import io.facesearch.index.internal.quantize.Kernel;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.VectorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Draws what the bounds of exact search leave to be compared, by kind of vectors and of codes, as
 * SVG: the codes of a gallery are read with the distance of the k-th nearest as the limit. The
 * arguments: the folders of dlib's and of SFace's statistics (see {@link FaceVectors}), the number
 * of vectors, and the file to be drawn.
 */
public final class BoundPictures {
  private static final int QUERIES = 50;
  private static final int K = 10;
  private static final int LEFT = 250;
  private static final int BAR = 18;
  private static final int DECADE = 90;

  private BoundPictures() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if the statistics cannot be read, or the picture not written
   */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    Map<String, FaceVectors> kinds = new LinkedHashMap<>();
    Path dlib = Path.of(args[0]);
    Path sface = Path.of(args[1]);
    kinds.put("dlib's statistics", FaceVectors.make(dlib, "face2", count, QUERIES, 1));
    kinds.put("SFace's statistics, unit", FaceVectors.make(sface, "face2-unit", count, QUERIES, 1));
    for (int dimension : new int[] {256, 512}) {
      kinds.put(
          "isotropic, unit, %d dimensions".formatted(dimension),
          FaceVectors.make(sface, "isotropic-" + dimension, count, QUERIES, 1));
    }
    StringBuilder bars = new StringBuilder();
    int y = 40;
    for (Map.Entry<String, FaceVectors> kind : kinds.entrySet()) {
      text(bars, 10, y, kind.getKey());
      y += BAR;
      for (Map.Entry<String, Double> left : left(kind.getValue()).entrySet()) {
        System.out.printf(
            Locale.ROOT, "%s, %s: %.1f%n", kind.getKey(), left.getKey(), left.getValue());
        bar(bars, y, left.getKey(), left.getValue());
        y += BAR;
      }
      y += BAR;
    }
    int width = LEFT + (int) (DECADE * (Math.log10(count) + 1));
    String head =
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" \
        font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(width, y);
    text(bars, 10, 18, "Left to be compared of %,d vectors, k = %d (scale: logarithm)", count, K);
    Files.writeString(Path.of(args[3]), head + bars + "</svg>\n");
  }

  private static void text(StringBuilder svg, int x, int y, String text, Object... arguments) {
    String escaped = String.format(Locale.ROOT, text, arguments).replace("'", "&#39;");
    svg.append("<text x=\"%d\" y=\"%d\">%s</text>%n".formatted(x, y, escaped));
  }

  private static void bar(StringBuilder svg, int y, String name, double value) {
    int length = (int) Math.round(DECADE * Math.log10(Math.max(1, value)));
    text(svg, 20, y, name);
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#3b6ea5\"/>%n"
            .formatted(LEFT, y - 11, length, BAR - 4));
    text(svg, LEFT + length + 5, y, "%,.0f", value);
  }

  /** By kind of codes, how many vectors a query leaves, on average. */
  private static Map<String, Double> left(FaceVectors vectors) {
    BoundKernel kernel = Kernels.best();
    int count = vectors.gallery().length;
    int dimension = vectors.gallery()[0].length;
    float[] rows = new float[count * dimension];
    for (int i = 0; i < count; i++) {
      System.arraycopy(vectors.gallery()[i], 0, rows, i * dimension, dimension);
    }
    double[][] queries =
        Arrays.stream(vectors.queries())
            .map(row -> IntStream.range(0, row.length).mapToDouble(j -> row[j]).toArray())
            .toArray(double[][]::new);
    double[] limits =
        Arrays.stream(queries)
            .parallel()
            .mapToDouble(
                query ->
                    IntStream.range(0, count)
                        .mapToDouble(
                            i ->
                                Kernel.squaredDistance(
                                    query, rows, i * dimension, Double.POSITIVE_INFINITY))
                        .sorted()
                        .skip(K - 1)
                        .findFirst()
                        .orElseThrow())
            .toArray();
    Map<String, Double> left = new LinkedHashMap<>();
    QuantizedVectors two =
        Objects.requireNonNull(
            QuantizedVectors.of(kernel, VectorSource.of(rows, dimension), count, dimension));
    left.put("64 directions, 8 bits", left(two, queries, limits, false));
    left.put("and 30 more directions", left(two, queries, limits, true));
    QuantizedVectors eight =
        Objects.requireNonNull(
            QuantizedVectors.whole(
                kernel, Packing.EIGHT_BITS, VectorSource.of(rows, dimension), count, dimension));
    left.put("all dimensions, 8 bits", left(eight, queries, limits, false));
    QuantizedVectors four =
        Objects.requireNonNull(
            QuantizedVectors.whole(
                kernel, Packing.FOUR_BITS, VectorSource.of(rows, dimension), count, dimension));
    left.put("all dimensions, 4 bits", left(four, queries, limits, false));
    left.put("and 4 more bits", left(four, queries, limits, true));
    return left;
  }

  private static double left(
      QuantizedVectors codes, double[][] queries, double[] limits, boolean bothStages) {
    CodeBlocks blocks = codes.blocks;
    int[] hits = new int[codes.points + CodeBlocks.MULTIPLE];
    short[] values = new short[hits.length + CodeBlocks.ROOM];
    CodedQuery coded = new CodedQuery(codes);
    long left = 0;
    for (int q = 0; q < queries.length; q++) {
      coded.set(queries[q]);
      coded.limit(limits[q], codes);
      int count =
          blocks.filter(
              0, blocks.blockCount(), coded.weights, coded.base, coded.limit, hits, values);
      for (int i = 0; i < count; i++) {
        if (hits[i] < codes.points && (!bothStages || coded.passes(codes, hits[i], values[i]))) {
          left++;
        }
      }
    }
    return (double) left / queries.length;
  }
}
