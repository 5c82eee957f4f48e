/** Vocabulary, extension points and pipeline of facesearch. */
module io.facesearch.core {
  requires transitive java.desktop;
  requires static transitive org.jspecify;
  requires org.slf4j;
  requires com.twelvemonkeys.imageio.core;
  requires com.twelvemonkeys.imageio.tiff;
  requires com.twelvemonkeys.imageio.webp;

  exports io.facesearch;
  exports io.facesearch.spi;
  exports io.facesearch.internal to
      io.facesearch.detect,
      io.facesearch.embed,
      io.facesearch.eval,
      io.facesearch.index,
      io.facesearch.onnx,
      io.facesearch.opencv,
      io.facesearch.sface,
      io.facesearch.solr,
      io.facesearch.store,
      io.facesearch.train;

  uses io.facesearch.spi.DetectionProvider;
  uses io.facesearch.spi.EmbedderProvider;
  uses io.facesearch.spi.IndexProvider;
  uses io.facesearch.spi.ModelFileProvider;
  uses io.facesearch.spi.StorageProvider;
}
