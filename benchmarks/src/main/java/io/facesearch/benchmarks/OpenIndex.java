package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.SearchResult;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Saves an index and opens it again. The arguments: {@code save}, the folder of the statistics (see
 * {@link FaceVectors}), face20 or face2, the number of faces, the file; or {@code open} and the
 * file, which opens it in this new process, once.
 */
public final class OpenIndex {
  private OpenIndex() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    if (args[0].equals("save")) {
      save(args);
    } else {
      open(Path.of(args[1]));
    }
  }

  private static void save(String[] args) throws IOException {
    int count = Integer.parseInt(args[3]);
    FaceVectors vectors = FaceVectors.make(Path.of(args[1]), args[2], count, 1, 1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (float[] vector : vectors.gallery()) {
      int i = faces.size();
      FaceRecord face =
          new FaceRecord(
              "person-" + i / 2 + "/photo-" + i + ".jpg",
              Optional.of("person-" + i / 2),
              Optional.of("person-" + i / 2 + "/photo-" + i + ".jpg"),
              Optional.empty());
      faces.add(new EmbeddedFace(face, Embedding.of("m", vector)));
    }
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    long start = System.nanoTime();
    index.addAll(faces);
    long built = System.nanoTime();
    Path file = Path.of(args[4]);
    index.save(file);
    System.out.printf(
        Locale.ROOT,
        "%d faces: built in %.1f s, saved in %.2f s, %.1f MB, vectors %.1f MB%n",
        count,
        (built - start) / 1e9,
        (System.nanoTime() - built) / 1e9,
        Files.size(file) / 1e6,
        index.stats().vectorBytes() / 1e6);
  }

  private static void open(Path file) throws IOException {
    long start = System.nanoTime();
    SigmoidTreeIndex index = SigmoidTreeIndex.load(file);
    long opened = System.nanoTime();
    int count = index.size();
    EmbeddedFace last = index.faces().get(count - 1);
    long found = System.nanoTime();
    SearchResult result = index.search(last.embedding(), 10);
    long searched = System.nanoTime();
    if (!result.matches().get(0).face().equals(last.face())
        || index.get(last.face().id()).isEmpty()) {
      throw new IllegalStateException("the last face is not found");
    }
    System.out.printf(
        Locale.ROOT,
        "%d faces: opened in %.3f s, first search %.1f ms more%n",
        count,
        (opened - start) / 1e9,
        (searched - found) / 1e6);
  }
}
