package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.PhotoTags;
import io.facesearch.Search;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Weights;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.train.FaceChips;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From photos to a model that searches, as a user does it. */
@Tag("slow")
class TrainCommandTest {
  private static final Path SAMPLES = Path.of("src/main/resources/io/facesearch/cli/samples");

  @TempDir private Path folder;

  private static int run(Object... args) {
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    return FaceSearchCommand.run(words);
  }

  @Test
  void reportsAttributesWithIntervals() throws Exception {
    // Who is searched finds two that agree in both attributes, or in one of two.
    List<LabeledFace> gallery =
        List.of(face("a1", "a", 0b11, 0), face("b1", "b", 0b10, 5), face("c1", "c", 0b00, 9));
    List<LabeledFace> queries = List.of(face("a2", "a", 0b11, 0), face("c2", "c", 0b10, 9));
    RetrievalEvaluation.Result result =
        RetrievalEvaluation.of(RetrievalEvaluation.DEFAULT_KS, List.of("x", "y"))
            .run(queries, gallery);

    Report.Table table = TrainingReport.attributes(Map.of("before", result));

    assertThat(table.columns()).containsExactly("k", "before");
    assertThat(table.rows()).hasSize(RetrievalEvaluation.DEFAULT_KS.size());
    // The first agrees in (2 + 1 + 0) / 6, the second in (1 + 2 + 1) / 6; a draw may take one
    // twice.
    assertThat(table.rows().get(0)).containsExactly(10, "58.33 [50.00, 66.67] / 0.8333");
  }

  private static LabeledFace face(String name, String person, long attributes, float place) {
    return new LabeledFace(name, person, attributes, Embedding.of("test", place, 0));
  }

  @Test
  void distilsFineTunesAndSearches() throws Exception {
    Path gallery = SAMPLES.resolve("gallery");
    Path chips = folder.resolve("faces.fsc");
    Path distilled = folder.resolve("distilled.safetensors");
    Object[] shared = {
      "--chips",
      chips,
      "--size",
      48,
      "--threads",
      1,
      "--validation-share",
      0.3,
      "--validate-every",
      40,
      "--false-accept-rate",
      0.05
    };
    assertThat(
            run(
                concat(
                    shared,
                    "train",
                    "distill",
                    "--photos",
                    gallery,
                    "--out",
                    distilled,
                    "--steps",
                    40,
                    "--batch",
                    8)))
        .isZero();
    try (FaceChips faces = FaceChips.open(chips)) {
      assertThat(faces.size()).isEqualTo(128);
      assertThat(faces.width()).isEqualTo(112);
      assertThat(faces.vector(0)).hasSize(128);
    }
    Path tuned = folder.resolve("tuned.safetensors");
    Object[] triplet =
        concat(
            shared,
            "train",
            "triplet",
            "--photos",
            gallery,
            "--start",
            distilled,
            "--out",
            tuned,
            "--steps",
            8,
            "--batch-people",
            8,
            "--trunk-cache",
            folder.resolve("trunk"),
            "--views",
            2);
    assertThat(run(triplet)).isZero();
    assertThat(folder.resolve("tuned.safetensors.csv")).content().hasLineCount(9);
    assertThat(folder.resolve("tuned.safetensors-report/report.html"))
        .content()
        .contains("Loss by training time", "before", "fine-tuned");

    Checkpoint checkpoint = Checkpoint.read(tuned);
    assertThat(checkpoint.card().license()).contains("fine-tuned by triplets", "8 steps");
    assertThat(checkpoint.card().threshold().falseAcceptRate()).isLessThan(1);
    FaceAnalyzer.Builder parts = FaceAnalyzer.builder().model(tuned);
    try (Gallery search = Gallery.builder().analyzer(parts).open()) {
      search.addAll(PhotoSource.folder(gallery));
      FaceImage photo = FaceImage.read(gallery.resolve("person_07/photo_1.jpg"));
      assertThat(search.search(photo, Search.nearest(1)).orThrow().get(0).face().id())
          .contains("person_07");
    }
    Path another = folder.resolve("another.safetensors");
    assertThat(run("train", "triplet", "--photos", gallery, "--start", distilled, "--out", another))
        .as("whole photos are not what it learned from")
        .isEqualTo(2);
    assertThat(
            run(
                concat(
                    shared,
                    "train",
                    "distill",
                    "--photos",
                    gallery,
                    "--out",
                    another,
                    "--model",
                    tuned)))
        .as("the file holds the vectors of another teacher")
        .isEqualTo(1);
    assertThat(another).doesNotExist();
    // All is done already: the saved state says so.
    assertThat(run(triplet)).isZero();
    assertThat(Checkpoint.read(tuned).card().fingerprint())
        .isEqualTo(checkpoint.card().fingerprint());
    assertThat(Files.exists(folder.resolve("tuned.safetensors.state"))).isTrue();
  }

