package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.internal.tree.BuilderAccess;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores whose vectors are mapped from their tree file, as those of larger ones are. */
class MappedStoreTest {
  private static final int DIMENSION = 32;

  @TempDir Path temp;

  private static EmbeddedFace face(int i) {
    Random random = new Random(i);
    float[] vector = new float[DIMENSION];
    for (int j = 0; j < DIMENSION; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    return new EmbeddedFace(
        FaceRecord.of("face " + i, "person " + i % 90), Embedding.of("m", vector));
  }

  private static List<EmbeddedFace> faces(int from, int to) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = from; i < to; i++) {
      faces.add(face(i));
    }
    return faces;
  }

  private static FaceStore.Builder builder(Path folder) {
    SigmoidTreeIndex.Builder index = SigmoidTreeIndex.builder();
    BuilderAccess.settings(index).leastMapped(0);
    return FaceStore.builder(folder).index(index);
  }

  private static Path treeFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> StoreTree.isOne(file.getFileName().toString()))
          .findAny()
          .orElse(null);
    }
  }

  private static void assertSame(FaceStore store, FlatIndex flat) {
    assertThat(store.faces()).isEqualTo(flat.faces());
    for (int i = 0; i < 15; i++) {
      Embedding query = face(100_000 + i).embedding();
      assertThat(store.search(query, 10).matches()).isEqualTo(flat.search(query, 10).matches());
    }
  }

  @Test
  void aMappedStoreChangesForgetsAndIsBackedUp() throws IOException {
    Path folder = temp.resolve("store");
    FlatIndex flat = new FlatIndex();
    flat.addAll(faces(0, 5000));
    try (FaceStore store = builder(folder).open()) {
      store.addAll(faces(0, 5000));
      assertThat(store.stats().mappedBytes()).isZero();
    }
    Embedding query = face(7).embedding();
    FaceStore closed;
    try (FaceStore store = builder(folder).open()) {
      closed = store;
      assertThat(store.stats().mappedBytes()).isGreaterThanOrEqualTo(4L * DIMENSION * 5000);
      assertSame(store, flat);
      store.verify();
      for (int i = 0; i < 30; i++) {
        store.add(face(5000 + i));
        flat.add(face(5000 + i));
        store.remove("face " + 3 * i);
        flat.remove("face " + 3 * i);
      }
      assertSame(store, flat);
      Path copy = temp.resolve("copy");
      store.backup(copy);
      try (FaceStore other = builder(copy).open()) {
        assertSame(other, flat);
      }
    }
    assertThatThrownBy(() -> closed.search(query, 1)).isInstanceOf(IllegalStateException.class);
    try (FaceStore store = builder(folder).open()) {
      assertThat(store.stats().mappedBytes()).isPositive();
      assertSame(store, flat);
      store.forget("person 5");
      flat.forget("person 5");
      assertThat(treeFile(folder)).isNull();
      assertThat(store.stats().mappedBytes()).isZero();
      assertSame(store, flat);
    }
    try (FaceStore store = builder(folder).open()) {
      assertSame(store, flat);
      store.verify();
    }
  }

  @Test
  void anEncryptedStoreIsNotMapped() throws IOException {
    Path folder = temp.resolve("store");
    byte[] key = new byte[32];
    try (FaceStore store = builder(folder).key(key).open()) {
      store.addAll(faces(0, 3000));
    }
    try (FaceStore store = builder(folder).key(key).open()) {
      assertThat(treeFile(folder)).isNotNull();
      assertThat(store.stats().mappedBytes()).isZero();
      assertThat(store.search(face(7).embedding(), Search.nearest(1)).matches().get(0).face().id())
          .isEqualTo("face 7");
    }
  }

  /** What opening does not read, verify does. */
  @Test
  void damageOfWhatIsMappedIsFound() throws IOException {
    Path folder = temp.resolve("store");
    try (FaceStore store = builder(folder).open()) {
      store.addAll(faces(0, 5000));
    }
    Path file = treeFile(folder);
    try (RandomAccessFile tree = new RandomAccessFile(file.toFile(), "rw")) {
      tree.seek(tree.length() / 2 / 4096 * 4096);
      int old = tree.read();
      tree.seek(tree.length() / 2 / 4096 * 4096);
      tree.write(old ^ 1);
    }
    try (FaceStore store = builder(folder).open()) {
      assertThatThrownBy(store::verify)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining(file.getFileName().toString());
    } catch (CorruptIndexException e) {
      assertThat(e).hasMessageContaining("may be deleted"); // where it is read at once
    }
  }
}
