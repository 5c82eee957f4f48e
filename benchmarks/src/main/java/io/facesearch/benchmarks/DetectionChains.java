package io.facesearch.benchmarks;

import io.facesearch.FaceAnalyzer;
import io.facesearch.detect.CompositeFaceDetector;
import io.facesearch.detect.ConfirmedFaceDetector;
import io.facesearch.detect.LandmarkNetwork;
import io.facesearch.detect.TinyFaceDetector;
import io.facesearch.detect.YuNetDetector;
import io.facesearch.dlib.DlibModel;
import io.facesearch.opencv.HaarCascade;
import io.facesearch.opencv.HaarFaceDetector;
import io.facesearch.sface.SFaceEmbedder;
import java.io.IOException;
import java.util.List;

/** Named chains of detector, landmarks and embedder, to be compared. */
final class DetectionChains {
  static final List<String> NAMES =
      List.of(
          "default",
          "haar",
          "haar-confirmed",
          "haar-default-confirmed",
          "haar-two-neighbors-confirmed",
          "haar-default-cascade",
          "haar-no-landmarks",
          "haar-one-pass",
          "haar-tiny-landmarks",
          "tiny",
          "tiny-then-haar",
          "haar-chain-dlib",
          "haar-chain-dlib-three-passes",
          "haar-chain-dlib-mirror",
          "haar-chain",
          "yunet-sface-mirror",
          "yunet-small-faces",
          "yunet-any-score",
          "yunet-not-turned",
          "yunet-dlib");

  private DetectionChains() {}

  static FaceAnalyzer.Builder open(String name) throws IOException {
    FaceAnalyzer.Builder builder = FaceAnalyzer.builder();
    if (name.contains("haar") || name.contains("tiny") || name.contains("dlib")) {
      builder.model("dlib");
    }
    return switch (name) {
      case "default" -> builder;
      case "haar" -> builder.detector(HaarFaceDetector.create());
      case "haar-confirmed" ->
          builder.detector(ConfirmedFaceDetector.of(HaarFaceDetector.create()));
      case "haar-default-confirmed" ->
          builder.detector(
              ConfirmedFaceDetector.of(
                  HaarFaceDetector.builder().cascade(HaarCascade.FRONTAL_DEFAULT).build()));
      case "haar-two-neighbors-confirmed" ->
          builder.detector(
              ConfirmedFaceDetector.of(HaarFaceDetector.builder().minNeighbors(2).build()));
      case "haar-chain-dlib" -> builder.detector("haar");
      case "haar-chain-dlib-three-passes" ->
          builder.detector("haar").landmarker(LandmarkNetwork.builder().passes(3).build());
      case "haar-chain" -> builder.detector("haar").model("sface");
      case "haar-default-cascade" ->
          builder.detector(HaarFaceDetector.builder().cascade(HaarCascade.FRONTAL_DEFAULT).build());
      case "haar-no-landmarks" -> builder.detector(HaarFaceDetector.create()).withoutLandmarks();
      case "haar-one-pass" ->
          builder
              .detector(HaarFaceDetector.create())
              .landmarker(LandmarkNetwork.builder().passes(1).build());
      case "haar-tiny-landmarks" ->
          builder
              .detector(HaarFaceDetector.create())
              .landmarker(LandmarkNetwork.builder().tiny(true).build());
      case "tiny" -> builder.detector(TinyFaceDetector.create());
      case "tiny-then-haar" ->
          builder.detector(
              CompositeFaceDetector.of(
                  TinyFaceDetector.builder().inputSize(224).minScore(0.3).build(),
                  HaarFaceDetector.create()));
      case "haar-chain-dlib-mirror" ->
          builder.detector("haar").embedder(DlibModel.builder().mirrorAverage(true).build());
      case "yunet-sface-mirror" ->
          builder.embedder(SFaceEmbedder.builder().mirrorAverage(true).build());
      case "yunet-small-faces" ->
          builder.detector(YuNetDetector.builder().smallFaces(true).build());
      case "yunet-any-score" ->
          builder.detector(YuNetDetector.builder().smallFaces(true).minScore(0.1).build());
      case "yunet-not-turned" -> builder.detector(YuNetDetector.builder().turned(false).build());
      case "yunet-dlib" -> builder;
      default -> throw new IllegalArgumentException("unknown chain " + name + "; known: " + NAMES);
    };
  }
}
