package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Modes, leftovers and damage of the files of a store and of index files. */
class StoreFilesTest {
  private static final String SECRET = "a-secret-name";

  @TempDir Path temp;

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static void assertNothingOf(String secret, Path folder) throws IOException {
    for (Path file : files(folder)) {
      assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
          .as(file.toString())
          .doesNotContain(secret);
    }
  }

  private static EmbeddedFace face(String id, String person) {
    return new EmbeddedFace(FaceRecord.of(id, person), Embedding.of("m", id.length(), 2, 3));
  }

  @Test
  void filesAreTheOwnersWhateverTheUmask() throws Exception {
    for (String umask : List.of("000", "022")) {
      Path folder = temp.resolve(umask).resolve("s");
      Process process = StoreTool.start("umask " + umask + ";", temp, "make", folder.toString());
      assertThat(process.inputReader().readLine()).isEqualTo("made");
      assertThat(mode(folder)).isEqualTo("rwx------");
      assertThat(files(folder)).hasSizeGreaterThanOrEqualTo(4);
      for (Path file : files(folder)) {
        assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
      }
      process.getOutputStream().close();
      process.waitFor();
      for (Path file : files(folder)) {
        assertThat(mode(file)).as(file.toString()).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void aRewrittenDatabaseKeepsItsModeAndALinkIsFollowed() throws IOException {
    Path folder = temp.resolve("s");
    Path real = temp.resolve("real.db");
    Path database = folder.resolve(FaceDatabase.FILE);
    try (FaceStore store = FaceStore.open(folder)) {
      store.add(face("a", SECRET));
      store.add(face("bb", "Ben"));
    }
    Files.setPosixFilePermissions(database, PosixFilePermissions.fromString("rw-r-----"));
    Files.move(database, real);
    Files.createSymbolicLink(database, real);
    try (FaceStore store = FaceStore.open(folder)) {
      store.forget(SECRET);
      store.add(face("ccc", "Cai"));
      store.sync();
    }
    assertThat(database).isSymbolicLink();
    assertThat(mode(real)).isEqualTo("rw-r-----");
    assertNothingOf(SECRET, folder);
    assertThat(new String(Files.readAllBytes(real), StandardCharsets.ISO_8859_1))
        .contains("Ben")
        .doesNotContain(SECRET);
    try (FaceStore store = FaceStore.open(folder)) {
      assertThat(store.size()).isEqualTo(2);
    }
  }

  /** What a kill between writing and renaming leaves. */
  @Test
  void forgettingReachesWhatKillsLeft() throws IOException {
    Path folder = temp.resolve("s");
    try (FaceStore store = FaceStore.open(folder)) {
      store.add(face("a", SECRET));
      store.add(face("bb", "Ben"));
    }
    byte[] database = Files.readAllBytes(folder.resolve(FaceDatabase.FILE));
    assertThat(new String(database, StandardCharsets.ISO_8859_1)).contains(SECRET);
    for (String left :
        List.of(
            FaceDatabase.NEW,
            "faces.tree.new",
            ".facesearch-1b4e28ba-2fa1-11d2-883f-0016d3cca427.tmp")) {
      Files.write(folder.resolve(left), database);
    }
    try (FaceStore store = FaceStore.open(folder)) {
      assertThat(files(folder)).noneMatch(file -> file.toString().endsWith(".tmp"));
      // Another store's process may be killed while this one runs.
      Files.write(folder.resolve(".facesearch-2.tmp"), database);
      assertThat(store.forget(SECRET).faces()).isEqualTo(1);
      assertNothingOf(SECRET, folder);
    }
  }

  @Test
  void forgettingInAnIndexFileReachesWhatKillsLeft() throws Exception {
    Path file = temp.resolve("f.fsx");
    SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
    index.add(face("a", SECRET));
    index.add(face("bb", "Ben"));
    index.save(file);
    Process writer = StoreTool.start("", temp.resolve("none"), "hang", file.toString());
    assertThat(writer.inputReader().readLine()).isEqualTo("hanging");
    writer.destroyForcibly().waitFor();
    assertThat(files(temp)).as("the file that was being written").hasSize(2);
    index.forget(SECRET);
    index.save(file);
    assertThat(files(temp)).containsExactly(file);
    assertNothingOf(SECRET, temp);
  }

  @Test
  void verifyFindsWhatIsGoneDamagedOrInterrupted() throws Exception {
    Path folder = temp.resolve("s");
    try (FaceStore store = FaceStore.open(folder)) {
      for (int i = 0; i < 1500; i++) {
        store.add(FaceIndexContract.face("f" + i, i, i % 7, i % 11));
      }
    }
    Path database = folder.resolve(FaceDatabase.FILE);
    try (FaceStore store = FaceStore.open(folder)) {
      store.verify();
      Thread.currentThread().interrupt();
      assertThatThrownBy(store::verify).isInstanceOf(CancellationException.class);
      assertThat(Thread.interrupted()).isTrue();
      store.verify();
      store.add(face("after", "Ann"));
      store.sync();
      Files.move(database, temp.resolve("gone"));
      assertThatThrownBy(store::verify)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining("deleted or replaced");
      Files.move(temp.resolve("gone"), database);
      store.verify();
    }
    // Its head, and the row that says who it is: neither is a row of a face.
    byte[] bytes = Files.readAllBytes(database);
    for (int at : new int[] {3, 16, 62, 69}) {
      try (FaceStore store = FaceStore.open(folder)) {
        try (RandomAccessFile raw = new RandomAccessFile(database.toFile(), "rw")) {
          raw.seek(at);
          raw.write(bytes[at] ^ 0x40);
        }
        assertThatThrownBy(store::verify)
            .as("offset " + at)
            .isInstanceOf(io.facesearch.FaceSearchException.class)
            .hasMessageContaining(folder.toString());
      } finally {
        Files.write(database, bytes);
      }
    }
  }
}
