package io.facesearch.checks;

import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceInfo;
import io.facesearch.Gallery;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same of a gallery in memory. */
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
    public void add(@Param(name = "id") int id) {
      gallery.add(at(id), FaceInfo.person("p" + id % 2).id("f" + id));
    }

    @Operation
    public void name(@Param(name = "id") int id) {
      gallery.name(List.of("f" + id), "q");
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
          .map(match -> match.face().id() + match.face().person().orElse(""))
          .toList()
          .toString();
    }

    @Operation
    public String names() {
      return gallery.names().toString();
    }
  }

  @Test
  void underStress() {
    new StressOptions()
        .iterations(40)
        .invocationsPerIteration(300)
        .threads(3)
        .actorsPerThread(3)
        .check(Calls.class);
  }
}