  @Test
  void distillsFromTheBackboneOfAnotherNetwork() throws Exception {
    Path gallery = SAMPLES.resolve("gallery");
    Path start = folder.resolve("start.safetensors");
    try (FaceNetwork network =
        FaceNetwork.create(
            new Architecture(Backbone.MOBILENET_V2, 64, false), ComputeDevice.cpu(), 5)) {
      Checkpoint.of(network).build().write(start);
    }
    Path distilled = folder.resolve("distilled.safetensors");
    Object[] train = {
      "train",
      "distill",
      "--photos",
      gallery,
      "--chips",
      folder.resolve("faces.fsc"),
      "--size",
      32,
      "--threads",
      1,
      "--steps",
      1,
      "--validation-share",
      0.3,
      "--false-accept-rate",
      0.05,
      "--learning-rate",
      1e-9,
      "--imagenet",
      start,
      "--out",
      distilled
    };
    assertThat(run(train)).isZero();
    Weights learned = Weights.read(distilled);
    Weights began = Weights.read(start);
    String last = "features.18.0.weight";
    assertThat(learned.values(last)).containsExactly(began.values(last), within(1e-6f));
    assertThat(learned.shape("embedding.2.weight")).as("the teacher's").containsExactly(128, 128);
    assertThat(run(concat(new Object[] {"--start", start}, train)))
        .as("one of the two")
        .isEqualTo(2);
    byte[] before = Files.readAllBytes(start);
    Object[] same = train.clone();
    same[same.length - 1] = start;
    assertThat(run(same)).as("it would be overwritten").isEqualTo(2);
    assertThat(start).hasBinaryContent(before);
    Object[] missing = train.clone();
    missing[missing.length - 3] = folder.resolve("missing.safetensors");
    assertThat(run(missing)).as("told before faces are looked for").isEqualTo(2);
  }

  @Test
  void learnsAttributesAndTagsAGalleryByThem() throws Exception {
    Path gallery = SAMPLES.resolve("gallery");
    // Photos 1 and 2 of each person are "early"; no face tells it, which does not matter here.
    StringBuilder labels = new StringBuilder("photo,early,odd\n");
    for (int person = 1; person <= 32; person++) {
      for (int photo = 1; photo <= 4; photo++) {
        labels.append(
            String.format(
                "person_%02d/photo_%d.jpg,%s,%d%n",
                person, photo, photo < 3 ? "yes" : "no", person % 2));
      }
    }
    Path csv = folder.resolve("labels.csv");
    Files.writeString(csv, labels);
    Path start = folder.resolve("start.safetensors");
    try (FaceNetwork network =
        FaceNetwork.create(
            new Architecture(Backbone.MOBILENET_V2, 128, false), ComputeDevice.cpu(), 5)) {
      Checkpoint.of(network).build().write(start);
    }
    Path looks = folder.resolve("looks.safetensors");
    assertThat(
            run(
                "train",
                "attributes",
                "--photos",
                gallery,
                "--labels",
                csv,
                "--start",
                start,
                "--size",
                48,
                "--threads",
                1,
                "--steps",
                4,
                "--batch",
                8,
                "--trunk-cache",
                folder.resolve("looks.trunk"),
                "--out",
                looks))
        .isZero();
    assertThat(Checkpoint.read(looks).architecture().attributes()).containsExactly("early", "odd");
    Path store = folder.resolve("store");
    assertThat(
            run(
                "index",
                "--photos",
                SAMPLES.resolve("queries"),
                "--gallery",
                store,
                "--attributes",
                looks))
        .isZero();
    try (Gallery faces = Gallery.open(store)) {
      assertThat(faces.faces()).isNotEmpty();
      faces
          .faces()
          .forEach(
              face ->
                  assertThat(face.face().tags())
                      .containsOnlyKeys("early", "odd", PhotoTags.QUALITY));
    }
    assertThat(
            run(
                "index",
                "--photos",
                SAMPLES.resolve("queries"),
                "--gallery",
                store,
                "--attributes",
                start))
        .as("a model that tells no attributes")
        .isEqualTo(1);
  }

  private static Object[] concat(Object[] last, Object... first) {
    Object[] all = new Object[first.length + last.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(last, 0, all, first.length, last.length);
    return all;
  }
}
