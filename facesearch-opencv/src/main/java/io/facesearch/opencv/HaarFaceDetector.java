package io.facesearch.opencv;

import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativePool;
import io.facesearch.internal.Ranges;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.opencv.core.CvException;

/**
 * Viola-Jones detection with OpenCV's Haar cascades. Windows of increasing size are moved over the
 * gray photo with its histogram equalized; a cascade of stages rejects most windows early, and
 * overlapping accepted windows are averaged into one face. Finds upright frontal faces.
 *
 * <p>The score is the margin by which the window passed the cascade's last stage, 0 or more. Scores
 * of different cascades are not comparable.
 *
 * <p>Thread-safe: each call borrows one of at most {@code poolSize} classifiers (about 2 MB of
 * native memory each). Cost: O(pixels), about 6 ms of one core for 178x218 pixels and 60 ms for
 * 640x480 at the defaults. {@link #close} frees the native memory.
 *
 * @see <a href="https://doi.org/10.1109/CVPR.2001.990517">Viola and Jones, Rapid Object Detection
 *     using a Boosted Cascade of Simple Features, CVPR 2001</a>
 */
public final class HaarFaceDetector implements FaceDetector {
  private final NativePool<CascadeWorker> pool;
  private final Builder settings;
  private final int cascadeHash;

  private HaarFaceDetector(Builder settings) {
    this.settings = settings;
    byte[] cascade = settings.cascadeBytes();
    cascadeHash = Arrays.hashCode(cascade);
    OpenCvRuntime.load();
    pool =
        new NativePool<>(
            "HaarFaceDetector",
            settings.poolSize,
            () -> new CascadeWorker(cascade, settings.cascadeName()));
    // Made now, so that a bad cascade is reported here and not at the first photo.
    pool.use(worker -> null);
  }

  /**
   * Opens a detector with the default settings.
   *
   * @return a detector; the caller closes it
   * @throws NativeRuntimeException if OpenCV does not load
   */
  public static HaarFaceDetector create() {
    return builder().build();
  }

  /** {@return a builder with the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    int shorter = Math.min(image.width(), image.height());
    int minimum = Math.max(settings.minFaceSize, (int) Math.round(settings.minFaceShare * shorter));
    try {
      return pool.use(
          worker ->
              worker.detect(image, settings.scaleStep, settings.minNeighbors, minimum).stream()
                  .map(f -> new DetectedFace(f.box(), f.score(), Landmarks.NONE))
                  .toList());
    } catch (CvException e) {
      throw new NativeRuntimeException("OpenCV failed to detect faces in " + image, e);
    }
  }

  @Override
  public Optional<String> configuration() {
    return Optional.of(
        "haar v1 "
            + settings.cascadeName()
            + " #"
            + Integer.toHexString(cascadeHash)
            + " scaleStep="
            + settings.scaleStep
            + " minNeighbors="
            + settings.minNeighbors
            + " minFaceSize="
            + settings.minFaceSize
            + " minFaceShare="
            + settings.minFaceShare);
  }

  @Override
  public void close() {
    pool.close();
  }

  record ScoredBox(BoundingBox box, double score) {}

  /** Settings of a {@link HaarFaceDetector}. Not thread-safe. */
  public static final class Builder {
    private HaarCascade cascade = HaarCascade.FRONTAL_ALT2;
    private @Nullable Path cascadeFile;
    private double scaleStep = 1.1;
    private int minNeighbors = 3;
    private int minFaceSize = 40;
    private double minFaceShare = 0.05;
    private int poolSize = Runtime.getRuntime().availableProcessors();

    private Builder() {}

    /**
     * Sets a bundled cascade; default {@link HaarCascade#FRONTAL_ALT2}.
     *
     * @param value the cascade
     * @return this
     */
    public Builder cascade(HaarCascade value) {
      cascade = Objects.requireNonNull(value, "cascade");
      cascadeFile = null;
      return this;
    }

    /**
     * Sets a cascade file in OpenCV's XML format.
     *
     * @param file the file
     * @return this
     */
    public Builder cascade(Path file) {
      cascadeFile = Objects.requireNonNull(file, "file");
      return this;
    }

    /**
     * Sets the ratio of two successive window sizes; default 1.1. A smaller ratio finds more faces
     * and takes longer.
     *
     * @param value 1.01 to 2
     * @return this
     */
    public Builder scaleStep(double value) {
      scaleStep = Ranges.check("scaleStep", value, 1.01, 2);
      return this;
    }

    /**
     * Sets how many overlapping windows make a face; default 3. More windows mean fewer false
     * boxes.
     *
     * @param value 1 to 50
     * @return this
     */
    public Builder minNeighbors(int value) {
      minNeighbors = (int) Ranges.check("minNeighbors", value, 1, 50);
      return this;
    }

    /**
     * Sets the smallest face, in pixels; default 40. The larger of this and {@link #minFaceShare}
     * applies.
     *
     * @param pixels 20 to 10,000
     * @return this
     */
    public Builder minFaceSize(int pixels) {
      minFaceSize = (int) Ranges.check("minFaceSize", pixels, 20, 10_000);
      return this;
    }

    /**
     * Sets the smallest face, as a share of the photo's shorter side; default 0.05. This limits the
     * time that large photos take.
     *
     * @param share 0 to 1
     * @return this
     */
    public Builder minFaceShare(double share) {
      minFaceShare = Ranges.check("minFaceShare", share, 0, 1);
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
     * @throws NativeRuntimeException if OpenCV does not load, or the file is not a cascade
     */
    public HaarFaceDetector build() {
      Builder copy = new Builder();
      copy.cascade = cascade;
      copy.cascadeFile = cascadeFile;
      copy.scaleStep = scaleStep;
      copy.minNeighbors = minNeighbors;
      copy.minFaceSize = minFaceSize;
      copy.minFaceShare = minFaceShare;
      copy.poolSize = poolSize;
      return new HaarFaceDetector(copy);
    }

    private String cascadeName() {
      return cascadeFile == null ? cascade.resource() : cascadeFile.toString();
    }

    private byte[] cascadeBytes() {
      if (cascadeFile == null) {
        return bundled(cascade.resource());
      }
      try {
        return Files.readAllBytes(cascadeFile);
      } catch (IOException e) {
        throw new NativeRuntimeException("the cascade file cannot be read: " + cascadeFile, e);
      }
    }

    private static byte[] bundled(String name) {
      try (InputStream in = HaarFaceDetector.class.getResourceAsStream(name)) {
        if (in == null) {
          throw new NativeRuntimeException(
              "the cascade " + name + " is missing; the jar of facesearch-opencv is incomplete");
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new NativeRuntimeException("the cascade " + name + " cannot be read", e);
      }
    }
  }
}
