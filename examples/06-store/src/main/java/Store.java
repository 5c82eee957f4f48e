import io.facesearch.EmbeddedFace;
import io.facesearch.FaceFilter;
import io.facesearch.FaceSearch;
import io.facesearch.ForgetReceipt;
import io.facesearch.Person;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.store.FaceStore;
import java.nio.file.Path;
import java.util.List;

/**
 * Keeps faces in a folder that survives crashes, encrypted, and forgets a person. Arguments: folder
 * of the store, folder of photos (one subfolder a person), a person.
 */
public final class Store {
  private Store() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    byte[] key = "sixteen bytes...".getBytes("US-ASCII"); // yours comes from a key store
    try (FaceStore store = FaceStore.builder(Path.of(args[0])).key(key).open();
        FaceSearch faces = FaceSearch.open(store)) {
      faces.addAll(Path.of(args[1]));
      for (EmbeddedFace face : store.faces()) {
        store.update(new EmbeddedFace(face.face().withTag("year", 2026), face.embedding()));
      }
      EmbeddedFace first = store.faces().get(0);
      SearchResult result =
          store.search(
              first.embedding(),
              Search.nearest(10).where(FaceFilter.tagBetween("year", 2020, 2026)));
      System.out.println(result.matches().size() + " matches of " + first.face().id());
      List<Person> people = store.people(); // faces without a name are grouped
      ForgetReceipt receipt = store.forget(args[2]); // from all files of the folder
      // 0 if nobody has that name.
      System.out.println(
          people.size() + " people; " + receipt.faces() + " faces forgotten at " + receipt.at());
    }
  }
}
