/** Embedding models in files, and networks to train, on ONNX Runtime and PyTorch. */
module io.facesearch.embed {
  requires transitive io.facesearch.core;
  requires transitive ai.djl.api;
  requires ai.djl.pytorch_engine;
  requires com.google.gson;
  requires com.sun.jna;
  requires io.facesearch.onnx;
  requires org.slf4j;

  exports io.facesearch.embed;

  provides io.facesearch.spi.ModelFileProvider with
      io.facesearch.embed.DjlModelFileProvider;
}
