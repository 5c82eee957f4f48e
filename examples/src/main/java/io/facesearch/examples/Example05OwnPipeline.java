package io.facesearch.examples;

import io.facesearch.DetectedFace;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearch;
import io.facesearch.detect.CompositeFaceDetector;
import io.facesearch.detect.ConfirmedFaceDetector;
import io.facesearch.detect.HaarCascade;
import io.facesearch.detect.HaarFaceDetector;
import io.facesearch.detect.TinyFaceDetector;
import java.nio.file.Path;

/** Every part and every knob can be chosen: here detectors for small faces in large photos. */
public class Example05OwnPipeline {
  public static void main(String[] args) throws Exception {
    try (FaceSearch faces =
        FaceSearch.builder()
            .detector(
                CompositeFaceDetector.of(
                    TinyFaceDetector.builder().inputSize(640).build(),
                    ConfirmedFaceDetector.of(
                        HaarFaceDetector.builder()
                            .cascade(HaarCascade.FRONTAL_DEFAULT)
                            .minFaceSize(30)
                            .minFaceShare(0)
                            .build())))
            .choice(FaceChoice.BEST_SCORE)
            .build()) {
      for (DetectedFace face : faces.detect(FaceImage.read(Path.of(args[0])))) {
        System.out.println(face);
      }
    }
  }
}
