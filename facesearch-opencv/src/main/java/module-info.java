/** Face detection by OpenCV's Haar cascades. */
module io.facesearch.opencv {
  requires transitive io.facesearch.core;
  requires io.facesearch.detect;
  requires opencv;
  requires org.slf4j;

  exports io.facesearch.opencv;

  provides io.facesearch.spi.DetectionProvider with
      io.facesearch.opencv.HaarDetectionProvider;
}
