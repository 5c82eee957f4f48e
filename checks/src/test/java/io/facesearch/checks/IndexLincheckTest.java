package io.facesearch.checks;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.UnknownFaceException;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Whatever several threads do to an index, its answers are those that a list of faces gives to some
 * order of the calls.
 */
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
    public boolean add(@Param(name = "id") int id, @Param(name = "id") int at) {
      try {
        index.add(face(id, at));
        return true;
      } catch (DuplicateFaceException taken) {
        return false;
      }
    }

    @Operation
    public boolean addTwo(@Param(name = "id") int id) {
      try {
        index.addAll(List.of(face(id, id), face(id + 10, -id)));
        return true;
      } catch (DuplicateFaceException taken) {
        return false;
      }
    }

    @Operation
    public boolean update(@Param(name = "id") int id, @Param(name = "id") int at) {
      try {
        index.update(face(id, 5 * at));
        return true;
      } catch (UnknownFaceException unknown) {
        return false;
      }
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
    public boolean replace(@Param(name = "id") int id) {
      try {
        index.replaceAll(Set.of("f" + id), List.of(face(id + 20, id)));
        return true;
      } catch (UnknownFaceException | DuplicateFaceException refused) {
        return false;
      }
    }

    @Operation
    public String search() {
      return index.search(Embedding.of("m", 0, 1), Search.nearest(99)).matches().stream()
          .map(match -> match.face().id() + "@" + Math.round(match.distance()))
          .toList()
          .toString();
    }

    @Operation
    public String get(@Param(name = "id") int id) {
      return index
          .get("f" + id)
          .map(face -> "" + Math.round(face.embedding().get(0)))
          .orElse("none");
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

  /** What an index promises, as a list of faces in order of insertion. */
  public static class Faces {
    private record Face(int id, int at) {}

    private final List<Face> faces = new ArrayList<>();

    private boolean has(int id) {
      return faces.stream().anyMatch(face -> face.id == id);
    }

    public boolean add(int id, int at) {
      return !has(id) && faces.add(new Face(id, at));
    }

    public boolean addTwo(int id) {
      return !has(id)
          && !has(id + 10)
          && faces.addAll(List.of(new Face(id, id), new Face(id + 10, -id)));
    }

    public boolean update(int id, int at) {
      return remove(id) && faces.add(new Face(id, 5 * at));
    }

    public boolean remove(int id) {
      return faces.removeIf(face -> face.id == id);
    }

    public int forget(int id) {
      int before = faces.size();
      faces.removeIf(face -> face.id % 2 == id % 2);
      return before - faces.size();
    }

    public boolean replace(int id) {
      return has(id) && !has(id + 20) && remove(id) && faces.add(new Face(id + 20, id));
    }

    public String search() {
      return faces.stream()
          .sorted(Comparator.comparingInt(face -> Math.abs(face.at)))
          .map(face -> "f" + face.id + "@" + Math.abs(face.at))
          .toList()
          .toString();
    }

    public String get(int id) {
      return faces.stream()
          .filter(face -> face.id == id)
          .map(face -> "" + face.at)
          .findFirst()
          .orElse("none");
    }

    public int size() {
      return faces.size();
    }
  }

  @Test
  void theFlatIndexUnderStress() {
    stress().check(Flat.class);
  }

  @Test
  void theTreeUnderStress() {
    stress().check(Tree.class);
  }

  private static StressOptions stress() {
    return new StressOptions()
        .iterations(40)
        .invocationsPerIteration(100)
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(3)
        .actorsAfter(1)
        .sequentialSpecification(Faces.class);
  }
}
