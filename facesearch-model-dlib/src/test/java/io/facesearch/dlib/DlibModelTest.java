package io.facesearch.dlib;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.embed.DlibFaceEmbedder;
import io.facesearch.spi.EmbedderProvider;
import io.facesearch.testing.FaceEmbedderContract;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class DlibModelTest extends FaceEmbedderContract {
  @Override
  protected FaceEmbedder create() {
    return new DlibEmbedderProvider().newEmbedder();
  }

  @Test
  void theServiceLoaderFindsItUnderItsNameAndFingerprint() {
    EmbedderProvider provider =
        ServiceLoader.load(EmbedderProvider.class).findFirst().orElseThrow();
    assertThat(provider).isInstanceOf(DlibEmbedderProvider.class);
    assertThat(provider.name()).isEqualTo("dlib");
    try (FaceEmbedder embedder = provider.newEmbedder()) {
      assertThat(embedder.card().fingerprint()).isEqualTo(provider.fingerprint());
      assertThat(embedder.card().name()).isEqualTo("dlib-resnet29-v1");
      FaceImage chip = FaceImage.ofRgb(150, 150, new byte[3 * 150 * 150]);
      assertThat(embedder.embed(List.of(chip)).get(0).dimension()).isEqualTo(128);
    }
  }

  @Test
  void aMirrorAverageIsAnotherModel() {
    try (DlibFaceEmbedder mirror = DlibModel.builder().mirrorAverage(true).threads(1).build()) {
      assertThat(mirror.card().name()).isEqualTo("dlib-resnet29-v1-mirror");
      assertThat(mirror.card().fingerprint())
          .isNotEqualTo(new DlibEmbedderProvider().fingerprint());
    }
  }
}
