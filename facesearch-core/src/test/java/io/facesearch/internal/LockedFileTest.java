package io.facesearch.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks against real other processes. */
class LockedFileTest {
  @TempDir Path temp;

  private String otherProcess(Path file) throws Exception {
    return FileTool.run("", "lock", file.toString());
  }

  @Test
  void aRefusedOpeningDoesNotDropTheLock() throws Exception {
    Path file = temp.resolve("lock");
    Path hard = temp.resolve("hard");
    Path link = temp.resolve("link");
    try (LockedFile locked = LockedFile.open(file)) {
      assertThat(locked).isNotNull();
      Files.createLink(hard, file);
      Files.createSymbolicLink(link, file);
      for (Path name : new Path[] {file, hard, link, temp.resolve(".").resolve("lock")}) {
        assertThat(LockedFile.open(name)).as(name.toString()).isNull();
        assertThat(LockedFile.openExisting(name)).as(name.toString()).isNull();
      }
      assertThat(otherProcess(file)).isEqualTo("refused");
      assertThat(locked.isInPlace()).isTrue();
    }
    assertThat(otherProcess(file)).isEqualTo("locked");
    try (LockedFile again = LockedFile.open(hard)) {
      assertThat(again).isNotNull();
    }
  }

  /** As in a container of web applications, each with its own copy of the library. */
  @Test
  void anotherClassLoaderDoesNotDropTheLock() throws Exception {
    Path file = temp.resolve("lock");
    URL classes = LockedFile.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Class<?> other = loader.loadClass(LockedFile.class.getName());
      assertThat(other).isNotSameAs(LockedFile.class);
      try (LockedFile locked = LockedFile.open(file)) {
        assertThat(locked).isNotNull();
        assertThat(other.getMethod("open", Path.class).invoke(null, file)).isNull();
        assertThat(other.getMethod("open", Path.class).invoke(null, file)).isNull();
        assertThat(otherProcess(file)).isEqualTo("refused");
      }
      Object taken = other.getMethod("open", Path.class).invoke(null, file);
      assertThat(taken).isNotNull();
      assertThat(LockedFile.open(file)).isNull();
      assertThat(otherProcess(file)).isEqualTo("refused");
      other.getMethod("close").invoke(taken);
    }
    assertThat(otherProcess(file)).isEqualTo("locked");
    try (LockedFile again = LockedFile.open(file)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void aFileThatWasReplacedOrClosedByAnInterruptIsNotInPlace() throws IOException {
    Path file = temp.resolve("lock");
    try (LockedFile locked = LockedFile.open(file)) {
      Files.move(Files.writeString(temp.resolve("other"), ""), temp.resolve("third"));
      assertThat(locked.isInPlace()).isTrue();
      Files.delete(file);
      assertThat(locked.isInPlace()).isFalse();
      Files.writeString(file, "");
      assertThat(locked.isInPlace()).isFalse();
    }
    try (LockedFile again = LockedFile.open(file)) {
      assertThat(again.isInPlace()).isTrue();
      again.channel().close();
      assertThat(again.isInPlace()).isFalse();
    }
    LockedFile.open(file).close();
  }
}
