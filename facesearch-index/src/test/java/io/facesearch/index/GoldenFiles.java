package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes the files of the present versions of the index file that are kept to be read for ever. Run
 * once for each new version: {@code main(folder)}.
 */
final class GoldenFiles {
  private GoldenFiles() {}

  /** Enough for a tree of leaves of 16. */
  static List<EmbeddedFace> many() {
    Random random = new Random(20261130);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      float[] vector = new float[8];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = random.nextInt(1000) / 64f;
      }
      FaceRecord record = FaceRecord.of("face " + i, "person " + i % 50).withTag("n", i % 7);
      faces.add(new EmbeddedFace(record, Embedding.of("m", vector)));
    }
    return faces;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    IndexFileTest.sample().save(folder.resolve("version-5.fsx"));
    SigmoidTreeIndex tree = SigmoidTreeIndex.builder().leafSize(16).build();
    tree.addAll(many());
    tree.save(folder.resolve("version-7.fsx"));
  }
}
