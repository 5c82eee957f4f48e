package io.facesearch.detect;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceImage;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** Our pixels are OpenCV's, within one level of 255, on noise, where nothing is forgiven. */
class PixelsTest {
  static {
    nu.pattern.OpenCV.loadLocally();
  }

  @Property(tries = 60)
  void shrinksByAreaAsOpenCvDoes(
      @ForAll @IntRange(min = 1, max = 200) int width,
      @ForAll @IntRange(min = 1, max = 200) int height,
      @ForAll @IntRange(min = 1, max = 200) int toWidth,
      @ForAll @IntRange(min = 1, max = 200) int toHeight,
      @ForAll int seed) {
    FaceImage image = noise(width, height, seed);
    int w = Math.min(width, toWidth);
    int h = Math.min(height, toHeight);
    assertEqual(ImageScale.area(image, w, h), resized(image, w, h, Imgproc.INTER_AREA));
  }

  @Property(tries = 60)
  void resizesBilinearlyAsOpenCvDoes(
      @ForAll @IntRange(min = 1, max = 200) int width,
      @ForAll @IntRange(min = 1, max = 200) int height,
      @ForAll @IntRange(min = 1, max = 200) int toWidth,
      @ForAll @IntRange(min = 1, max = 200) int toHeight,
      @ForAll int seed) {
    FaceImage image = noise(width, height, seed);
    assertEqual(
        ImageScale.bilinear(image, toWidth, toHeight),
        resized(image, toWidth, toHeight, Imgproc.INTER_LINEAR));
  }

  /** OpenCV warps on a grid of 1/32 pixel, so the maps lie on it; ours needs no grid. */
  @Property(tries = 60)
  void warpsAsOpenCvDoes(
      @ForAll @IntRange(min = -32, max = 32) int a,
      @ForAll @IntRange(min = -32, max = 32) int b,
      @ForAll @IntRange(min = -3000, max = 3000) int x,
      @ForAll @IntRange(min = -3000, max = 3000) int y,
      @ForAll int seed) {
    if (a == 0 && b == 0) {
      return;
    }
    FaceImage image = noise(97, 61, seed);
    double[] m = {a / 32.0, -b / 32.0, x / 32.0, b / 32.0, a / 32.0, y / 32.0};
    assertEqual(ImageWarp.toImage(image, m, 112, 112), warped(image, m, 112, 112));
  }

  @Test
  void shrinksALargePhotoByAreaAsOpenCvDoes() {
    FaceImage image = noise(1999, 1501, 7);
    assertEqual(ImageScale.area(image, 1024, 769), resized(image, 1024, 769, Imgproc.INTER_AREA));
    assertEqual(ImageScale.area(image, 333, 250), resized(image, 333, 250, Imgproc.INTER_AREA));
  }

  /** What is shrunk much is shrunk by area first: OpenCV's two steps, done by hand. */
  @Test
  void aWarpThatShrinksAverages() {
    FaceImage image = noise(448, 448, 3);
    double[] m = ImageWarp.crop(0, 0, 448, 448, 112, 112);
    assertEqual(
        ImageWarp.toImage(image, m, 112, 112), resized(image, 112, 112, Imgproc.INTER_AREA));
  }

  private static FaceImage noise(int width, int height, int seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return FaceImage.ofRgb(width, height, rgb);
  }

  private static FaceImage resized(FaceImage image, int width, int height, int interpolation) {
    Mat from = mat(image);
    Mat to = new Mat();
    try {
      Imgproc.resize(from, to, new Size(width, height), 0, 0, interpolation);
      return image(to);
    } finally {
      from.release();
      to.release();
    }
  }

  private static FaceImage warped(FaceImage image, double[] m, int width, int height) {
    Mat from = mat(image);
    Mat to = new Mat();
    Mat map = new Mat(2, 3, CvType.CV_64F);
    try {
      map.put(0, 0, m);
      Imgproc.warpAffine(
          from,
          to,
          map,
          new Size(width, height),
          Imgproc.INTER_LINEAR | Imgproc.WARP_INVERSE_MAP,
          org.opencv.core.Core.BORDER_CONSTANT,
          new Scalar(0));
      return image(to);
    } finally {
      from.release();
      to.release();
      map.release();
    }
  }

  private static Mat mat(FaceImage image) {
    Mat mat = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    byte[] rgb = new byte[3 * image.width() * image.height()];
    image.rgb().get(rgb);
    mat.put(0, 0, rgb);
    return mat;
  }

  private static FaceImage image(Mat mat) {
    byte[] rgb = new byte[3 * mat.cols() * mat.rows()];
    mat.get(0, 0, rgb);
    return FaceImage.ofRgb(mat.cols(), mat.rows(), rgb);
  }

  private static void assertEqual(FaceImage ours, FaceImage theirs) {
    assertThat(ours.width()).isEqualTo(theirs.width());
    assertThat(ours.height()).isEqualTo(theirs.height());
    for (int y = 0; y < ours.height(); y++) {
      for (int x = 0; x < ours.width(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          int a = ours.rgb(x, y) >> shift & 0xff;
          int b = theirs.rgb(x, y) >> shift & 0xff;
          if (Math.abs(a - b) > 1) {
            assertThat(a).as("pixel %d,%d of %s", x, y, ours).isEqualTo(b);
          }
        }
      }
    }
  }
}
