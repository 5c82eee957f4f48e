/** Exact nearest-neighbour indexes for face embeddings. */
module io.facesearch.index {
  requires transitive io.facesearch.core;
  requires org.slf4j;

  exports io.facesearch.index;

  provides io.facesearch.spi.IndexProvider with
      io.facesearch.index.SigmoidTreeIndexProvider;
}
