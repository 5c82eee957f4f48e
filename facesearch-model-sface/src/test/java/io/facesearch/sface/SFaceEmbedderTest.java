package io.facesearch.sface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceDetector;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.detect.YuNetDetector;
import io.facesearch.spi.EmbedderProvider;
import io.facesearch.testing.FaceEmbedderContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SFaceEmbedderTest extends FaceEmbedderContract {
  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");
  private static final Path GOLDEN =
      Path.of(
          "../facesearch-detect/src/test/resources/io/facesearch/detect/yunet_sface_opencv.json");

  private static SFaceEmbedder embedder;
  private static FaceDetector detector;

  @BeforeAll
  static void open() {
    embedder = SFaceEmbedder.open();
    detector = YuNetDetector.create();
  }

  @AfterAll
  static void close() {
    embedder.close();
    detector.close();
  }

  @Override
  protected FaceEmbedder create() {
    return SFaceEmbedder.open();
  }

  private static FaceImage chip(Path photo) throws Exception {
    FaceImage image = FaceImage.read(photo);
    DetectedFace face = detector.detect(image).get(0);
    return new SimilarityAligner().align(image, face, embedder.card().input());
  }

  private static FaceImage query(int person) throws Exception {
    return chip(SAMPLES.resolve(String.format("queries/person_%02d.jpg", person)));
  }

  private static FaceImage gallery(int person) throws Exception {
    return chip(SAMPLES.resolve(String.format("gallery/person_%02d/photo_1.jpg", person)));
  }

  private static double cosine(Embedding a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    for (int d = 0; d < b.length; d++) {
      dot += (double) a.get(d) * b[d];
      aa += (double) a.get(d) * a.get(d);
      bb += (double) b[d] * b[d];
    }
    return dot / Math.sqrt(aa * bb);
  }

  /** Cosines to the vectors that OpenCV gives for the same photos, from detection on. */
  private static List<Double> toOpenCv(SFaceEmbedder model) throws Exception {
    JsonArray photos =
        JsonParser.parseString(Files.readString(GOLDEN)).getAsJsonObject().getAsJsonArray("photos");
    List<Double> cosines = new ArrayList<>();
    for (JsonElement element : photos) {
      JsonObject photo = element.getAsJsonObject();
      JsonArray expected =
          photo.getAsJsonArray("faces").get(0).getAsJsonObject().getAsJsonArray("embedding");
      float[] vector = new float[expected.size()];
      for (int d = 0; d < vector.length; d++) {
        vector[d] = expected.get(d).getAsFloat();
      }
      FaceImage chip = chip(SAMPLES.resolve(photo.get("file").getAsString()));
      cosines.add(cosine(model.embed(List.of(chip)).get(0), vector));
    }
    assertThat(cosines).hasSize(12);
    return cosines;
  }

  @Test
  void int8IsNearToOpenCv() throws Exception {
    List<Double> cosines = toOpenCv(embedder);
    assertThat(cosines).allSatisfy(cosine -> assertThat(cosine).isGreaterThan(0.99));
    assertThat(cosines.stream().mapToDouble(c -> c).average().orElseThrow()).isGreaterThan(0.995);
  }

  @Test
  void samplesFindTheirPeople() throws Exception {
    List<Embedding> people = new ArrayList<>();
    List<Embedding> queries = new ArrayList<>();
    for (int person = 1; person <= 32; person++) {
      people.add(embedder.embed(List.of(gallery(person))).get(0));
      queries.add(embedder.embed(List.of(query(person))).get(0));
    }
    for (int q = 0; q < 32; q++) {
      Embedding query = queries.get(q);
      int nearest =
          IntStream.range(0, 32)
              .boxed()
              .min((a, b) -> Double.compare(distance(query, people, a), distance(query, people, b)))
              .orElseThrow();
      assertThat(nearest).as("query %d", q + 1).isEqualTo(q);
    }
  }

  private static double distance(Embedding query, List<Embedding> people, int person) {
    return query.distanceTo(people.get(person));
  }

  @Test
  void vectorsHaveLengthOne() throws Exception {
    Embedding vector = embedder.embed(List.of(query(1))).get(0);
    double squares = 0;
    for (float v : vector.toArray()) {
      squares += (double) v * v;
    }
    assertThat(squares).isCloseTo(1, within(1e-5));
    assertThat(vector.dimension()).isEqualTo(128);
    assertThat(vector.model()).isEqualTo(embedder.card().fingerprint());
  }

  /** Threads and what is embedded beside it change no bit of a vector. */
  @Test
  void aVectorDependsOnItsChipAlone() throws Exception {
    List<FaceImage> chips = new ArrayList<>();
    for (int person = 1; person <= 16; person++) {
      chips.add(query(person));
    }
    try (SFaceEmbedder one = SFaceEmbedder.builder().threads(1).build();
        SFaceEmbedder eight = SFaceEmbedder.builder().threads(8).build()) {
      List<Embedding> alone = chips.stream().map(chip -> one.embed(List.of(chip)).get(0)).toList();
      assertThat(one.embed(chips)).isEqualTo(alone);
      assertThat(eight.embed(chips)).isEqualTo(alone);
      assertThat(eight.card().fingerprint()).isEqualTo(one.card().fingerprint());
      assertThat(
              IntStream.range(0, 64)
                  .parallel()
                  .mapToObj(i -> eight.embed(List.of(chips.get(i % 16))).get(0))
                  .toList())
          .isEqualTo(IntStream.range(0, 64).mapToObj(i -> alone.get(i % 16)).toList());
    }
  }

  @Test
  void theMeanWithTheMirrorIsAnotherModel() throws Exception {
    FaceImage chip = query(2);
    byte[] flipped = new byte[3 * 112 * 112];
    for (int y = 0; y < 112; y++) {
      for (int x = 0; x < 112; x++) {
        int rgb = chip.rgb(111 - x, y);
        int i = 3 * (y * 112 + x);
        flipped[i] = (byte) (rgb >> 16);
        flipped[i + 1] = (byte) (rgb >> 8);
        flipped[i + 2] = (byte) rgb;
      }
    }
    FaceImage mirror = FaceImage.ofRgb(112, 112, flipped);
    try (SFaceEmbedder mean = SFaceEmbedder.builder().mirrorAverage(true).build()) {
      Embedding a = mean.embed(List.of(chip)).get(0);
      Embedding b = mean.embed(List.of(mirror)).get(0);
      assertThat(cosine(a, b.toArray())).isGreaterThan(0.999999);
      assertThat(mean.card().fingerprint()).isNotEqualTo(embedder.card().fingerprint());
      float[] one = embedder.embed(List.of(chip)).get(0).toArray();
      float[] other = embedder.embed(List.of(mirror)).get(0).toArray();
      float[] sum = new float[128];
      for (int d = 0; d < 128; d++) {
        sum[d] = one[d] + other[d];
      }
      assertThat(cosine(a, sum)).isGreaterThan(0.999999);
    }
  }

  @Test
  void theCardSaysWhatUsersMustKnow() {
    assertThat(embedder.card().name()).isEqualTo("sface-int8");
    assertThat(embedder.card().license()).contains("Apache-2.0", "upper bounds");
    assertThat(embedder.card().input().name()).isEqualTo("arcface_112");
    assertThat(embedder.toString()).startsWith("SFaceEmbedder[sface-int8");
  }

  @Test
  void chipsOfAnotherSizeAreRefused() {
    FaceImage chip = FaceImage.ofRgb(150, 150, new byte[3 * 150 * 150]);
    assertThatThrownBy(() -> embedder.embed(List.of(chip)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be 112x112 pixels, but is 150x150");
    assertThat(embedder.embed(List.of())).isEmpty();
  }

  @Test
  void filesThatAreNotSFaceAreRefused(@TempDir Path folder) throws Exception {
    Path garbage = Files.write(folder.resolve("garbage.onnx"), new byte[1000]);
    assertThatThrownBy(() -> SFaceEmbedder.builder().model(garbage).build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("garbage.onnx");
    Path half = folder.resolve("half.onnx");
    byte[] whole = SFaceModel.bundled();
    Files.write(half, java.util.Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> SFaceEmbedder.builder().model(half).build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("half.onnx");
    assertThatThrownBy(() -> SFaceEmbedder.builder().model("bytes.onnx", new byte[1000]).build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("bytes.onnx");
    // As bytes the same model as from the jar or a file.
    Path file = Files.write(folder.resolve("sface_int8.onnx"), whole);
    try (SFaceEmbedder fromBytes = SFaceEmbedder.builder().model("sface_int8.onnx", whole).build();
        SFaceEmbedder fromFile = SFaceEmbedder.builder().model(file).build()) {
      assertThat(fromBytes.card().fingerprint())
          .isEqualTo(embedder.card().fingerprint())
          .isEqualTo(fromFile.card().fingerprint());
    }
    Path yunet = Path.of("../facesearch-detect/src/main/resources/io/facesearch/detect/yunet.onnx");
    assertThatThrownBy(() -> SFaceEmbedder.builder().model(yunet).build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("expected a network that turns N x 3 x 112 x 112 into N x 128");
    // The root of a disk has no name.
    assertThatThrownBy(() -> SFaceEmbedder.builder().model(folder.getRoot()).build())
        .isInstanceOf(IOException.class);
  }

  @Test
  void theServiceLoaderFindsItUnderItsNameAndFingerprint() {
    EmbedderProvider provider =
        ServiceLoader.load(EmbedderProvider.class).findFirst().orElseThrow();
    assertThat(provider.name()).isEqualTo("sface").isEqualTo(EmbedderProvider.DEFAULT);
    try (FaceEmbedder found = provider.newEmbedder()) {
      assertThat(found.card().fingerprint()).isEqualTo(provider.fingerprint());
    }
  }
}
