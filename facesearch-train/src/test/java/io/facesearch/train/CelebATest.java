package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CelebATest {
  @TempDir private Path folder;

  private CelebA read(String rows, String... images) throws Exception {
    Path photos = Files.createDirectories(folder.resolve("img_align_celeba"));
    for (String image : images) {
      Files.createFile(photos.resolve(image));
    }
    Files.writeString(folder.resolve("identity_CelebA.txt"), rows);
    return CelebA.read(folder);
  }

  @Test
  void groupsByIdentityAndCountsRowsWithoutImage() throws Exception {
    CelebA celebA =
        read("000001.jpg 7\r\n000002.jpg 8\n000003.jpg 7\n\n", "000001.jpg", "000003.jpg");
    assertThat(celebA.rowsWithoutImage()).isEqualTo(1);
    assertThat(celebA.photos())
        .containsOnlyKeys("7")
        .satisfies(
            p ->
                assertThat(p.get("7"))
                    .extracting(file -> file.getFileName().toString())
                    .containsExactly("000001.jpg", "000003.jpg"));
  }

  @Test
  void aMalformedRowIsNamed() {
    assertThatThrownBy(() -> read("000001.jpg 7\n000002.jpg\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("identity_CelebA.txt, line 2: expected a file name and an identity");
  }
}
