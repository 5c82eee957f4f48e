package io.facesearch.sfacefloat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Embedding;
import io.facesearch.FaceDetector;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.detect.YuNetDetector;
import io.facesearch.sface.SFaceEmbedder;
import io.facesearch.spi.EmbedderProvider;
import io.facesearch.testing.FaceEmbedderContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class SFaceFloatModelTest extends FaceEmbedderContract {
  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");
  private static final Path GOLDEN =
      Path.of(
          "../facesearch-detect/src/test/resources/io/facesearch/detect/yunet_sface_opencv.json");

  @Override
  protected FaceEmbedder create() {
    return new SFaceFloatEmbedderProvider().newEmbedder();
  }

  /** From the photo on: OpenCV's vectors of twelve photos, and those of the network in int8. */
  @Test
  void equalsOpenCvAndIsNearToInt8() throws Exception {
    JsonArray photos =
        JsonParser.parseString(Files.readString(GOLDEN)).getAsJsonObject().getAsJsonArray("photos");
    List<Double> toInt8 = new ArrayList<>();
    try (SFaceEmbedder model = SFaceFloatModel.open();
        SFaceEmbedder int8 = SFaceEmbedder.open();
        FaceDetector detector = YuNetDetector.create()) {
      for (JsonElement element : photos) {
        JsonObject photo = element.getAsJsonObject();
        FaceImage image = FaceImage.read(SAMPLES.resolve(photo.get("file").getAsString()));
        FaceImage chip =
            new SimilarityAligner()
                .align(image, detector.detect(image).get(0), model.card().input());
        Embedding vector = model.embed(List.of(chip)).get(0);
        JsonArray expected =
            photo.getAsJsonArray("faces").get(0).getAsJsonObject().getAsJsonArray("embedding");
        float[] openCv = new float[expected.size()];
        for (int d = 0; d < openCv.length; d++) {
          openCv[d] = expected.get(d).getAsFloat();
        }
        assertThat(cosine(vector.toArray(), openCv))
            .as(photo.get("file").getAsString())
            .isGreaterThan(0.999);
        Embedding other = int8.embed(List.of(chip)).get(0);
        toInt8.add(cosine(vector.toArray(), other.toArray()));
        assertThatThrownBy(() -> vector.distanceTo(other)).isInstanceOf(RuntimeException.class);
      }
    }
    assertThat(toInt8).hasSize(12);
    assertThat(toInt8.stream().mapToDouble(c -> c).average().orElseThrow()).isBetween(0.99, 0.9999);
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < b.length; d++) {
      dot += (double) a[d] * b[d];
      aa += (double) a[d] * a[d];
      bb += (double) b[d] * b[d];
    }
    return dot / Math.sqrt(aa * bb);
  }

  @Test
  void theServiceLoaderFindsItBesideTheDefault() {
    List<EmbedderProvider> providers =
        ServiceLoader.load(EmbedderProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .toList();
    assertThat(providers)
        .extracting(EmbedderProvider::name)
        .containsExactlyInAnyOrder("sface", "sface-float");
    assertThat(providers).extracting(EmbedderProvider::fingerprint).doesNotHaveDuplicates();
    for (EmbedderProvider provider : providers) {
      try (FaceEmbedder embedder = provider.newEmbedder()) {
        assertThat(embedder.card().fingerprint()).isEqualTo(provider.fingerprint());
        assertThat(embedder.card().threshold().strangers()).isPresent();
      }
    }
  }

  @Test
  void theCardSaysWhatItIs() throws Exception {
    try (SFaceEmbedder embedder = SFaceFloatModel.builder().threads(1).build();
        SFaceEmbedder mirror = SFaceFloatModel.builder().mirrorAverage(true).build()) {
      assertThat(embedder.card().name()).isEqualTo("sface-float");
      assertThat(embedder.card().license()).contains("Apache-2.0", "upper bounds");
      assertThat(mirror.card().name()).isEqualTo("sface-float-mirror");
      assertThat(mirror.card().fingerprint()).isNotEqualTo(embedder.card().fingerprint());
    }
  }
}
