package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.AnalyzedFace;
import io.facesearch.FaceImage;
import io.facesearch.FaceInfo;
import io.facesearch.Gallery;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.store.FaceStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
      GalleryStorage storage =
          ForgettingTest.instead(
              FaceStore.open(store), "addAll", () -> Runtime.getRuntime().halt(KILLED));
      Gallery gallery = Gallery.builder().storage(storage).open();
      FaceImage photo = FaceImage.of(ImageIO.read(new ByteArrayInputStream(TestServer.query(3))));
      AnalyzedFace face = gallery.analyzer().analyze(photo).get(0);
      gallery.addFace(photo, face, FaceInfo.person("Ann"));
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
    try (FaceStore opened = FaceStore.open(store)) {
      assertThat(opened.sweep().photos()).isEqualTo(1);
      assertThat(opened.erase("Ann").receipt().faces()).isZero();
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
