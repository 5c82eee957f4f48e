package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An index of each version of the format, which every later release must read; {@link #main} writes
 * that of the current version.
 */
class GoldenIndexTest {
  private static final int COUNT = 1200; // enough for codes
  private static final int DIMENSION = 8;
  private static final VectorSimilarityFunction EUCLIDEAN = VectorSimilarityFunction.EUCLIDEAN;

  @TempDir private Path folder;

  private static float[][] vectors() {
    Random random = new Random(20);
    float[][] vectors = new float[COUNT][];
    for (int i = 0; i < COUNT; i++) {
      vectors[i] = Gallery.gaussian(random, DIMENSION, 1);
    }
    return vectors;
  }

  private static Path folder(int version) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(
                GoldenIndexTest.class.getResource("version-" + version), "no index of " + version)
            .toURI());
  }

  @Test
  void thereIsOneOfTheCurrentVersion() throws URISyntaxException {
    assertThat(folder(SigmoidTreeVectorsFormat.VERSION_CURRENT)).isNotEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(ints = 0)
  void isReadAndSearched(int version) throws Exception {
    try (var files = Files.list(folder(version))) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    try (Directory directory = FSDirectory.open(folder);
        CheckIndex check = new CheckIndex(directory)) {
      assertThat(check.checkIndex().clean).isTrue();
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        assertThat(reader.numDocs()).isEqualTo(COUNT);
        IndexSearcher searcher = new IndexSearcher(reader);
        float[][] vectors = vectors();
        for (int i = 0; i < COUNT; i += 100) {
          float[] query = vectors[i];
          assertThat(
                  Gallery.told(
                      List.of(
                          searcher.search(new KnnFloatVectorQuery(Gallery.VECTOR, query, 7), 7)
                              .scoreDocs)))
              .isEqualTo(
                  Gallery.told(Gallery.scan(reader, query, 7, new Bits.MatchAllBits(COUNT))));
        }
      }
    }
  }

  /**
   * Writes an index of the current version.
   *
   * @param args the folder for it
   */
  public static void main(String[] args) throws IOException {
    try (Directory directory = FSDirectory.open(Path.of(args[0]));
        IndexWriter writer =
            new IndexWriter(directory, Gallery.config(new SigmoidTreeVectorsFormat()))) {
      float[][] vectors = vectors();
      for (int i = 0; i < COUNT; i++) {
        writer.addDocument(Gallery.document(i, vectors[i], EUCLIDEAN));
      }
      writer.forceMerge(1);
    }
  }
}
