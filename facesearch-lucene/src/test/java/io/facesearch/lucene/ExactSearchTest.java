package io.facesearch.lucene;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.FloatVectorSimilarityQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Documents, scores and order are those of a scan, whatever the vectors, filters and segments. */
class ExactSearchTest {
  private static final int ROUNDS = 12;
  private static final int QUERIES = 12;

  @ParameterizedTest
  @EnumSource(VectorSimilarityFunction.class)
  void findsWhatAScanFinds(VectorSimilarityFunction similarity) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      Random random = new Random(31 * round + similarity.ordinal());
      int count = 1 + random.nextInt(round % 4 == 0 ? 6000 : 900);
      int dimension = 1 + random.nextInt(round % 3 == 0 ? 200 : 40);
      float[][] vectors = Gallery.vectors(random, count, dimension, similarity);
      try (Directory directory = new ByteBuffersDirectory()) {
        index(directory, vectors, random, similarity);
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          compare(reader, vectors, random, similarity);
        }
      }
    }
  }

  private static void index(
      Directory directory, float[][] vectors, Random random, VectorSimilarityFunction similarity)
      throws IOException {
    IndexWriterConfig config =
        Gallery.config(new SigmoidTreeVectorsFormat(1 + random.nextInt(2) * 200));
    if (random.nextInt(3) == 0) {
      config.setIndexSort(new Sort(new SortField(Gallery.ID, SortField.Type.LONG, true)));
    }
    int every = random.nextInt(3) == 0 ? 3 : 0; // so that ordinals are not documents
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < vectors.length; i++) {
        boolean hasVector = every == 0 || i % every != 1;
        Document document = Gallery.document(i, hasVector ? vectors[i] : null, similarity);
        for (int share : new int[] {2, 30}) {
          if (random.nextInt(share) == 0) {
            document.add(new StringField(Gallery.TAG, "" + share, Field.Store.NO));
          }
        }
        writer.addDocument(document);
        if (random.nextInt(1 + vectors.length / 3) == 0) {
          writer.flush();
        }
      }
      if (random.nextBoolean()) {
        for (int i = random.nextInt(40); i < vectors.length; i += 1 + random.nextInt(60)) {
          writer.deleteDocuments(new Term(Gallery.ID, "" + i));
        }
      }
      if (random.nextBoolean()) {
        writer.forceMerge(1 + random.nextInt(2));
      }
    }
  }

  private static void compare(
      DirectoryReader reader, float[][] vectors, Random random, VectorSimilarityFunction similarity)
      throws IOException {
    IndexSearcher searcher = new IndexSearcher(reader);
    for (int i = 0; i < QUERIES; i++) {
      float[] query =
          i % 2 == 0
              ? vectors[random.nextInt(vectors.length)].clone()
              : Gallery.vectors(random, 1, vectors[0].length, similarity)[0];
      int k = 1 + random.nextInt(i % 5 == 0 ? vectors.length : 25);
      List<ScoreDoc> all = Gallery.scan(reader, query, k, passing(reader, null));
      assertThat(told(searcher, new KnnFloatVectorQuery(Gallery.VECTOR, query, k), k))
          .as("%s of %d", similarity, vectors.length)
          .isEqualTo(Gallery.told(all));
      for (String tag : List.of("2", "30")) {
        TermQuery filter = new TermQuery(new Term(Gallery.TAG, tag));
        assertThat(told(searcher, new KnnFloatVectorQuery(Gallery.VECTOR, query, k, filter), k))
            .as("%s of %d, filter %s", similarity, vectors.length, tag)
            .isEqualTo(Gallery.told(Gallery.scan(reader, query, k, passing(reader, filter))));
      }
      compareWithin(searcher, query, all);
    }
  }

  /** All documents with a score of at least that of the worst that was found. */
  private static void compareWithin(IndexSearcher searcher, float[] query, List<ScoreDoc> nearest)
      throws IOException {
    if (nearest.isEmpty()) {
      return;
    }
    float least = nearest.get(nearest.size() - 1).score;
    int all = searcher.getIndexReader().maxDoc();
    List<ScoreDoc> right =
        Gallery.scan(searcher.getIndexReader(), query, all, passing(searcher, null)).stream()
            .filter(hit -> hit.score >= least)
            .toList();
    assertThat(told(searcher, new FloatVectorSimilarityQuery(Gallery.VECTOR, query, least), all))
        .isEqualTo(Gallery.told(right));
  }

  private static List<String> told(IndexSearcher searcher, Query query, int k) throws IOException {
    return Gallery.told(new ArrayList<>(List.of(searcher.search(query, k).scoreDocs)));
  }

  private static Bits passing(DirectoryReader reader, TermQuery filter) throws IOException {
    return passing(new IndexSearcher(reader), filter);
  }

  private static Bits passing(IndexSearcher searcher, TermQuery filter) throws IOException {
    int count = searcher.getIndexReader().maxDoc();
    if (filter == null) {
      return new Bits.MatchAllBits(count);
    }
    var bits = new FixedBitSet(count);
    for (ScoreDoc hit : searcher.search(filter, count).scoreDocs) {
      bits.set(hit.doc);
    }
    return bits;
  }
}
