/** The SFace recognition network with its weights. */
module io.facesearch.sface {
  requires transitive io.facesearch.core;
  requires io.facesearch.onnx;
  requires com.microsoft.onnxruntime;
  requires com.sun.jna;

  exports io.facesearch.sface;

  provides io.facesearch.spi.EmbedderProvider with
      io.facesearch.sface.SFaceEmbedderProvider;
}
