package io.facesearch.lucene;

import org.apache.lucene.codecs.Codec;
import org.apache.lucene.tests.index.BaseKnnVectorsFormatTestCase;

/** Lucene's own suite for vector formats, all of it, with the format as it is. */
@SuppressWarnings("missing-explicit-ctor") // JUnit 4 wants it public
public class LuceneSuiteTest extends BaseKnnVectorsFormatTestCase {
  @Override
  protected Codec getCodec() {
    return Codecs.of(new SigmoidTreeVectorsFormat());
  }
}
