import io.facesearch.FaceFilter;
import io.facesearch.Forgotten;
import io.facesearch.Gallery;
import io.facesearch.Person;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps faces in a folder that survives crashes, encrypted, and forgets a person. Arguments: folder
 * of the gallery, folder of photos (one subfolder a person), another photo, a person.
 */
public final class Store {
  private Store() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    byte[] key = "sixteen bytes...".getBytes("US-ASCII"); // yours comes from a key store
    try (Gallery gallery = Gallery.builder().folder(Path.of(args[0])).key(key).open()) {
      gallery.addAll(PhotoSource.folder(Path.of(args[1])));
      String id = gallery.add(Photo.of(Path.of(args[2])).tag("year", 2026)).get(0).face().id();
      SearchResult result =
          gallery.search(id, Search.nearest(10).where(FaceFilter.tag("year", 2026).not()));
      System.out.println(result.matches().size() + " matches of " + id);
      List<Person> people = gallery.people(); // faces without a name are grouped
      Forgotten done = gallery.forget(args[3]); // from all files of the folder
      System.out.println(people.size() + " people; " + done.receipt().faces() + " faces forgotten");
      System.out.println(done.photosLeft().size() + " photos of yours are left");
    }
  }
}
