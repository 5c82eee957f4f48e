/** Face detection, landmarks and alignment on ONNX Runtime. */
module io.facesearch.detect {
  requires transitive io.facesearch.core;
  requires com.microsoft.onnxruntime;
  requires com.sun.jna;
  requires io.facesearch.onnx;

  exports io.facesearch.detect;

  provides io.facesearch.spi.DetectionProvider with
      io.facesearch.detect.TinyDetectionProvider,
      io.facesearch.detect.YuNetDetectionProvider;
}
