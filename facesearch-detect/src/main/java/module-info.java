/** Face detection, landmarks and alignment on OpenCV. */
module io.facesearch.detect {
  requires transitive io.facesearch.core;
  requires opencv;
  requires org.slf4j;

  exports io.facesearch.detect;

  provides io.facesearch.spi.DetectionProvider with
      io.facesearch.detect.OpenCvDetectionProvider;
}
