/** Exact nearest-neighbor indexes for face embeddings. */
module io.facesearch.index {
  requires transitive io.facesearch.core;
  requires org.slf4j;

  exports io.facesearch.index;
  exports io.facesearch.index.internal.codec to
      io.facesearch.lucene,
      io.facesearch.store;
  exports io.facesearch.index.internal.file to
      io.facesearch.store;
  exports io.facesearch.index.internal.quantize to
      io.facesearch.lucene;
  exports io.facesearch.index.internal.snapshot to
      io.facesearch.store;
  exports io.facesearch.index.internal.tree to
      io.facesearch.lucene,
      io.facesearch.store;

  provides io.facesearch.spi.IndexProvider with
      io.facesearch.index.SigmoidTreeIndexProvider;
}
