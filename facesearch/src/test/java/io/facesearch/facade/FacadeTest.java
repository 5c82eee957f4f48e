package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.ModelMismatchException;
import io.facesearch.Photo;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What an application has that depends on {@code io.facesearch:facesearch} alone. */
class FacadeTest {
  /** Fingerprints of dlib's network and of SFace in float, and where they are. */
  private static final Map<String, String> OPTIONAL =
      Map.of(
          "d7d9631b84e5743ab7fda2e19c7ee4bb3526d45103a768ca5b4466681e73bb37",
          "facesearch-model-dlib",
          "d96d2d5751aaa77fd3cc24aec649ec8700607f3a189cb3f745169fa1bbe44fd1",
          "facesearch-model-sface-float");

  private static final Pattern OF_TESTS =
      Pattern.compile(
          "(junit|assertj|byte-buddy|opentest4j|apiguardian|slf4j-simple|surefire|maven-)" + ".*");

  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");

  private static FaceImage sample(String name) throws IOException {
    return FaceImage.read(SAMPLES.resolve(name));
  }

  @Test
  void findsAPersonWithYuNetAndSFace() throws Exception {
    try (Gallery faces = Gallery.inMemory()) {
      assertThat(faces.analyzer().model().name()).isEqualTo("sface-int8");
      assertThat(faces.analyzer().configuration().orElseThrow())
          .contains("detector=yunet", "landmarks=none");
      for (int person = 1; person <= 4; person++) {
        String name = String.format("person_%02d", person);
        faces.add(Photo.of(name, sample("gallery/" + name + "/photo_1.jpg")).person(name));
      }
      FaceMatch match =
          faces.search(sample("queries/person_03.jpg"), Search.nearest(1)).orThrow().get(0);
      assertThat(match.face().person()).hasValue("person_03");
    }
  }

  @Test
  void carriesNeitherOpenCvNorPyTorchNorDjl() {
    for (String name :
        List.of(
            "org.opencv.core.Core",
            "nu.pattern.OpenCV",
            "ai.djl.Model",
            "ai.djl.pytorch.engine.PtEngine",
            "io.facesearch.opencv.HaarFaceDetector",
            "io.facesearch.embed.DlibFaceEmbedder",
            "io.facesearch.dlib.DlibModel",
            "io.facesearch.sfacefloat.SFaceFloatModel")) {
      assertThatThrownBy(() -> Class.forName(name))
          .as(name)
          .isInstanceOf(ClassNotFoundException.class);
    }
  }

  @Test
  void itsJarsAreSmall() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    long bytes = 0;
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path path = Path.of(entry);
      if (OF_TESTS.matcher(path.getFileName().toString()).matches()
          || path.endsWith("test-classes")) {
        continue;
      }
      try (Stream<Path> files = Files.exists(path) ? Files.walk(path) : Stream.empty()) {
        bytes += files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
      }
    }
    assertThat(bytes).isBetween(50_000_000L, 85_000_000L);
  }

  @Test
  void aMissingModuleIsNamed() {
    assertThatThrownBy(() -> FaceAnalyzer.builder().detector("haar").build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("'haar'")
        .hasMessageContaining("yunet", "tiny")
        .hasMessageEndingWith("add the dependency io.facesearch:facesearch-opencv");
    assertThatThrownBy(() -> FaceAnalyzer.builder().model("dlib").build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageEndingWith("add the dependency io.facesearch:facesearch-model-dlib");
    assertThatThrownBy(() -> FaceAnalyzer.builder().model("sface-float").build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageEndingWith("add the dependency io.facesearch:facesearch-model-sface-float");
    assertThatThrownBy(() -> FaceAnalyzer.builder().model(Path.of("net.onnx")).build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageEndingWith("add the dependency io.facesearch:facesearch-embed");
    assertThatThrownBy(() -> FaceAnalyzer.builder().model("arcface").build())
        .isInstanceOf(FaceSearchException.class)
        .hasMessage("there is no embedding model 'arcface' on the class path, only [sface]");
  }

  @Test
  void aGalleryOfAnotherModelSaysWhatToDo() {
    for (Map.Entry<String, String> model : OPTIONAL.entrySet()) {
      FaceIndex index = new FlatIndex();
      index.add(new EmbeddedFace(FaceRecord.of("a"), Embedding.of(model.getKey(), new float[128])));
      assertThatThrownBy(() -> Gallery.builder().index(index).open())
          .isInstanceOf(ModelMismatchException.class)
          .hasMessageContaining("add the dependency io.facesearch:" + model.getValue())
          .hasMessageContaining("add the photos again");
    }
  }
}
