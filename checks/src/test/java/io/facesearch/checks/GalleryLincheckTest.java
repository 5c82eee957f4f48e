package io.facesearch.checks;

import io.facesearch.DuplicateFaceException;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceInfo;
import io.facesearch.Gallery;
import io.facesearch.Search;
import io.facesearch.UnknownFaceException;
import io.facesearch.index.FlatIndex;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same of a gallery in memory, whose answers are those of a map of names. */
@Tag("lincheck")
class GalleryLincheckTest {

  /** Calls on a gallery of its own; the analyzer, which is not asked, is opened once. */
  @Param(name = "id", gen = IntGen.class, conf = "1:3")
  public static class Calls {
    private static final FaceAnalyzer ANALYZER = FaceAnalyzer.open();

    private final Gallery gallery;

    public Calls() throws Exception {
      gallery = Gallery.builder().index(new FlatIndex()).analyzer(ANALYZER).open();
    }

    private static Embedding at(int place) {
      float[] vector = new float[ANALYZER.model().dimension()];
      vector[place] = 1;
      return Embedding.of(ANALYZER.model().fingerprint(), vector);
    }

    @Operation
    public boolean add(@Param(name = "id") int id) {
      try {
        gallery.add(at(id), FaceInfo.person("p" + id % 2).id("f" + id));
        return true;
      } catch (DuplicateFaceException taken) {
        return false;
      }
    }

    @Operation
    public boolean name(@Param(name = "id") int id) {
      try {
        gallery.name(List.of("f" + id), "q");
        return true;
      } catch (UnknownFaceException unknown) {
        return false;
      }
    }

    @Operation
    public boolean remove(@Param(name = "id") int id) {
      return gallery.remove("f" + id);
    }

    @Operation
    public int forget(@Param(name = "id") int id) {
      return gallery.forget("p" + id % 2).receipt().faces();
    }

    @Operation
    public String search() {
      return gallery.search(at(0), Search.nearest(9)).matches().stream()
          .map(match -> match.face().id() + "=" + match.face().person().orElse(""))
          .sorted()
          .collect(Collectors.joining(", ", "{", "}"));
    }

    @Operation
    public String names() {
      return gallery.names().stream()
          .map(person -> person.name() + "=" + person.faces())
          .collect(Collectors.joining(", ", "{", "}"));
    }
  }

  /** What a gallery promises, as a map of the names by the ids of the faces. */
  public static class Names {
    private final TreeMap<String, String> names = new TreeMap<>();

    public boolean add(int id) {
      return names.putIfAbsent("f" + id, "p" + id % 2) == null;
    }

    public boolean name(int id) {
      return names.replace("f" + id, "q") != null;
    }

    public boolean remove(int id) {
      return names.remove("f" + id) != null;
    }

    public int forget(int id) {
      int before = names.size();
      names.values().removeIf(("p" + id % 2)::equals);
      return before - names.size();
    }

    public String search() {
      return names.toString();
    }

    public String names() {
      return names.values().stream()
          .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()))
          .toString();
    }
  }

  @Test
  void underStress() {
    new StressOptions()
        .iterations(20)
        .invocationsPerIteration(100)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(2)
        .actorsAfter(1)
        .sequentialSpecification(Names.class)
        .check(Calls.class);
  }
}
