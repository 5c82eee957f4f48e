/** ONNX Runtime for the other modules of facesearch; nothing here is for applications. */
module io.facesearch.onnx {
  requires transitive io.facesearch.core;
  requires transitive com.microsoft.onnxruntime;
  requires com.sun.jna;
  requires org.slf4j;

  exports io.facesearch.onnx to
      io.facesearch.detect,
      io.facesearch.embed,
      io.facesearch.sface;
}
