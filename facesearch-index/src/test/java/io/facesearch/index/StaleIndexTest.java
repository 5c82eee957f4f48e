package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.StaleIndexException;
import io.facesearch.index.testing.OtherJvm;
import io.facesearch.testing.FaceIndexContract;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index file is not replaced by an index that does not know what it holds. */
class StaleIndexTest {
  @TempDir Path temp;

  private static EmbeddedFace face(String id, String person) {
    float[] vector = new float[8];
    Random random = new Random(id.hashCode());
    for (int i = 0; i < vector.length; i++) {
      vector[i] = random.nextFloat();
    }
    return new EmbeddedFace(FaceRecord.of(id, person), Embedding.of("m", vector));
  }

  /** With a tree in the file, or without. */
  private static SigmoidTreeIndex index(int faces) {
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().leafSize(16).build();
    for (int i = 0; i < faces; i++) {
      index.add(face("f" + i, "p" + i % 3));
    }
    return index;
  }

  @Test
  void whoWasForgottenDoesNotComeBack() throws Exception {
    for (int faces : new int[] {3, 2000}) {
      Path file = temp.resolve(faces + ".fsx");
      index(faces).save(file);
      SigmoidTreeIndex server = SigmoidTreeIndex.load(file);
      SigmoidTreeIndex other = SigmoidTreeIndex.load(file);
      assertThat(other.forget("p1").faces()).isPositive();
      other.save(file);
      other.add(face("x", "p2"));
      other.save(file); // what it wrote last it knows
      server.add(face("added", "p0"));
      byte[] before = Files.readAllBytes(file);
      assertThatThrownBy(() -> server.save(file))
          .isInstanceOf(StaleIndexException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("written by another since")
          .hasMessageContaining("overwrite");
      assertThat(Files.readAllBytes(file)).isEqualTo(before);
      server.save(temp.resolve(faces + "-other.fsx"));
      server.overwrite(file);
      server.save(file);
      assertThat(SigmoidTreeIndex.load(file).size()).isEqualTo(faces + 1);
    }
  }

  @Test
  void aFileThatWasNotLoadedIsNotReplaced() throws Exception {
    Path file = temp.resolve("f");
    FlatIndex flat = new FlatIndex();
    flat.add(face("a", "Ann"));
    flat.save(file);
    flat.save(file);
    for (SigmoidTreeIndex index : new SigmoidTreeIndex[] {index(3), index(2000)}) {
      assertThatThrownBy(() -> index.save(file))
          .isInstanceOf(StaleIndexException.class)
          .hasMessageContaining("not loaded from it");
    }
    assertThatThrownBy(() -> new FlatIndex().save(file)).isInstanceOf(StaleIndexException.class);
    Path photo = Files.writeString(temp.resolve("photo.jpg"), "no index file at all, a photo");
    assertThatThrownBy(() -> flat.save(photo)).isInstanceOf(StaleIndexException.class);
    Path empty = Files.createFile(temp.resolve("empty"));
    flat.save(empty);
    // The same content is the same file, wherever it was copied from.
    Files.copy(file, temp.resolve("copy"));
    FlatIndex loaded = FlatIndex.load(file);
    Files.move(temp.resolve("copy"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    loaded.add(face("b", "Ben"));
    loaded.save(file);
    assertThat(FlatIndex.load(file).size()).isEqualTo(2);
    Path link = Files.createSymbolicLink(temp.resolve("link"), file);
    loaded.save(link);
    assertThat(link).isSymbolicLink();
  }

  /** Two processes load the same file and add to it: the second is told, nothing is lost. */
  @Test
  void twoProcessesDoNotLoseEachOthersFaces() throws Exception {
    Path file = temp.resolve("f");
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    index.add(FaceIndexContract.face("first", 1, 1));
    index.save(file);
    Process a = OtherJvm.startSaveOver(file, "a");
    Process b = OtherJvm.startSaveOver(file, "b");
    try (BufferedReader saysA = a.inputReader();
        BufferedReader saysB = b.inputReader()) {
      assertThat(saysA.readLine()).isEqualTo("loaded");
      assertThat(saysB.readLine()).isEqualTo("loaded");
      a.getOutputStream().close();
      assertThat(saysA.readLine()).isEqualTo("saved");
      b.getOutputStream().close();
      assertThat(saysB.readLine()).startsWith("StaleIndexException");
    }
    assertThat(a.waitFor(60, TimeUnit.SECONDS) && b.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(SigmoidTreeIndex.load(file).get("a")).isPresent();
  }
}
