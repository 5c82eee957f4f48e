/** A gallery of faces that lives in a folder and survives crashes. */
module io.facesearch.store {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.index;
  requires transitive com.google.crypto.tink;
  requires com.google.gson;
  requires de.siegmar.fastcsv;
  requires java.sql;
  requires org.slf4j;
  requires org.xerial.sqlitejdbc;

  exports io.facesearch.store;

  provides io.facesearch.spi.StorageProvider with
      io.facesearch.store.FaceStoreProvider;
}
