import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import io.facesearch.index.SigmoidTreeIndex;
import java.nio.file.Path;

/** Writes an index to a file, which one program makes and any number of others load. */
public class SaveAndLoad {
  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[1]);
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    try (Gallery gallery = Gallery.builder().index(index).open()) {
      gallery.addAll(PhotoSource.folder(Path.of(args[0])));
      index.overwrite(file);
    }
    try (Gallery snapshot = Gallery.builder().file(file).open()) { // which is only read
      FaceImage photo = FaceImage.read(Path.of(args[2]));
      System.out.println(snapshot.search(photo, Search.nearest(5)).orThrow());
    }
  }
}
