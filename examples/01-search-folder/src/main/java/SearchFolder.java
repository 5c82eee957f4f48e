import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceSearch;
import java.nio.file.Path;

public class SearchFolder {
  public static void main(String[] args) throws Exception {
    try (FaceSearch faces = FaceSearch.open()) {
      faces.addAll(Path.of(args[0])); // a folder of photos, one subfolder a person
      FaceImage photo = FaceImage.read(Path.of(args[1]));
      for (FaceMatch match : faces.search(photo, 10).orThrow()) {
        System.out.printf("%.3f %s%n", match.distance(), match.face().id());
      }
    }
  }
}
