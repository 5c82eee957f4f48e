package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.facesearch.IndexWriteException;
import io.facesearch.spi.GalleryStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index forgets first; then photos go, and what is left is told. */
class ForgettingTest {
  @TempDir private Path folder;

  /** The index, but a method of it does something else. */
  static GalleryStorage instead(GalleryStorage index, String method, Runnable action) {
    return (GalleryStorage)
        Proxy.newProxyInstance(
            GalleryStorage.class.getClassLoader(),
            new Class<?>[] {GalleryStorage.class},
            (proxy, called, args) -> {
              if (called.getName().equals(method)) {
                action.run();
              }
              try {
                return called.invoke(index, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static void fail() {
    throw new IndexWriteException("the disk is full");
  }

  @Test
  void aServerWhoseIndexFailsKeepsThePhotos() throws Exception {
    boolean[] full = new boolean[1];
    try (TestServer server =
        TestServer.on(
            folder,
            0,
            index ->
                instead(
                    instead(index, "erase", () -> failIf(full)), "remove", () -> failIf(full)))) {
      String face = server.photo("/api/faces?person=Ann", TestServer.query(3)).header("Location");
      full[0] = true;
      server.delete("/api/people?person=Ann").isProblem(507, "not_stored");
      server.delete(face).isProblem(507, "not_stored");
      assertThat(server.get(face + "/photo").status()).isEqualTo(200);
      full[0] = false;
      server.delete("/api/people?person=Ann").is(200, "Forgotten");
      assertThat(server.added).isEmptyDirectory();
    }
  }

  private static void failIf(boolean[] full) {
    if (full[0]) {
      fail();
    }
  }

  @Test
  void photosThatCannotBeDeletedAreCounted() throws Exception {
    try (TestServer server = TestServer.on(folder, 0, index -> index)) {
      String face = server.photo("/api/faces?person=Ann", TestServer.query(3)).header("Location");
      block(server);
      TestServer.Answer removed = server.delete(face);
      removed.isProblem(500, "photo_left");
      assertThat(removed.text()).doesNotContain(folder.toString());
      server.get(face).isProblem(404, "unknown_face");

      server.photo("/api/faces?person=Bob", TestServer.query(4)).is(201, "Added");
      block(server);
      JsonObject forgotten = server.delete("/api/people?person=Bob").is(200, "Forgotten");
      assertThat(forgotten.get("faces").getAsInt()).isEqualTo(1);
      assertThat(forgotten.get("photosDeleted").getAsInt()).isZero();
      assertThat(forgotten.get("photosNotDeleted").getAsInt()).isEqualTo(1);
    }
  }

  /** Puts a folder in the place of each photo: nobody can delete it as a file. */
  private static void block(TestServer server) throws Exception {
    try (var files = Files.list(server.added)) {
      for (Path photo : files.filter(Files::isRegularFile).toList()) {
        Files.delete(photo);
        Files.createFile(Files.createDirectory(photo).resolve("inside"));
      }
    }
  }
}
