package io.facesearch.detect;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.Ranges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The tiny YOLO-v2-like detector of face-api.js (0.8 MB). It finds poses that Haar cascades miss,
 * and faces down to about 1/12 of the photo's longer side. Scores are 0 to 1.
 *
 * <p>Thread-safe: each call borrows one of at most {@code poolSize} networks. Cost: O(inputSize²),
 * regardless of the photo's size. {@link #close} frees the native memory.
 */
public final class TinyFaceDetector implements FaceDetector {
  private static final float[] MEAN = {117.001f, 114.697f, 97.404f};
  private static final double OVERLAP = 0.4;

  /** Width and height of the five anchors, in cells. */
  private static final double[][] ANCHORS = {
    {1.603231, 2.094468},
    {6.041143, 7.080126},
    {2.882459, 3.518061},
    {4.266906, 5.178857},
    {9.041765, 10.66308}
  };

  private final PlaneNetwork network;
  private final int inputSize;
  private final double minScore;

  private TinyFaceDetector(int inputSize, double minScore, int poolSize) {
    this.inputSize = inputSize;
    this.minScore = minScore;
    network =
        new PlaneNetwork(
            "TinyFaceDetector", "tiny_face_detector.onnx", inputSize, inputSize, poolSize);
  }

  /**
   * Opens a detector with the default settings.
   *
   * @return a detector; the caller closes it
   * @throws NativeRuntimeException if ONNX Runtime does not load
   */
  public static TinyFaceDetector create() {
    return builder().build();
  }

  /** {@return a builder with the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    int longer = Math.max(image.width(), image.height());
    double scale = (double) inputSize / longer;
    int width = Math.max(1, (int) Math.round(image.width() * scale));
    int height = Math.max(1, (int) Math.round(image.height() * scale));
    int plane = inputSize * inputSize;
    float[] planes = new float[3 * plane];
    for (int c = 0; c < 3; c++) {
      java.util.Arrays.fill(planes, c * plane, (c + 1) * plane, -MEAN[c] / 255);
    }
    double[] map = ImageWarp.crop(0, 0, image.width(), image.height(), width, height);
    ImageWarp.toPlanes(image, map, width, height, inputSize, plane, MEAN, planes);
    return suppress(decode(network.run(planes), longer));
  }

  private List<DetectedFace> decode(float[] grid, int longer) {
    int cells = (int) Math.round(Math.sqrt(grid.length / 25.0));
    int area = cells * cells;
    List<DetectedFace> faces = new ArrayList<>();
    for (int a = 0; a < ANCHORS.length; a++) {
      int channel = 5 * a * area;
      for (int row = 0; row < cells; row++) {
        for (int column = 0; column < cells; column++) {
          int i = channel + row * cells + column;
          double score = sigmoid(grid[i + 4 * area]);
          if (score < minScore) {
            continue;
          }
          double w = Math.exp(grid[i + 2 * area]) * ANCHORS[a][0] / cells * longer;
          double h = Math.exp(grid[i + 3 * area]) * ANCHORS[a][1] / cells * longer;
          double x = (column + sigmoid(grid[i])) / cells * longer;
          double y = (row + sigmoid(grid[i + area])) / cells * longer;
          if (w > 0 && h > 0 && w < 10.0 * longer && h < 10.0 * longer) {
            faces.add(
                new DetectedFace(
                    new BoundingBox(x - w / 2, y - h / 2, w, h), score, Landmarks.NONE));
          }
        }
      }
    }
    faces.sort(Comparator.comparingDouble(DetectedFace::score).reversed());
    return faces;
  }

  /** Greedy non-maximum suppression; the list is sorted, surest first. */
  private static List<DetectedFace> suppress(List<DetectedFace> faces) {
    List<DetectedFace> kept = new ArrayList<>();
    for (DetectedFace face : faces) {
      if (kept.stream().noneMatch(k -> k.box().iou(face.box()) > OVERLAP)) {
        kept.add(face);
      }
    }
    return List.copyOf(kept);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Override
  public Optional<String> configuration() {
    return Optional.of("tiny v1 inputSize=" + inputSize + " minScore=" + minScore);
  }

  @Override
  public void close() {
    network.close();
  }

  /** Settings of a {@link TinyFaceDetector}. Not thread-safe. */
  public static final class Builder {
    private int inputSize = 320;
    private double minScore = 0.3;
    private int poolSize = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * Sets the size to which the photo's longer side is scaled; default 320. 224 suits portraits,
     * 512 suits groups.
     *
     * @param pixels 96 to 1,536, a multiple of 32
     * @return this
     */
    public Builder inputSize(int pixels) {
      Ranges.check("inputSize", pixels, 96, 1536);
      if (pixels % 32 != 0) {
        throw new IllegalArgumentException("inputSize must be a multiple of 32, but is: " + pixels);
      }
      inputSize = pixels;
      return this;
    }

    /**
     * Sets the score below which faces are dropped; default 0.3.
     *
     * @param value 0.01 to 1
     * @return this
     */
    public Builder minScore(double value) {
      minScore = Ranges.check("minScore", value, 0.01, 1);
      return this;
    }

    /**
     * Sets how many photos are processed at once; default the number of cores.
     *
     * @param value 1 to 1,024
     * @return this
     */
    public Builder poolSize(int value) {
      poolSize = (int) Ranges.check("poolSize", value, 1, 1024);
      return this;
    }

    /**
     * Opens the detector.
     *
     * @return a detector; the caller closes it
     * @throws NativeRuntimeException if ONNX Runtime does not load
     */
    public TinyFaceDetector build() {
      return new TinyFaceDetector(inputSize, minScore, poolSize);
    }
  }
}
