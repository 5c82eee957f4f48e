package io.facesearch.detect;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceImage;
import io.facesearch.FaceLandmarker;
import io.facesearch.Landmarks;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.Ranges;
import java.util.Optional;

/**
 * The 68-point landmark network of face-api.js (input: the square around the face, 112x112 RGB). A
 * second pass on the box around the first pass's points makes the result more stable.
 *
 * <p>Thread-safe: each call borrows one of at most {@code poolSize} networks. {@link #close} frees
 * the native memory.
 */
public final class LandmarkNetwork implements FaceLandmarker {
  private static final int SIZE = 112;
  private static final float[] MEAN = {122.782f, 117.001f, 104.298f};

  /** Landmarks end at the eyebrows; the network was trained on boxes that hold the forehead. */
  private static final double FOREHEAD = 0.35;

  /**
   * Side of a later pass's square, in sides of the box. 1.1 and 1.2 gave the embeddings a higher
   * recall@1 on CelebA (.906 against .901 at 1.0) and a higher accuracy on LFW (.986, .988, .985).
   */
  private static final double LATER_PASS = 1.15;

  private final PlaneNetwork network;
  private final String resource;
  private final int passes;

  private LandmarkNetwork(String resource, int passes, int poolSize) {
    this.resource = resource;
    this.passes = passes;
    network = new PlaneNetwork("LandmarkNetwork", resource, SIZE, SIZE, poolSize);
  }

  /**
   * Opens the full network with two passes.
   *
   * @return a network; the caller closes it
   * @throws NativeRuntimeException if ONNX Runtime does not load
   */
  public static LandmarkNetwork create() {
    return builder().build();
  }

  /** {@return a builder with the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Landmarks locate(FaceImage image, BoundingBox box) {
    Landmarks landmarks = pass(image, box.square(1));
    for (int i = 1; i < passes; i++) {
      BoundingBox b = landmarks.boundingBox();
      double top = FOREHEAD * b.height();
      landmarks =
          pass(
              image,
              new BoundingBox(b.x(), b.y() - top, b.width(), b.height() + top).square(LATER_PASS));
    }
    return landmarks;
  }

  @Override
  public Landmarks locate(FaceImage image, DetectedFace face) {
    int turn = face.turn();
    if (turn == 0) {
      return locate(image, face.box());
    }
    FaceImage upright = FaceBoxes.turned(image, turn);
    DetectedFace there = FaceBoxes.turnedBack(face, 360 - turn, upright);
    Landmarks landmarks = locate(upright, there.box());
    return FaceBoxes.turnedBack(there.withLandmarks(landmarks), turn, image).landmarks();
  }

  private Landmarks pass(FaceImage image, BoundingBox square) {
    float[] planes = new float[3 * SIZE * SIZE];
    double[] map =
        ImageWarp.crop(square.x(), square.y(), square.width(), square.height(), SIZE, SIZE);
    ImageWarp.toPlanes(image, map, SIZE, SIZE, SIZE, SIZE * SIZE, MEAN, planes);
    float[] xy = network.run(planes);
    for (int i = 0; i < xy.length; i += 2) {
      xy[i] = (float) (square.x() + xy[i] * square.width());
      xy[i + 1] = (float) (square.y() + xy[i + 1] * square.height());
    }
    return Landmarks.of(xy);
  }

  /** The raw outputs of the network for one 112x112 image, 0..1 of its sides; for tests. */
  float[] raw(FaceImage image) {
    float[] planes = new float[3 * SIZE * SIZE];
    ImageWarp.toPlanes(
        image,
        ImageWarp.crop(0, 0, image.width(), image.height(), SIZE, SIZE),
        SIZE,
        SIZE,
        SIZE,
        SIZE * SIZE,
        MEAN,
        planes);
    return network.run(planes);
  }

  @Override
  public Optional<String> configuration() {
    return Optional.of("landmarks v1 " + resource + " passes=" + passes);
  }

  @Override
  public void close() {
    network.close();
  }

  /** Settings of a {@link LandmarkNetwork}. Not thread-safe. */
  public static final class Builder {
    private boolean tiny;
    private int passes = 2;
    private int poolSize = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * Sets whether to use the small network (0.3 MB instead of 1.4 MB, slightly less accurate);
     * default false.
     *
     * @param value true for the small one
     * @return this
     */
    public Builder tiny(boolean value) {
      tiny = value;
      return this;
    }

    /**
     * Sets the number of passes over a face; default 2.
     *
     * @param value 1 to 5
     * @return this
     */
    public Builder passes(int value) {
      passes = (int) Ranges.check("passes", value, 1, 5);
      return this;
    }

    /**
     * Sets how many faces are processed at once; default the number of cores.
     *
     * @param value 1 to 1,024
     * @return this
     */
    public Builder poolSize(int value) {
      poolSize = (int) Ranges.check("poolSize", value, 1, 1024);
      return this;
    }

    /**
     * Opens the network.
     *
     * @return a network; the caller closes it
     * @throws NativeRuntimeException if ONNX Runtime does not load
     */
    public LandmarkNetwork build() {
      return new LandmarkNetwork(
          tiny ? "face_landmark_68_tiny.onnx" : "face_landmark_68.onnx", passes, poolSize);
    }
  }
}
