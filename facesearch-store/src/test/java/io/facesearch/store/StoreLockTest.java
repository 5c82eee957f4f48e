package io.facesearch.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.IndexLockedException;
import io.facesearch.IndexWriteException;
import io.facesearch.testing.FaceIndexContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One user at a time has a store open, by whatever path, in this process and in real others. */
class StoreLockTest {
  @TempDir Path temp;

  private Path libraries() throws IOException {
    return Files.createDirectories(temp.resolve("native"));
  }

  private static void assertRefused(Path folder) {
    assertThatThrownBy(() -> FaceStore.open(folder))
        .as(folder.toString())
        .isInstanceOf(IndexLockedException.class)
        .hasMessageContaining("open already");
  }

  private static List<EmbeddedFace> faces(int count) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(
          new EmbeddedFace(FaceRecord.of("f" + i, "p" + i % 40), Embedding.of("m", i, i % 7, 3)));
    }
    return faces;
  }

  /** Nobody can write there, root neither. */
  @EnabledOnOs(OS.LINUX)
  @Test
  void aFolderThatCannotBeWrittenToIsToldWithTheRemedy() {
    Path folder = Path.of("/sys/kernel");
    assertThatThrownBy(() -> FaceStore.open(folder))
        .isInstanceOf(IndexWriteException.class)
        .hasMessageContaining("the face store " + folder + " cannot be opened")
        .hasMessageContaining("its file lock cannot be written (")
        .hasMessageContaining("make the folder writable, or copy it");
  }

  /** As a kill on a full disk leaves it: there is a log, and no room for what reads it. */
  @Test
  void aStoreOnAFullDiskIsToldWithTheRemedy() throws Exception {
    assumeTrue(Files.exists(Path.of("/usr/bin/prlimit")), "needs prlimit, which Linux has");
    Path folder = temp.resolve("s");
    Path copy = Files.createDirectory(temp.resolve("copy"));
    try (FaceStore store = FaceStore.open(folder)) {
      store.addAll(faces(400));
      for (String name : List.of(FaceDatabase.FILE, FaceDatabase.LOG, CommitMark.FILE)) {
        Files.copy(folder.resolve(name), copy.resolve(name));
      }
    }
    assertThat(StoreTool.run("", libraries(), "openWithoutRoom", copy.toString()))
        .startsWith("0 opened IndexWriteException " + copy.resolve(FaceDatabase.FILE))
        .contains("needs some free space to be opened, even to be searched", "free space");
    try (FaceStore store = FaceStore.open(copy)) {
      assertThat(store.size()).isEqualTo(400);
    }
  }

  /** A refused opening dropped the lock; the next process deleted the file that was being made. */
  @Test
  void aRefusedOpeningLetsNobodyIn() throws Exception {
    Path folder = temp.resolve("s");
    List<EmbeddedFace> faces = faces(400);
    try (FaceStore store = FaceStore.open(folder)) {
      store.addAll(faces);
      assertRefused(folder);
      Path made = Files.writeString(folder.resolve(FaceDatabase.NEW), "being made");
      assertThat(StoreTool.run("", libraries(), "open", folder.toString(), "3"))
          .startsWith("0 opened IndexLockedException")
          .contains("is open already");
      assertThat(made).as("another process passed the lock").hasContent("being made");
      Files.delete(made);
      // All at once: this process tries, another tries, and people are forgotten.
      Process other = StoreTool.start("", libraries(), "open", folder.toString(), "300");
      for (int person = 0; person < 20; person++) {
        assertRefused(folder);
        assertThat(store.forget("p" + person).faces()).isEqualTo(10);
      }
      assertThat(new String(other.getInputStream().readAllBytes(), UTF_8)).startsWith("0 opened");
      store.verify();
    }
    try (FaceStore store = FaceStore.open(folder)) {
      assertThat(store.size()).isEqualTo(200);
      store.verify();
    }
  }

  @Test
  void otherPathsToTheFolderAreTheSameStore() throws Exception {
    Path folder = temp.resolve("s");
    Path link = temp.resolve("link");
    Path hard = Files.createDirectory(temp.resolve("hard"));
    Path database = Files.createDirectory(temp.resolve("database"));
    try (FaceStore store = FaceStore.open(folder)) {
      store.addAll(faces(10));
      Files.createSymbolicLink(link, folder);
      for (Path file : new Path[] {Path.of(FaceStore.LOCK), Path.of(FaceDatabase.FILE)}) {
        Files.createLink(hard.resolve(file), folder.resolve(file));
      }
      Files.createLink(database.resolve(FaceDatabase.FILE), folder.resolve(FaceDatabase.FILE));
      for (Path path : List.of(link, hard, temp.resolve("link/../s"), database)) {
        assertRefused(path);
        assertThat(StoreTool.run("", libraries(), "open", path.toString(), "1"))
            .as(path.toString())
            .startsWith("0 opened IndexLockedException");
        store.verify();
      }
      store.add(FaceIndexContract.face("later", 1, 2, 3));
    }
    try (FaceStore store = FaceStore.open(link)) {
      assertThat(store.size()).isEqualTo(11);
    }
  }

  @Test
  void whatReplacedAFileOfAnOpenStoreIsLeftAsItIs() throws IOException {
    for (String name : List.of(FaceDatabase.FILE, FaceStore.LOCK)) {
      Path folder = temp.resolve("of-" + name);
      FaceStore store = FaceStore.open(folder);
      store.addAll(faces(10));
      Files.move(folder.resolve(name), temp.resolve("old-" + name));
      Files.writeString(folder.resolve(name), "another's");
      assertThatThrownBy(() -> store.forget("p1"))
          .isInstanceOf(IndexWriteException.class)
          .hasMessageContaining("deleted or replaced while the store was open");
      assertThat(folder.resolve(name)).hasContent("another's");
      assertThatThrownBy(store::sync)
          .isInstanceOf(IndexWriteException.class)
          .hasMessageContaining("deleted or replaced");
      assertThatThrownBy(store::close).isInstanceOf(IndexWriteException.class);
      // The failed closing gave everything free.
      Files.move(
          temp.resolve("old-" + name),
          folder.resolve(name),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      try (FaceStore again = FaceStore.open(folder)) {
        assertThat(again.size()).isEqualTo(10);
      }
    }
  }

  @Test
  void aFileThatIsGoneIsTold() throws IOException {
    for (String name :
        List.of(FaceDatabase.FILE, FaceDatabase.LOG, CommitMark.FILE, FaceStore.LOCK)) {
      Path folder = temp.resolve("without-" + name);
      FaceStore store =
          FaceStore.builder(folder).sync(SyncPolicy.ON_DEMAND).open(); // nothing is forced unasked
      store.addAll(faces(10));
      store.sync();
      store.verify();
      Files.delete(folder.resolve(name));
      assertThatThrownBy(store::verify)
          .as(name)
          .isInstanceOf(CorruptIndexException.class)
          .hasMessageContaining("deleted or replaced while the store was open");
      assertThatThrownBy(store::sync)
          .isInstanceOf(IndexWriteException.class)
          .hasMessageContaining(folder.resolve(name) + " was deleted or replaced");
      assertThatThrownBy(store::close).isInstanceOf(IndexWriteException.class);
    }
  }
}
