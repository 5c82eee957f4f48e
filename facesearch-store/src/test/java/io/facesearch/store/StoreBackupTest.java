package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.IndexKeyException;
import io.facesearch.internal.AtomicFile;
import io.facesearch.testing.FaceIndexContract;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreBackupTest {
  @TempDir Path temp;

  /** Each copy holds the state after one of the changes, the later copy no earlier one. */
  @Test
  void copiesMadeWhileOthersWriteAreStates() throws Exception {
    for (boolean encrypted : new boolean[] {false, true}) {
      Path folder = temp.resolve("s" + encrypted);
      List<Path> copies = new ArrayList<>();
      AtomicBoolean done = new AtomicBoolean();
      AtomicReference<Throwable> failure = new AtomicReference<>();
      try (FaceStore store = StoreWriter.builder(folder, encrypted).open()) {
        StoreScript script = new StoreScript(11);
        script.next(store);
        Thread writer =
            new Thread(
                () -> {
                  try {
                    while (!done.get()) {
                      script.next(store);
                    }
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                });
        writer.start();
        for (int i = 0; i < 4; i++) {
          Path copy = temp.resolve("copies" + encrypted).resolve("" + i);
          store.backup(copy);
          copies.add(copy);
        }
        done.set(true);
        writer.join();
        assertThat(failure.get()).isNull();
        store.people();
        Path last = temp.resolve("last" + encrypted);
        Files.createDirectory(last); // empty
        store.backup(last);
        try (FaceStore copy = StoreWriter.builder(last, encrypted).open()) {
          assertThat(copy.faces()).isEqualTo(store.faces());
          assertThat(copy.people()).isEqualTo(store.people());
        }
        store.verify();
      }
      StoreScript script = new StoreScript(11);
      for (Path copy : copies) {
        try (FaceStore store = StoreWriter.builder(copy, encrypted).open()) {
          store.verify();
          List<EmbeddedFace> faces = store.faces();
          while (!script.faces().equals(faces)) {
            assertThat(script.done()).as("no state of the script").isLessThan(100_000);
            script.next(null);
          }
          store.remove(faces.get(0).face().id());
          store.forget("p1");
        }
      }
    }
  }

  /** Others delete there what they take for leftovers, as each backup and each saving does. */
  @Test
  void backupsBesideEachOtherAreWhole() throws Exception {
    Path parent = Files.createDirectory(temp.resolve("backups"));
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread sweeper =
        new Thread(
            () -> {
              try {
                while (!done.get()) {
                  AtomicFile.sweep(parent);
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    try (FaceStore store = FaceStore.open(temp.resolve("s"))) {
      new StoreScript(5).next(store);
      sweeper.start();
      for (int i = 0; i < 30; i++) {
        store.backup(parent.resolve("" + i));
      }
    } finally {
      done.set(true);
      sweeper.join();
    }
    assertThat(failure.get()).isNull();
    for (int i = 0; i < 30; i++) {
      assertThat(parent.resolve("" + i))
          .isDirectoryContaining(file -> file.endsWith(FaceDatabase.FILE))
          .isDirectoryContaining(file -> file.endsWith(CommitMark.FILE));
    }
  }

  @Test
  void aCopyIsPrivateEncryptedAndWhole() throws Exception {
    Path folder = temp.resolve("s");
    Path copy = temp.resolve("copies").resolve("copy");
    try (FaceStore store = FaceStore.builder(folder).key(new byte[16]).open()) {
      store.add(FaceIndexContract.face("a very secret id", 1, 2));
      store.backup(copy);
      assertThatThrownBy(() -> store.backup(copy))
          .isInstanceOf(DirectoryNotEmptyException.class)
          .hasMessageContaining("not empty");
      Path file = Files.writeString(temp.resolve("file"), "mine");
      assertThatThrownBy(() -> store.backup(file)).hasMessageContaining("is a file");
      assertThat(file).hasContent("mine");
    }
    try (var list = Files.list(copy.getParent())) {
      assertThat(list).as("nothing is left beside it").containsExactly(copy);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rwx------");
    try (var files = Files.list(copy)) {
      for (Path file : files.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain("a very secret id");
      }
    }
    assertThatThrownBy(() -> FaceStore.open(copy)).isInstanceOf(IndexKeyException.class);
    try (FaceStore store = FaceStore.builder(copy).key(new byte[16]).open()) {
      assertThat(store.get("a very secret id")).isPresent();
    }
  }
}
