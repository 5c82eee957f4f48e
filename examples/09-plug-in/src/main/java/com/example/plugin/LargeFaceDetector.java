package com.example.plugin;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAligner;
import io.facesearch.FaceDetector;
import io.facesearch.FaceImage;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.detect.YuNetDetector;
import io.facesearch.spi.DetectionProvider;
import java.util.List;
import java.util.Optional;

/** YuNet's faces without the small ones of passers-by. */
public final class LargeFaceDetector implements FaceDetector {
  private static final int LEAST_WIDTH = 60;

  private final FaceDetector all = YuNetDetector.create();

  @Override
  public List<DetectedFace> detect(FaceImage image) {
    return all.detect(image).stream().filter(face -> face.box().width() >= LEAST_WIDTH).toList();
  }

  @Override
  public int landmarks() {
    return all.landmarks();
  }

  @Override
  public Optional<String> configuration() {
    return all.configuration().map(yunet -> yunet + " leastWidth=" + LEAST_WIDTH);
  }

  @Override
  public void close() {
    all.close();
  }

  /** Asked for by its name. */
  public static final class Provider implements DetectionProvider {
    @Override
    public String name() {
      return "large-faces";
    }

    @Override
    public FaceDetector newDetector() {
      return new LargeFaceDetector();
    }

    @Override
    public FaceAligner newAligner() {
      return new SimilarityAligner();
    }
  }
}
