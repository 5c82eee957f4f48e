package io.facesearch.opencv;

import io.facesearch.BoundingBox;
import io.facesearch.FaceImage;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativeFolder;
import io.facesearch.opencv.HaarFaceDetector.ScoredBox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.opencv.core.CvException;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfDouble;
import org.opencv.core.MatOfInt;
import org.opencv.core.MatOfRect;
import org.opencv.core.Rect;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/** One classifier with its reused buffers. Serves one thread at a time. */
final class CascadeWorker implements AutoCloseable {
  private static final Pattern STAGE_THRESHOLD =
      Pattern.compile("<stageThreshold>\\s*([-+.0-9eE]+)");

  private final NativeCascade cascade;
  private final double lastThreshold;
  private final Mat gray = new Mat();
  private final MatOfRect boxes = new MatOfRect();
  private final MatOfInt levels = new MatOfInt();
  private final MatOfDouble weights = new MatOfDouble();

  /** OpenCV reads cascades from files only, so the bytes pass through a private temporary file. */
  CascadeWorker(byte[] xml, String name) {
    lastThreshold = lastThreshold(xml);
    Path file = null;
    try {
      file = Files.createTempFile(NativeFolder.path("a cascade"), "cascade-", ".xml");
      Files.write(file, xml);
      cascade = open(file, name);
    } catch (IOException e) {
      throw new NativeRuntimeException(
          "the cascade "
              + name
              + " cannot be unpacked to java.io.tmpdir "
              + System.getProperty("java.io.tmpdir"),
          e);
    } finally {
      deleteQuietly(file);
    }
    if (cascade.empty()) {
      close();
      throw notACascade(name, null);
    }
  }

  /** The sum that a window must reach in the last stage; 0 where the format does not say it so. */
  private static double lastThreshold(byte[] xml) {
    Matcher threshold = STAGE_THRESHOLD.matcher(new String(xml, StandardCharsets.ISO_8859_1));
    double last = 0;
    while (threshold.find()) {
      last = Double.parseDouble(threshold.group(1));
    }
    return last;
  }

  private static NativeCascade open(Path file, String name) {
    try {
      return new NativeCascade(file.toString());
    } catch (CvException e) {
      throw notACascade(name, e);
    }
  }

  private static NativeRuntimeException notACascade(String name, @Nullable CvException cause) {
    return new NativeRuntimeException(
        "not a Haar or LBP cascade in OpenCV's XML format: " + name, cause);
  }

  private static void deleteQuietly(@Nullable Path file) {
    if (file != null) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        file.toFile().deleteOnExit();
      }
    }
  }

  List<ScoredBox> detect(FaceImage image, double scaleStep, int minNeighbors, int minimum) {
    gray.create(image.height(), image.width(), CvType.CV_8UC1);
    gray.put(0, 0, luma(image));
    Imgproc.equalizeHist(gray, gray);
    cascade.detectMultiScale3(
        gray,
        boxes,
        levels,
        weights,
        scaleStep,
        minNeighbors,
        0,
        new Size(minimum, minimum),
        new Size(),
        true);
    if (boxes.empty()) {
      return List.of();
    }
    Rect[] found = boxes.toArray();
    double[] scores = weights.toArray();
    List<ScoredBox> result = new ArrayList<>(found.length);
    for (int i = 0; i < found.length; i++) {
      Rect r = found[i];
      result.add(
          new ScoredBox(new BoundingBox(r.x, r.y, r.width, r.height), scores[i] - lastThreshold));
    }
    result.sort(
        Comparator.comparingDouble(ScoredBox::score)
            .reversed()
            .thenComparing(b -> -b.box().area()));
    return result;
  }

  /** Luma of ITU-R BT.601 in 14-bit fixed point, as OpenCV's cvtColor computes it. */
  private static byte[] luma(FaceImage image) {
    ByteBuffer rgb = image.rgb();
    byte[] luma = new byte[image.width() * image.height()];
    for (int i = 0, p = 0; i < luma.length; i++, p += 3) {
      luma[i] =
          (byte)
              (((rgb.get(p) & 0xff) * 4899
                      + (rgb.get(p + 1) & 0xff) * 9617
                      + (rgb.get(p + 2) & 0xff) * 1868
                      + 8192)
                  >> 14);
    }
    return luma;
  }

  @Override
  public void close() {
    cascade.close();
    gray.release();
    boxes.release();
    levels.release();
    weights.release();
  }
}
