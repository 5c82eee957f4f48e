import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Verification;
import java.nio.file.Path;

/** Do two photos show one person? "No face" is an answer of its own, not a "no". */
public class Verify {
  public static void main(String[] args) throws Exception {
    try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
      Verification answer =
          analyzer.verify(FaceImage.read(Path.of(args[0])), FaceImage.read(Path.of(args[1])));
      if (answer instanceof Verification.Compared compared) {
        System.out.printf(
            "%s: distance %.3f, threshold %.3f%n",
            compared.samePerson() ? "same" : "different",
            compared.distance(),
            compared.threshold().distance());
      } else {
        System.out.println("no face found: " + answer);
      }
    }
  }
}
