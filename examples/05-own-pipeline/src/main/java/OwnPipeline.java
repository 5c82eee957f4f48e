import io.facesearch.AnalyzedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.detect.YuNetDetector;
import io.facesearch.sface.SFaceEmbedder;
import java.nio.file.Path;

/** Every part and every knob can be chosen: here small faces in large photos. */
public class OwnPipeline {
  public static void main(String[] args) throws Exception {
    try (FaceAnalyzer analyzer =
        FaceAnalyzer.builder()
            .detector(YuNetDetector.builder().smallFaces(true).minScore(0.7).build())
            .embedder(SFaceEmbedder.builder().mirrorAverage(true).build())
            .choice(FaceChoice.BEST_SCORE)
            .build()) {
      for (AnalyzedFace face : analyzer.analyze(FaceImage.read(Path.of(args[0])))) {
        System.out.println(face.box() + " " + face.quality().score());
      }
    }
  }
}
