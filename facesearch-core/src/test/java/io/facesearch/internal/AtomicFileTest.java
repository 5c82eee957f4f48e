package io.facesearch.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path temp;

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private void assumeModes() {
    assumeTrue(PrivateFiles.isPosix(temp), "the file system has no modes");
  }

  @Test
  void newFilesAreTheOwnersWhateverTheUmask() throws Exception {
    assumeModes();
    for (String umask : List.of("000", "022")) {
      Path folder = temp.resolve("a" + umask).resolve("b");
      assertThat(FileTool.run("umask " + umask + ";", "make", folder.toString())).isEqualTo("made");
      assertThat(mode(folder)).isEqualTo("rwx------");
      assertThat(mode(folder.getParent())).isEqualTo("rwx------");
      assertThat(names(folder)).containsExactly("a", "b", "c", "d");
      for (String name : names(folder)) {
        assertThat(mode(folder.resolve(name))).as(name).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void aReplacedFileKeepsItsMode() throws IOException {
    assumeModes();
    Path file = temp.resolve("f");
    for (String mode : List.of("rw-r-----", "rw-rw-rw-", "rw-------")) {
      AtomicFile.writeString(file, mode);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      AtomicFile.writeString(file, "new");
      assertThat(mode(file)).isEqualTo(mode);
      assertThat(file).hasContent("new");
    }
  }

  @Test
  void whatALinkLeadsToIsReplaced() throws IOException {
    assumeModes();
    Path real = Files.createDirectory(temp.resolve("real")).resolve("f");
    Path link = Files.createSymbolicLink(temp.resolve("link"), Path.of("real", "f"));
    Path second = Files.createSymbolicLink(temp.resolve("second"), link);
    AtomicFile.writeString(second, "made through links"); // f does not exist yet
    assertThat(real).hasContent("made through links");
    AtomicFile.writeString(second, "new");
    assertThat(real).hasContent("new");
    assertThat(link).isSymbolicLink();
    assertThat(second).isSymbolicLink();
    assertThat(names(real.getParent())).containsExactly("f");
    Files.createSymbolicLink(temp.resolve("circle"), Path.of("circle"));
    assertThatThrownBy(() -> AtomicFile.writeString(temp.resolve("circle"), ""))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theRootOfADiskIsRefusedByName() {
    Path root = temp.toAbsolutePath().getRoot();
    assertThatThrownBy(() -> AtomicFile.writeString(root, ""))
        .isInstanceOf(IOException.class)
        .hasMessage(root + ": it is the root of a disk; expected the name of a file");
  }

  @Test
  void aFailedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = temp.resolve("f");
    AtomicFile.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      throw new IOException("full");
                    }))
        .hasMessage("full");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> AtomicFile.writeString(file, "new"))
        .isInstanceOf(ClosedByInterruptException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(file).hasContent("old");
    assertThat(names(temp)).containsExactly("f");
  }

  @Test
  void forcingMakesNothing() throws IOException {
    Path file = temp.resolve("none");
    assertThatThrownBy(() -> PrivateFiles.force(file)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> AtomicFile.replace(file, temp.resolve("f")))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(names(temp)).isEmpty();
  }

  @Test
  void anInterruptDoesNotStopAForce() throws IOException {
    Path file = Files.writeString(temp.resolve("f"), "x");
    Thread.currentThread().interrupt();
    PrivateFiles.force(file);
    PrivateFiles.forceFolder(temp);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aFolderThatCannotBeForcedIsReported() {
    assumeModes();
    assertThatThrownBy(() -> PrivateFiles.forceFolder(temp.resolve("gone")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("could not be forced");
  }

  @Test
  void whatAKilledProcessLeftIsSwept() throws Exception {
    assumeModes();
    Path file = temp.resolve("f");
    Process writer = FileTool.start("", "hang", file.toString(), "a secret face");
    assertThat(writer.inputReader().readLine()).isEqualTo("hanging");
    assertThat(names(temp)).hasSize(1);
    AtomicFile.sweep(temp);
    assertThat(names(temp)).as("it is being written").hasSize(1);
    writer.destroyForcibly().waitFor();
    assertThat(names(temp)).hasSize(1);
    Path foreign = Files.writeString(temp.resolve(".facesearch-mine.txt"), "not ours to delete");
    assertThat(FileTool.run("", "write", file.toString(), "next")).isEqualTo("written");
    assertThat(names(temp)).containsExactly(foreign.getFileName().toString(), "f");
    assertThat(file).hasContent("next");
  }

  @Test
  void foldersThatWereBeingMadeAreSweptUnlessLocked() throws IOException {
    Path folder = Files.createDirectory(AtomicFile.temporary(temp));
    Files.writeString(Files.createDirectory(folder.resolve("in")).resolve("f"), "x");
    try (LockedFile locked = LockedFile.open(folder.resolve("lock"))) {
      assertThat(locked).isNotNull();
      AtomicFile.sweep(temp);
      assertThat(names(temp)).hasSize(1);
    }
    AtomicFile.sweep(temp);
    assertThat(names(temp)).isEmpty();
  }
}
