package io.facesearch.benchmarks;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The files that {@link IndexPeers} gives to its peers, made where they are missing and kept for
 * the next run: vectors and queries as little-endian floats, the k nearest of the first {@value
 * #ASKED} queries as little-endian integers.
 *
 * @param kind {@code face20} or {@code face2}, see {@link FaceVectors}
 * @param count number of vectors
 * @param k number of neighbors
 */
record PeerData(String kind, int count, int k, Path base, Path queries, Path truth) {
  static final int BATCH = 2000;
  static final int ASKED = 500;
  private static final long SEED = 1;

  /** Makes the files that are missing. */
  static PeerData in(Path folder, Path statistics, String kind, int count, int k)
      throws IOException {
    String name = kind + "-" + count;
    PeerData data =
        new PeerData(
            kind,
            count,
            k,
            folder.resolve(name + ".f32"),
            folder.resolve(name + "-queries.f32"),
            folder.resolve(name + "-nearest-" + k + ".i32"));
    Files.createDirectories(folder);
    if (!Files.exists(data.base) || !Files.exists(data.queries)) {
      FaceVectors vectors = FaceVectors.make(statistics, kind, count, BATCH, SEED);
      Path part = folder.resolve(name + ".part");
      FaceVectors.write(part, vectors.queries());
      Files.move(part, data.queries, ATOMIC_MOVE);
      FaceVectors.write(part, vectors.gallery());
      Files.move(part, data.base, ATOMIC_MOVE);
    }
    if (!Files.exists(data.truth)) {
      Path part = folder.resolve(name + ".part");
      data.writeTruth(part);
      Files.move(part, data.truth, ATOMIC_MOVE);
    }
    return data;
  }

  /** The vectors, with their row numbers as ids. */
  List<EmbeddedFace> faces() throws IOException {
    float[][] rows = FaceVectors.rows(base);
    List<EmbeddedFace> faces = new ArrayList<>(rows.length);
    for (int i = 0; i < rows.length; i++) {
      faces.add(new EmbeddedFace(FaceRecord.of(Integer.toString(i)), Embedding.of(kind, rows[i])));
      rows[i] = null;
    }
    return faces;
  }

  List<Embedding> embeddings() throws IOException {
    return Arrays.stream(FaceVectors.rows(queries)).map(q -> Embedding.of(kind, q)).toList();
  }

  private void writeTruth(Path file) throws IOException {
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces());
    List<Embedding> asked = embeddings().subList(0, ASKED);
    int[][] rows =
        IntStream.range(0, ASKED)
            .parallel()
            .mapToObj(q -> ids(flat.search(asked.get(q), k)))
            .toArray(int[][]::new);
    ByteBuffer bytes = ByteBuffer.allocate(4 * ASKED * k).order(ByteOrder.LITTLE_ENDIAN);
    IntBuffer ints = bytes.asIntBuffer();
    for (int[] row : rows) {
      ints.put(row);
    }
    Files.write(file, bytes.array());
  }

  /** Reads the right answers, one row a query. */
  static int[][] truth(Path file, int k) throws IOException {
    IntBuffer ints =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[][] truth = new int[ints.remaining() / k][k];
    for (int[] row : truth) {
      ints.get(row);
    }
    return truth;
  }

  /** The row numbers of what a search found. */
  static int[] ids(SearchResult result) {
    int[] ids = new int[result.matches().size()];
    int i = 0;
    for (FaceMatch match : result) {
      ids[i++] = Integer.parseInt(match.face().id());
    }
    return ids;
  }
}
