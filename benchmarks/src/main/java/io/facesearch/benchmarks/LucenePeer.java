package io.facesearch.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Version;

/**
 * Lucene's HNSW in one segment, floats not quantized, in a folder of its own that is mapped into
 * memory. Its candidate list is as long as the number of neighbors asked for, so the query asks for
 * ef and takes the best k. Uses only what Lucene 9.12 and 10 have both.
 */
final class LucenePeer implements GraphPeer {
  private Path folder;
  private Directory directory;
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private int[] rowOf;

  @Override
  public String name() {
    return "Lucene " + Version.LATEST;
  }

  @Override
  public void build(float[][] vectors, int efConstruction) throws IOException {
    folder = Files.createTempDirectory("lucene-peer");
    directory = FSDirectory.open(folder);
    IndexWriterConfig config =
        new IndexWriterConfig().setCodec(codec(efConstruction)).setRAMBufferSizeMB(1900);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < vectors.length; i++) {
        Document document = new Document();
        document.add(new NumericDocValuesField("row", i));
        document.add(
            new KnnFloatVectorField("vector", vectors[i], VectorSimilarityFunction.EUCLIDEAN));
        writer.addDocument(document);
      }
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
    searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    if (reader.leaves().size() != 1) {
      throw new IllegalStateException("one segment expected, but are: " + reader.leaves().size());
    }
    LeafReader leaf = reader.leaves().get(0).reader();
    NumericDocValues rows = leaf.getNumericDocValues("row");
    rowOf = new int[leaf.maxDoc()];
    while (rows.nextDoc() != NumericDocValues.NO_MORE_DOCS) {
      rowOf[rows.docID()] = (int) rows.longValue();
    }
  }

  /** The default codec, which readers find by its name, with other settings of the graph. */
  private static Codec codec(int efConstruction) {
    KnnVectorsFormat hnsw = new Lucene99HnswVectorsFormat(LINKS / 2, efConstruction);
    KnnVectorsFormat everyField =
        new PerFieldKnnVectorsFormat() {
          @Override
          public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
            return hnsw;
          }
        };
    Codec standard = Codec.getDefault();
    return new FilterCodec(standard.getName(), standard) {
      @Override
      public KnnVectorsFormat knnVectorsFormat() {
        return everyField;
      }
    };
  }

  @Override
  public int[] search(float[] query, int k, int ef) {
    try {
      ScoreDoc[] hits = searcher.search(new KnnFloatVectorQuery("vector", query, ef), k).scoreDocs;
      int[] rows = new int[hits.length];
      for (int i = 0; i < hits.length; i++) {
        rows[i] = rowOf[hits[i].doc];
      }
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
