package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnByteVectorField;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnByteVectorQuery;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
  private static final VectorSimilarityFunction EUCLIDEAN = VectorSimilarityFunction.EUCLIDEAN;

  @TempDir private Path folder;

  private static float[][] vectors(int count, int dimension) {
    return Gallery.vectors(new Random(count), count, dimension, EUCLIDEAN);
  }

  private static void write(Directory directory, float[][] vectors) throws IOException {
    try (IndexWriter writer =
        new IndexWriter(directory, Gallery.config(new SigmoidTreeVectorsFormat()))) {
      for (int i = 0; i < vectors.length; i++) {
        writer.addDocument(Gallery.document(i, vectors[i], EUCLIDEAN));
      }
      writer.forceMerge(1);
    }
  }

  private static List<String> search(DirectoryReader reader, float[] query, int k)
      throws IOException {
    IndexSearcher searcher = new IndexSearcher(reader);
    return Gallery.told(
        List.of(searcher.search(new KnnFloatVectorQuery(Gallery.VECTOR, query, k), k).scoreDocs));
  }

  private static List<String> scan(DirectoryReader reader, float[] query, int k)
      throws IOException {
    return Gallery.told(Gallery.scan(reader, query, k, new Bits.MatchAllBits(reader.maxDoc())));
  }

  @Test
  void readersFindTheFormatByItsName() throws IOException {
    assertThat(KnnVectorsFormat.availableKnnVectorsFormats())
        .contains(SigmoidTreeVectorsFormat.NAME);
    assertThat(KnnVectorsFormat.forName(SigmoidTreeVectorsFormat.NAME))
        .isInstanceOf(SigmoidTreeVectorsFormat.class);
    float[][] vectors = vectors(2000, 24);
    try (Directory directory = FSDirectory.open(folder)) {
      write(directory, vectors);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        assertThat(search(reader, vectors[7], 5)).isEqualTo(scan(reader, vectors[7], 5));
      }
    }
  }

  /** Else the other tests would compare a scan with a scan. */
  @Test
  void fewVectorsAreComparedInFull() throws IOException {
    float[][] vectors = vectors(5000, 24);
    try (Directory directory = new ByteBuffersDirectory()) {
      write(directory, vectors);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        LeafReader leaf = reader.leaves().get(0).reader();
        TopDocs found =
            leaf.searchNearestVectors(Gallery.VECTOR, vectors[3], 5, null, Integer.MAX_VALUE);
        assertThat(found.totalHits.relation).isEqualTo(TotalHits.Relation.EQUAL_TO);
        assertThat(found.totalHits.value).isBetween(5L, 1000L);
      }
    }
  }

  @Test
  void aSearchStopsAtTheLimitOfVisitedVectors() throws IOException {
    float[][] vectors = vectors(5000, 24);
    try (Directory directory = new ByteBuffersDirectory()) {
      write(directory, vectors);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        LeafReader leaf = reader.leaves().get(0).reader();
        for (int k : new int[] {10, 3000}) { // by codes, and by a scan
          TopDocs found = leaf.searchNearestVectors(Gallery.VECTOR, vectors[3], k, null, 7);
          assertThat(found.totalHits.relation)
              .isEqualTo(TotalHits.Relation.GREATER_THAN_OR_EQUAL_TO);
          assertThat(found.totalHits.value).isEqualTo(7);
          assertThat(found.scoreDocs).hasSize(7);
        }
      }
    }
  }

  @Test
  void codesAreReadByTheFirstSearchAndCounted() throws IOException {
    float[][] vectors = vectors(3000, 128);
    try (Directory directory = FSDirectory.open(folder)) {
      write(directory, vectors);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        CodecReader leaf = (CodecReader) FilterLeafReader.unwrap(reader.leaves().get(0).reader());
        long before = leaf.getVectorReader().ramBytesUsed();
        search(reader, vectors[0], 5);
        long codes = leaf.getVectorReader().ramBytesUsed() - before;
        assertThat(before).isLessThan(20_000);
        assertThat(codes / vectors.length).isBetween(60L, 180L);
      }
    }
  }

  @Test
  void vectorsOfBytesAreCompared() throws IOException {
    Random random = new Random(3);
    try (Directory directory = new ByteBuffersDirectory()) {
      byte[][] vectors = new byte[3000][16];
      try (IndexWriter writer =
          new IndexWriter(directory, Gallery.config(new SigmoidTreeVectorsFormat()))) {
        for (byte[] vector : vectors) {
          random.nextBytes(vector);
          Document document = new Document();
          document.add(new KnnByteVectorField("bytes", vector, EUCLIDEAN));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        ScoreDoc[] hits =
            searcher.search(new KnnByteVectorQuery("bytes", vectors[77], 3), 3).scoreDocs;
        assertThat(hits[0].doc).isEqualTo(77);
        List<Float> scores = new ArrayList<>();
        for (byte[] vector : vectors) {
          scores.add(EUCLIDEAN.compare(vectors[77], vector));
        }
        scores.sort((a, b) -> Float.compare(b, a));
        assertThat(Stream.of(hits).map(hit -> hit.score)).isEqualTo(scores.subList(0, 3));
      }
    }
  }

  @Test
  void manyThreadsIndexMergeAndSearch() throws Exception {
    float[][] vectors = vectors(12_000, 32);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Directory directory = FSDirectory.open(folder)) {
      try (IndexWriter writer =
          new IndexWriter(
              directory, Gallery.config(new SigmoidTreeVectorsFormat()).setMaxBufferedDocs(700))) {
        List<Callable<Void>> parts = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
          int first = part;
          parts.add(
              () -> {
                for (int i = first; i < vectors.length; i += 4) {
                  writer.addDocument(Gallery.document(i, vectors[i], EUCLIDEAN));
                }
                return null;
              });
        }
        for (Future<Void> part : threads.invokeAll(parts)) {
          part.get();
        }
        writer.deleteDocuments(new Term(Gallery.ID, "5"));
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        assertThat(reader.numDocs()).isEqualTo(vectors.length - 1);
        int[] ids = Gallery.ids(reader);
        List<Callable<Void>> searches = new ArrayList<>();
        for (int q = 0; q < 200; q++) {
          float[] query = vectors[q * 31];
          int id = q * 31;
          searches.add(
              () -> {
                assertThat(search(reader, query, 10)).isEqualTo(scan(reader, query, 10));
                ScoreDoc[] nearest =
                    new IndexSearcher(reader)
                        .search(new KnnFloatVectorQuery(Gallery.VECTOR, query, 1), 1)
                        .scoreDocs;
                assertThat(vectors[ids[nearest[0].doc]])
                    .as("the vector of %s", id)
                    .isEqualTo(query);
                return null;
              });
        }
        for (Future<Void> one : threads.invokeAll(searches)) {
          one.get();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A merge writes what a flush of the same vectors writes. */
  @Test
  void aMergeOfSegmentsHasTheCodesOfOneSegment() throws IOException {
    float[][] vectors = vectors(6000, 48);
    byte[][] codes = new byte[2][];
    for (int i = 0; i < 2; i++) {
      Path own = folder.resolve("" + i);
      try (Directory directory = FSDirectory.open(own)) {
        try (IndexWriter writer =
            new IndexWriter(
                directory,
                Gallery.config(new SigmoidTreeVectorsFormat())
                    .setMergePolicy(NoMergePolicy.INSTANCE))) {
          for (int id = 0; id < vectors.length; id++) {
            writer.addDocument(Gallery.document(id, vectors[id], EUCLIDEAN));
            if (i == 1 && id % 1500 == 1499) {
              writer.flush();
            }
          }
        }
        if (i == 1) {
          try (IndexWriter writer =
              new IndexWriter(
                  directory,
                  Gallery.config(new SigmoidTreeVectorsFormat())
                      .setMergePolicy(new LogDocMergePolicy()))) { // which keeps the order
            writer.forceMerge(1);
          }
        }
        byte[] file = Files.readAllBytes(only(own, ".vst"));
        codes[i] = Arrays.copyOfRange(file, 100, file.length - 16); // without header and footer
      }
    }
    assertThat(codes[1]).isEqualTo(codes[0]);
  }

  private static Path only(Path folder, String extension) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(extension)).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  private static void damage(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at < 0 ? bytes.length + at : at] ^= 4;
    Files.write(file, bytes);
  }

  @Test
  void damagedCodesAreRefused() throws IOException {
    float[][] vectors = vectors(3000, 24);
    for (int at : new int[] {3, 300, 4000, 60_000, -40, -3}) {
      Path own = folder.resolve("at" + at);
      try (Directory directory = FSDirectory.open(own)) {
        write(directory, vectors);
        damage(only(own, ".vst"), at);
        assertThatThrownBy(
                () -> {
                  try (DirectoryReader reader = DirectoryReader.open(directory)) {
                    reader.leaves().get(0).reader().checkIntegrity();
                  }
                })
            .as("checked, byte %s", at)
            .isInstanceOf(CorruptIndexException.class);
        if (at > 200) {
          try (DirectoryReader reader = DirectoryReader.open(directory)) {
            assertThatThrownBy(() -> search(reader, vectors[1], 3))
                .as("searched, byte %s", at)
                .isInstanceOf(CorruptIndexException.class)
                .hasMessageContaining("checksum");
          }
        }
      }
    }
  }

  @Test
  void damagedMetadataAndShortFilesAreRefused() throws IOException {
    float[][] vectors = vectors(2000, 24);
    for (int at = 1; at < 150; at += 7) {
      Path own = folder.resolve("at" + at);
      try (Directory directory = FSDirectory.open(own)) {
        write(directory, vectors);
        Path meta = only(own, ".vstm");
        if (at < Files.size(meta)) {
          damage(meta, at);
          assertThatThrownBy(() -> DirectoryReader.open(directory).close())
              .as("byte %s", at)
              .isInstanceOfAny(
                  CorruptIndexException.class,
                  IndexFormatTooOldException.class,
                  IndexFormatTooNewException.class);
        }
      }
    }
    try (Directory directory = FSDirectory.open(folder.resolve("short"))) {
      write(directory, vectors);
      Path data = only(folder.resolve("short"), ".vst");
      byte[] bytes = Files.readAllBytes(data);
      Files.write(data, Arrays.copyOf(bytes, bytes.length / 2));
      assertThatThrownBy(() -> DirectoryReader.open(directory).close())
          .isInstanceOf(CorruptIndexException.class);
    }
  }

  /** Few that pass are compared, not more. */
  @Test
  void aFilterCostsWhatItPasses() throws IOException {
    float[][] vectors = vectors(5000, 24);
    try (Directory directory = new ByteBuffersDirectory()) {
      write(directory, vectors);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        var passes = new FixedBitSet(5000);
        for (int doc = 10; doc < 5000; doc += 50) {
          passes.set(doc);
        }
        LeafReader leaf = reader.leaves().get(0).reader();
        TopDocs found =
            leaf.searchNearestVectors(Gallery.VECTOR, vectors[3], 5, passes, Integer.MAX_VALUE);
        assertThat(found.totalHits.value).isEqualTo(100);
        assertThat(Gallery.told(List.of(found.scoreDocs)))
            .isEqualTo(Gallery.told(Gallery.scan(reader, vectors[3], 5, passes)));
      }
    }
  }
}
