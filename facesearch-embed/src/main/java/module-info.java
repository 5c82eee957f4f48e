/** Face embedding on DJL and PyTorch, with the bundled default model. */
module io.facesearch.embed {
  requires transitive io.facesearch.core;
  requires ai.djl.api;
  requires ai.djl.pytorch_engine;
  requires com.google.gson;
  requires com.sun.jna;
  requires org.slf4j;

  exports io.facesearch.embed;

  provides io.facesearch.spi.EmbedderProvider with
      io.facesearch.embed.DefaultEmbedderProvider;
}
