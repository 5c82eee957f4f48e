package io.facesearch.lucene;

import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;

/** Codecs for tests. */
final class Codecs {
  private Codecs() {}

  /** Lucene's codec with a format for all vectors. */
  static Codec of(KnnVectorsFormat format) {
    return new Lucene912Codec() {
      @Override
      public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
        return format;
      }
    };
  }
}
