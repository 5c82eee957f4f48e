/** Face detection, landmarks and alignment on ONNX Runtime and OpenCV. */
module io.facesearch.detect {
  requires transitive io.facesearch.core;
  requires com.microsoft.onnxruntime;
  requires com.sun.jna;
  requires io.facesearch.onnx;
  requires opencv;
  requires org.slf4j;

  exports io.facesearch.detect;

  provides io.facesearch.spi.DetectionProvider with
      io.facesearch.detect.OpenCvDetectionProvider,
      io.facesearch.detect.YuNetDetectionProvider;
}
