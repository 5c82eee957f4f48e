package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallHeapTest {
  private static final int COUNT = 120_000;
  private static final int DIMENSION = 128;

  @TempDir private Path folder;

  /** 61 MB of vectors in a heap of 48 MB. */
  @Test
  @Tag("slow")
  void aMergeNeedsNoHeapForTheVectors() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx48m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                SmallHeapTest.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("one segment of " + COUNT);
  }

  public static void main(String[] args) throws IOException {
    Random random = new Random(1);
    float[] last = {};
    try (Directory directory = FSDirectory.open(Path.of(args[0]))) {
      try (IndexWriter writer =
          new IndexWriter(
              directory,
              Gallery.config(new SigmoidTreeVectorsFormat())
                  .setMergeScheduler(new SerialMergeScheduler())
                  .setRAMBufferSizeMB(4))) {
        for (int i = 0; i < COUNT; i++) {
          last = Gallery.gaussian(random, DIMENSION, 1);
          writer.addDocument(Gallery.document(i, last, VectorSimilarityFunction.EUCLIDEAN));
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        List<String> found =
            Gallery.told(
                List.of(
                    new IndexSearcher(reader)
                        .search(new KnnFloatVectorQuery(Gallery.VECTOR, last, 1), 1)
                        .scoreDocs));
        if (reader.leaves().size() != 1 || !found.get(0).endsWith("0x1.0p0")) {
          throw new IllegalStateException("the last vector was not found: " + found);
        }
        System.out.println("one segment of " + reader.numDocs());
      }
    }
  }
}
