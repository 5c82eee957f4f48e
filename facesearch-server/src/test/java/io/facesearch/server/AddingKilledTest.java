package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceSearch;
import io.facesearch.store.FaceStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed between a crop and its face leaves a photo that nobody would forget. */
@Tag("slow")
class AddingKilledTest {
  private static final int KILLED = 9;

  @TempDir private Path folder;

  /** Adds a face to the gallery of a store and dies at its first method that changes the index. */
  static final class Adds {
    private Adds() {}

    public static void main(String[] args) throws Exception {
      Path store = Path.of(args[0]);
      FaceIndex index =
          ForgettingTest.instead(
              FaceStore.open(store), "addAll", () -> Runtime.getRuntime().halt(KILLED));
      Gallery gallery =
          Gallery.builder(FaceSearch.builder(), index).added(store.resolve(".photos")).build();
      FaceImage photo = FaceImage.of(ImageIO.read(new ByteArrayInputStream(TestServer.query(3))));
      var face = gallery.faces().detect(photo).get(0);
      var embedding = gallery.faces().embed(photo, face);
      gallery.add(photo, face, embedding, Optional.of("Ann"));
    }
  }

  @Test
  void forgettingCoversIt() throws Exception {
    Path store = folder.resolve("store");
    Process process = ChildJvm.of(folder, "1g", Adds.class, store.toString()).inheritIO().start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(KILLED);
    List<Path> left = files(store.resolve(".photos"));
    assertThat(left).as("what a kill leaves").hasSize(1);
    byte[] photo = Files.readAllBytes(left.get(0));
    byte[] part = Arrays.copyOfRange(photo, photo.length / 2, photo.length / 2 + 64);

    // Nobody of that name was added; the photo goes all the same.
    PhotoFolder photos = PhotoFolder.of(store.resolve(".photos"));
    try (FaceStore opened = FaceStore.open(store)) {
      assertThat(Forgetting.sweep(opened, photos).photos()).isEqualTo(1);
      assertThat(Forgetting.forget(opened, photos, "Ann").receipt().faces()).isZero();
    }
    assertThat(files(store)).isNotEmpty();
    for (Path file : files(store)) {
      assertThat(indexOf(Files.readAllBytes(file), part)).as(file.toString()).isNegative();
    }
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i + part.length <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }
}
