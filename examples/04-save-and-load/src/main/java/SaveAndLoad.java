import io.facesearch.FaceImage;
import io.facesearch.FaceSearch;
import io.facesearch.index.SigmoidTreeIndex;
import java.nio.file.Files;
import java.nio.file.Path;

/** Keeps the index in a file, so that a folder is embedded once. */
public class SaveAndLoad {
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Path file = Path.of(args[1]);
    SigmoidTreeIndex index =
        Files.exists(file) ? SigmoidTreeIndex.load(file) : SigmoidTreeIndex.builder().build();
    try (FaceSearch faces = FaceSearch.open(index)) {
      faces.addAll(folder); // skips the photos that the index holds already
      index.save(file);
      System.out.println(faces.search(FaceImage.read(Path.of(args[2])), 5).orThrow());
    }
  }
}
