/** dlib's face descriptor network with its weights. */
module io.facesearch.dlib {
  requires transitive io.facesearch.core;
  requires transitive io.facesearch.embed;

  exports io.facesearch.dlib;

  provides io.facesearch.spi.EmbedderProvider with
      io.facesearch.dlib.DlibEmbedderProvider;
}
