/** Exact search by facesearch's codes as a vector format of Lucene. */
module io.facesearch.lucene {
  requires io.facesearch.index;
  requires transitive org.apache.lucene.core;

  exports io.facesearch.lucene;

  provides org.apache.lucene.codecs.KnnVectorsFormat with
      io.facesearch.lucene.SigmoidTreeVectorsFormat;
}
