/** Exact nearest-neighbour indexes for face embeddings. */
module io.facesearch.index {
  requires transitive io.facesearch.core;
  requires transitive com.google.crypto.tink;
  requires java.sql;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;

  exports io.facesearch.index;

  provides io.facesearch.spi.IndexProvider with
      io.facesearch.index.SigmoidTreeIndexProvider;
}
