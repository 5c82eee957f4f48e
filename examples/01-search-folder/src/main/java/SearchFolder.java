import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.PhotoSource;
import java.nio.file.Path;

public class SearchFolder {
  public static void main(String[] args) throws Exception {
    try (Gallery gallery = Gallery.open(Path.of("faces"))) { // a folder, made if it is not there
      gallery.addAll(PhotoSource.folder(Path.of(args[0]))); // one subfolder a person
      for (IdentifiedFace face : gallery.identify(FaceImage.read(Path.of(args[1])))) {
        System.out.println(face.box() + ": " + face); // the name, "unsure: ...", or "nobody"
      }
    }
  }
}
