package io.facesearch.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.KeptPhotos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptPhotoFolderTest {
  @TempDir private Path folder;

  @Test
  void namesThatAreNoneOfOursAreNeverFiles() throws Exception {
    Path other = Files.writeString(folder.resolve("other.jpg"), "x");
    KeptPhotos photos = new KeptPhotoFolder(Files.createDirectory(folder.resolve("photos")));
    String name = KeptPhotos.newName();
    Files.createSymbolicLink(
        folder.resolve("photos").resolve(KeptPhotos.fileOf(name).orElseThrow()), other);
    assertThat(photos.has(name)).as("a link").isFalse();
    assertThat(photos.read(name)).isEmpty();
    for (String hostile :
        List.of("added:../other.jpg", "added:" + other, other.toString(), "", "added:", "\0")) {
      assertThat(photos.has(hostile)).isFalse();
      assertThat(photos.read(hostile)).isEmpty();
      assertThat(photos.delete(List.of(hostile)).photos()).isZero();
    }
    assertThat(photos.sweep(Set::of).photos()).as("the link").isEqualTo(1);
    assertThat(other).hasContent("x");
  }
}
