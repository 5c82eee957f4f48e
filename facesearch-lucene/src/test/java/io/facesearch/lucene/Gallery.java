package io.facesearch.lucene;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MultiDocValues;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.util.Bits;
import org.jspecify.annotations.Nullable;

/** Random vectors as documents, and what a scan of them finds. */
final class Gallery {
  static final String VECTOR = "vector";
  static final String ID = "id";
  static final String TAG = "tag";

  private Gallery() {}

  static IndexWriterConfig config(KnnVectorsFormat format) {
    return new IndexWriterConfig().setCodec(Codecs.of(format)).setUseCompoundFile(false);
  }

  /** Vectors of different kinds: of clusters, equal ones, of one direction, long and short. */
  static float[][] vectors(
      Random random, int count, int dimension, VectorSimilarityFunction similarity) {
    float[][] people = new float[1 + random.nextInt(1 + count / 3)][];
    for (int i = 0; i < people.length; i++) {
      people[i] = gaussian(random, dimension, 1);
    }
    float spread = random.nextFloat() < 0.2f ? 0 : 2 * random.nextFloat();
    float size = (float) Math.pow(10, random.nextInt(7) - 3);
    float[][] vectors = new float[count][];
    for (int i = 0; i < count; i++) {
      float[] person = people[random.nextInt(people.length)];
      float[] vector = gaussian(random, dimension, spread);
      for (int j = 0; j < dimension; j++) {
        vector[j] = (vector[j] + person[j]) * size;
      }
      vectors[i] = vector;
    }
    boolean isUnit =
        similarity == VectorSimilarityFunction.DOT_PRODUCT
            || (similarity == VectorSimilarityFunction.MAXIMUM_INNER_PRODUCT
                && random.nextBoolean());
    if (isUnit) {
      for (float[] vector : vectors) {
        normalize(vector);
      }
    }
    return vectors;
  }

  static float[] gaussian(Random random, int dimension, float spread) {
    float[] vector = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      vector[j] = spread * (float) random.nextGaussian();
    }
    return vector;
  }

  static void normalize(float[] vector) {
    double norm = Math.sqrt(ScoreLimit.square(vector));
    for (int j = 0; j < vector.length; j++) {
      vector[j] = norm == 0 ? (j == 0 ? 1 : 0) : (float) (vector[j] / norm);
    }
  }

  static Document document(int id, float @Nullable [] vector, VectorSimilarityFunction similarity) {
    Document document = new Document();
    document.add(new NumericDocValuesField(ID, id));
    document.add(new StringField(ID, "" + id, Field.Store.YES));
    if (vector != null) {
      document.add(new KnnFloatVectorField(VECTOR, vector, similarity));
    }
    return document;
  }

  /** The ids of all documents, by number. */
  static int[] ids(IndexReader reader) throws IOException {
    int[] ids = new int[reader.maxDoc()];
    NumericDocValues values = MultiDocValues.getNumericValues(reader, ID);
    while (values != null && values.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      ids[values.docID()] = (int) values.longValue();
    }
    return ids;
  }

  /** What Lucene finds by comparing every vector whose document passes. */
  static List<ScoreDoc> scan(IndexReader reader, float[] query, int k, Bits passes)
      throws IOException {
    TopKnnCollector nearest = new TopKnnCollector(k, Integer.MAX_VALUE);
    for (LeafReaderContext leaf : reader.leaves()) {
      if (leaf.reader().getFieldInfos().fieldInfo(VECTOR) == null) {
        continue;
      }
      Bits live = leaf.reader().getLiveDocs();
      VectorSimilarityFunction similarity =
          leaf.reader().getFieldInfos().fieldInfo(VECTOR).getVectorSimilarityFunction();
      var vectors = leaf.reader().getFloatVectorValues(VECTOR);
      while (vectors.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        int doc = vectors.docID();
        if ((live == null || live.get(doc)) && passes.get(leaf.docBase + doc)) {
          nearest.collect(leaf.docBase + doc, similarity.compare(query, vectors.vectorValue()));
        }
      }
    }
    return new ArrayList<>(List.of(nearest.topDocs().scoreDocs));
  }

  /** Documents and the bits of their scores, to compare. */
  static List<String> told(List<ScoreDoc> hits) {
    return hits.stream().map(hit -> hit.doc + ": " + Float.toHexString(hit.score)).toList();
  }
}
