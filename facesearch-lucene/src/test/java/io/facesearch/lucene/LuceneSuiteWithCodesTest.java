package io.facesearch.lucene;

import org.apache.lucene.codecs.Codec;
import org.apache.lucene.tests.index.BaseKnnVectorsFormatTestCase;
import org.junit.Ignore;

/** The same with codes in the smallest of segments, as those of the suite are. */
@SuppressWarnings("missing-explicit-ctor") // JUnit 4 wants it public
public class LuceneSuiteWithCodesTest extends BaseKnnVectorsFormatTestCase {
  @Override
  protected Codec getCodec() {
    return Codecs.of(new SigmoidTreeVectorsFormat(1));
  }

  /**
   * Expects that a limit of k + 4 visited vectors stops a search for k; one by codes may need fewer
   * and end with the right answer. FormatTest checks that the limit is obeyed.
   */
  @Override
  @Ignore("searches by codes may need fewer vectors than this limit")
  public void testSearchWithVisitedLimit() {}
}
