package io.facesearch.checks;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.util.List;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever several threads do to an index, its answers are those of some order of the calls. */
@Tag("lincheck")
class IndexLincheckTest {

  /** Calls on an index, with results that Lincheck can compare. */
  @Param(name = "id", gen = IntGen.class, conf = "1:3")
  abstract static class Calls {
    private final FaceIndex index;

    Calls(FaceIndex index) {
      this.index = index;
    }

    private static EmbeddedFace face(int id, int at) {
      return new EmbeddedFace(FaceRecord.of("f" + id, "p" + id % 2), Embedding.of("m", at, 1));
    }

    @Operation
    public void add(@Param(name = "id") int id, @Param(name = "id") int at) {
      index.add(face(id, at));
    }

    @Operation
    public void addTwo(@Param(name = "id") int id) {
      index.addAll(List.of(face(id, id), face(id + 10, -id)));
    }

    @Operation
    public void update(@Param(name = "id") int id, @Param(name = "id") int at) {
      index.update(face(id, 5 * at));
    }

    @Operation
    public boolean remove(@Param(name = "id") int id) {
      return index.remove("f" + id);
    }

    @Operation
    public int forget(@Param(name = "id") int id) {
      return index.forget("p" + id % 2).faces();
    }

    @Operation
    public void replace(@Param(name = "id") int id) {
      index.replaceAll(Set.of("f" + id), List.of(face(id + 20, id)));
    }

    @Operation
    public String search() {
      return index.search(Embedding.of("m", 0, 1), Search.nearest(9)).matches().stream()
          .map(match -> match.face().id() + "@" + match.distance())
          .toList()
          .toString();
    }

    @Operation
    public String get(@Param(name = "id") int id) {
      return index.get("f" + id).map(found -> found.embedding().get(0) + "").orElse("none");
    }

    @Operation
    public int size() {
      return index.size();
    }
  }

  /** Each call sees one state of the flat index. */
  public static class Flat extends Calls {
    public Flat() {
      super(new FlatIndex());
    }
  }

  /** A tree that is built anew all the time. */
  public static class Tree extends Calls {
    public Tree() {
      super(SigmoidTreeIndex.builder().leafSize(1).rebuildShare(0.1).build());
    }
  }

  @Test
  void theFlatIndexUnderStress() {
    stress().check(Flat.class);
  }

  @Test
  void theFlatIndexInEveryOrderOfSwitches() {
    new ModelCheckingOptions()
        .iterations(20)
        .invocationsPerIteration(500)
        .threads(2)
        .actorsPerThread(3)
        .check(Flat.class);
  }

  @Test
  void theTreeUnderStress() {
    stress().check(Tree.class);
  }

  private static StressOptions stress() {
    return new StressOptions()
        .iterations(60)
        .invocationsPerIteration(400)
        .threads(3)
        .actorsPerThread(3);
  }
}
