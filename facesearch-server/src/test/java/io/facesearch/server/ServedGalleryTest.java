package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceAnalyzer;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedGalleryTest {
  @TempDir private Path photos;

  @Test
  void aStartedRunIsNeverSaidNotToBe() throws Exception {
    try (FaceAnalyzer analyzer = FaceAnalyzer.open()) {
      for (int i = 0; i < 200; i++) {
        try (Gallery gallery = Gallery.builder().analyzer(analyzer).open()) {
          ServedGallery served = new ServedGallery(gallery, PhotoSource.folder(photos));
          assertThat(served.indexing().state()).isEqualTo("none");
          served.startIndexing();
          String state = served.indexing().state();
          while (state.equals("running")) {
            state = served.indexing().state();
          }
          assertThat(state).as("run %d", i).isEqualTo("done");
        }
      }
    }
  }
}
