package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceAnalyzer;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import io.facesearch.dlib.DlibEmbedderProvider;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import io.facesearch.index.SigmoidTreeIndex;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line with real models, as a user runs it. */
class FaceSearchCommandTest {
  private static final Path SAMPLE =
      Path.of("src/main/resources/io/facesearch/cli/samples/queries/person_01.jpg");

  @TempDir private Path folder;

  @Test
  void demoThenIndexSearchVerifyInfo() throws Exception {
    Path demo = folder.resolve("demo");
    Run shown = run("demo", "--out", demo, "-k", 4);
    assertThat(shown.text()).contains("32 of 32 photos found their own person first");
    assertThat(shown.status()).isZero();
    assertThat(demo.resolve("contact-sheet.html")).content().contains("person_32");
    assertThat(ImageIO.read(demo.resolve("contact-sheet.png").toFile()).getHeight())
        .isGreaterThan(32 * 100);

    Path index = folder.resolve("faces");
    Files.writeString(demo.resolve("gallery/broken.jpg"), "no image");
    Run indexed =
        run("index", "--photos", demo.resolve("gallery"), "--gallery", index, "--threads", 2);
    assertThat(indexed.status()).isZero();
    assertThat(indexed.text()).contains("images 128", "broken 1", "broken.jpg");
    assertThat(run("index", "--photos", demo.resolve("gallery"), "--gallery", index).text())
        .contains("indexed before 128", "images 0");

    Path query = demo.resolve("queries/person_07.jpg");
    Run searched = run("search", query, "--gallery", index, "-k", 3);
    assertThat(searched.status()).isZero();
    assertThat(searched.text().lines().filter(l -> l.contains("person_07"))).hasSize(3);

    Run same = run("verify", query, demo.resolve("gallery/person_07/photo_1.jpg"));
    assertThat(same.text()).startsWith("same person: distance");
    assertThat(run("info", "--gallery", index).text()).contains("Apache-2.0", "people       32");
  }

  @Test
  void aStoreIsAnIndexTooAndForgetsPeople() throws Exception {
    Path photos = SAMPLE.resolveSibling("../gallery").normalize();
    Path key = Files.write(folder.resolve("key"), new byte[32]);
    Path store = folder.resolve("store");
    Path one = folder.resolve("one/person_01");
    Path other = folder.resolve("one/person_02");
    Files.createDirectories(one);
    Files.createDirectories(other);
    Files.copy(photos.resolve("person_01/photo_1.jpg"), one.resolve("a.jpg"));
    Files.copy(photos.resolve("person_02/photo_1.jpg"), other.resolve("b.jpg"));
    Path snapshot = folder.resolve("one.fsx");
    try (SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
        Gallery faces = Gallery.builder().index(index).open()) {
      faces.addAll(PhotoSource.folder(folder.resolve("one")));
      index.save(snapshot);
    }
    Object[] index = {"--gallery", store, "--key-file", key};
    assertThat(run(with(index, "index", "--photos", folder.resolve("one"))).text())
        .contains("2 faces in");
    assertThat(run(with(index, "index", "--photos", folder.resolve("one"))).text())
        .contains("indexed before 2");
    for (Object[] read : new Object[][] {index, {"--gallery", snapshot}}) {
      assertThat(run(with(read, "search", SAMPLE)).text()).contains("person_01", "person_02");
      assertThat(run(with(read, "info")).text()).contains("people       2");
    }
    Run forgotten = run(with(index, "forget", "person_02"));
    assertThat(forgotten.text())
        .contains(
            "faces        1", "'index' would bring them back", "faces left   1", "state hash");
    assertThat(forgotten.status()).isZero();
    assertThat(run(with(index, "search", SAMPLE)).text()).doesNotContain("person_02");
    Run nobody = run(with(index, "forget", "person_02"));
    assertThat(nobody.status()).isEqualTo(3);
    assertThat(nobody.text()).contains("has no face of person_02");
    assertThat(run("info", "--gallery", store, "--key-file", key).text())
        .contains("in order", ", encrypted");
    Run locked = run("info", "--gallery", store);
    assertThat(locked.status()).isEqualTo(1);
    assertThat(locked.text()).contains("encrypted").doesNotContain("\tat ");
    Files.write(key, new byte[31]);
    assertThat(run("info", "--gallery", store, "--key-file", key).text())
        .contains("16 or 32 bytes, but the file", "has 31");
    Run refused = run("info", "--gallery", snapshot, "--key-file", key);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("one.fsx is an index file, which is never encrypted");
    assertThat(run("info", "--gallery", store, "--key-file", folder.resolve("none")).text())
        .contains("there is no key file");
    assertThat(run("index", "--photos", photos, "--gallery", folder.resolve("one")).text())
        .contains("holds no store");
    assertThat(folder.resolve("one/faces.db")).doesNotExist();
  }

  private static Object[] with(Object[] index, Object... command) {
    return Stream.concat(Arrays.stream(command), Arrays.stream(index)).toArray();
  }

  /** A gallery of the first versions opens with the model that made it, and keeps to it. */
  @Test
  void aGalleryOfDlibsNetworkIsSearchedWithIt() throws Exception {
    Path photos = SAMPLE.resolveSibling("../gallery/person_01").normalize();
    Path index = folder.resolve("old");
    assertThat(run("index", "--photos", photos, "--gallery", index, "--model", "dlib").status())
        .isZero();
    Run found = run("search", photos.resolve("photo_2.jpg"), "--gallery", index, "-k", 1);
    assertThat(found.status()).as(found.text()).isZero();
    assertThat(found.text())
        .containsPattern("0\\.000 .*photo_2\\.jpg#0")
        .contains("LFW, 1,197,378 pairs");
    assertThat(run("index", "--photos", photos, "--gallery", index).text())
        .contains("indexed before 4");
    Run refused = run("search", SAMPLE, "--gallery", index, "--model", "sface");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(refused.text()).contains("open it with the model it was built with");
  }

  /** Also with a threshold of one's own for two photos, which does not tell of strangers. */
  @Test
  void howManyStrangersGetANameIsTold() throws Exception {
    Path people = Files.createDirectory(folder.resolve("people"));
    for (int i = 1; i <= 11; i++) {
      String name = String.format(Locale.ROOT, "person_%02d", i);
      Files.createDirectory(people.resolve(name));
      Files.copy(
          SAMPLE.resolveSibling("../gallery/" + name + "/photo_1.jpg"),
          people.resolve(name).resolve("1.jpg"));
    }
    Path index = folder.resolve("eleven");
    assertThat(run("index", "--photos", people, "--gallery", index, "--model", "dlib").status())
        .isZero();
    for (int i = 0; i < 2; i++) {
      Run known = run("search", SAMPLE, "--gallery", index);
      assertThat(known.status()).as(known.text()).isZero();
      assertThat(known.text())
          .containsPattern("SAME +person_01")
          .contains("of 1,000 strangers about 10 get one here");
      new DecisionThreshold(0.5, 0.01, "these")
          .save(index.resolve("threshold"), new DlibEmbedderProvider().fingerprint());
    }
  }

  /** A MobileNet-V2 of random weights, which finds at least the photo itself. */
  private Path randomModel(String name) throws Exception {
    Architecture architecture = new Architecture(Backbone.MOBILENET_V2, 64, true);
    Path file = folder.resolve(name + ".safetensors");
    try (FaceNetwork network = FaceNetwork.create(architecture, ComputeDevice.cpu())) {
      Checkpoint.of(network)
          .name(name)
          .preprocessing(Preprocessing.imageNet(96, 96))
          .build()
          .write(file);
    }
    return file;
  }

  @Test
  void aModelFromAFileAndItsIndexBelongTogether() throws Exception {
    Path model = randomModel("first-net");
    Path other = randomModel("other-net");
    Path index = folder.resolve("faces");
    Path photos = SAMPLE.resolveSibling("../gallery/person_01");
    Run indexed =
        run("index", "--photos", photos, "--gallery", index, "--model", model, "--device", "cpu");
    assertThat(indexed.text()).contains("images 4", "4 faces in");
    Path photo = photos.resolve("photo_2.jpg");
    Run found = run("search", photo, "--gallery", index, "--model", model, "-k", 1);
    assertThat(found.status()).as(found.text()).isZero();
    assertThat(found.text())
        .containsPattern("0\\.000 .*photo_2\\.jpg#0")
        .contains("not calibrated");
    Run same = run("verify", photo, photo, "--model", model);
    assertThat(same.text()).contains("undecided, as the model is not calibrated: distance 0.000");
    String info = run("info", "--model", model, "--gallery", index).text();
    assertThat(info).contains("first-net", "dimension    64");
    String fingerprint = Checkpoint.read(model).card().fingerprint();
    assertThat(info).contains("fingerprint  " + fingerprint, "made with    " + fingerprint);

    // Another model is refused, by search and by index, and the message names both.
    for (Run refused :
        List.of(
            run("search", photo, "--gallery", index, "--model", other),
            run("index", "--photos", photos, "--gallery", index, "--model", other),
            run("search", photo, "--gallery", index))) {
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.text())
          .contains("built with the model of fingerprint " + fingerprint)
          .containsPattern("the embedder is (other-net|sface-int8) of fingerprint [0-9a-f]{64}")
          .doesNotContain("\tat ");
    }
    try (FaceAnalyzer faces = FaceAnalyzer.builder().model(model).build()) {
      assertThat(faces.model().name()).isEqualTo("first-net");
    }
    assertThatThrownBy(() -> FaceAnalyzer.builder().model(folder.resolve("absent")).build())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("absent");
  }

  @Test
  void aBadModelOrDeviceIsOneLine() throws Exception {
    Path text = Files.writeString(folder.resolve("model.onnx"), "no model");
    Run broken = run("info", "--model", text);
    assertThat(broken.status()).isEqualTo(1);
    assertThat(broken.text()).contains("model.onnx.json").doesNotContain("\tat ");
    Run gpu = run("info", "--device", "gpu(7)");
    assertThat(gpu.status()).isEqualTo(1);
    assertThat(gpu.text()).contains("gpu(7)", "ask for cpu").doesNotContain("\tat ");
    assertThat(run("info", "--device", "tpu").text()).contains("tpu").doesNotContain("\tat ");
  }

  @Test
  void evaluateRetrievalVerificationAndCalibration() throws Exception {
    Path gallery = SAMPLE.resolveSibling("../gallery").normalize();
    Path cache = folder.resolve("cache.fse");
    Path out = folder.resolve("out");
    Run first =
        run(
            "evaluate",
            "retrieval",
            "--photos",
            gallery,
            "--test-share",
            1,
            "--cache",
            cache,
            "--out",
            out);
    assertThat(first.status()).isZero();
    assertThat(first.text()).contains("128 with a face", "0 from the cache", "mean average");
    assertThat(out.resolve("report.html")).content().contains("data:image/png;base64", "recall@k");
    assertThat(out.resolve("identity-by-k.csv")).content().startsWith("k,recall@k,");
    assertThat(
            run("evaluate", "retrieval", "--photos", gallery, "--test-share", 1, "--cache", cache)
                .text())
        .contains("128 from the cache");

    Path store = folder.resolve("faces");
    assertThat(run("index", "--photos", gallery, "--gallery", store).status()).isZero();
    Path threshold = store.resolve("threshold");
    Run calibrated =
        run(
            "evaluate",
            "calibrate",
            "--photos",
            gallery,
            "--cache",
            cache,
            "--rate",
            0.01,
            "--save",
            threshold);
    assertThat(calibrated.status()).isZero();
    assertThat(calibrated.text())
        .contains("128 from the cache", "SAME up to", "refused: a false accept rate of 1.0E-4");
    Run searched = run("search", SAMPLE, "--gallery", store);
    assertThat(searched.text())
        .contains("SAME", "DIFFERENT", "of 1,000 strangers about 10 get one here");

    Path pairs =
        Files.writeString(
            folder.resolve("pairs.txt"), "2\t1\nA\t1\t2\nA\t1\tB\t1\nB\t1\t2\nB\t1\tA\t2\n");
    for (String person : new String[] {"A", "B"}) {
      Path to = Files.createDirectories(folder.resolve("lfw/" + person));
      for (int i = 1; i <= 2; i++) {
        Files.copy(
            gallery.resolve(
                (person.equals("A") ? "person_01" : "person_02") + "/photo_" + i + ".jpg"),
            to.resolve(person + "_000" + i + ".jpg"));
      }
    }
    Run verified =
        run(
            "evaluate",
            "verification",
            pairs,
            "--photos",
            folder.resolve("lfw"),
            "--folds",
            2,
            "--cache",
            cache);
    assertThat(verified.status()).isZero();
    assertThat(verified.text()).contains("accuracy, 2 folds", "1.0000", "cannot be measured");

    Run bad = run("evaluate", "retrieval", "--photos", folder.resolve("nowhere"));
    assertThat(bad.status()).isEqualTo(1);
    assertThat(bad.text()).contains("nowhere").doesNotContain("\tat ");
  }

  @Test
  void evaluateRetrievalInAZipFile() throws Exception {
    Path gallery = SAMPLE.resolveSibling("../gallery").normalize();
    StringBuilder identities = new StringBuilder();
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(folder.resolve("img_align_celeba.zip")))) {
      for (int person = 1; person <= 3; person++) {
        for (int photo = 1; photo <= 2; photo++) {
          String name = person + "" + photo + ".jpg";
          zip.putNextEntry(new ZipEntry("img_align_celeba/" + name));
          zip.write(
              Files.readAllBytes(
                  gallery.resolve("person_0" + person + "/photo_" + photo + ".jpg")));
          identities.append(name).append(' ').append(person).append('\n');
        }
      }
    }
    Files.writeString(folder.resolve("identity_CelebA.txt"), identities);
    Path out = folder.resolve("out");
    Run run =
        run(
            "evaluate",
            "retrieval",
            "--photos",
            folder,
            "--test-share",
            1,
            "--cache",
            folder.resolve("c"),
            "--out",
            out);
    assertThat(run.status()).isZero();
    assertThat(run.text()).contains("6 with a face", "3 of 3 queries and 3 of 3 gallery photos");
    assertThat(out.resolve("report.html")).content().contains("data:image/jpeg;base64");
  }

  @Test
  void errorsAreOneLine() throws Exception {
    Path text = Files.writeString(folder.resolve("note.jpg"), "no image");
    Run broken = run("verify", text, text);
    assertThat(broken.status()).isEqualTo(1);
    assertThat(broken.text()).contains("note.jpg").doesNotContain("\tat ");
    Run missing = run("search", folder.resolve("none.jpg"));
    assertThat(missing.status()).isEqualTo(1);
    assertThat(missing.text()).contains("none.jpg").doesNotContain("\tat ");
    assertThat(run("index", "--photos", folder.resolve("nowhere")).status()).isEqualTo(1);
    assertThat(run("index", folder.resolve("nowhere")).text()).contains("--photos");
    for (Object[] wrong : new Object[][] {{"search"}, {"search", text, "-k", 0}, {"serch"}}) {
      assertThat(run(wrong).text()).startsWith("facesearch: ");
    }
    assertThat(run("serch").text()).contains("Did you mean");
    assertThat(run("search").status()).isEqualTo(2);
    assertThat(run("search", text, "-k", 0).status()).isEqualTo(2);
    assertThat(run("help").status()).isZero();
    Run noIndex = run("search", SAMPLE, "--gallery", folder.resolve("none.fsx"));
    assertThat(noIndex.status()).isEqualTo(1);
    assertThat(noIndex.text()).contains("none.fsx", "facesearch index --photos FOLDER");
    Run noTarget = run("index", "--photos", folder, "--gallery", folder.resolve("nowhere/x"));
    assertThat(noTarget.status()).isEqualTo(1);
    assertThat(noTarget.text()).contains("does not exist");
    assertThat(run("demo", "--out", text).text()).doesNotContain("\tat ");
  }

  @Test
  void noFaceHasItsOwnStatus() throws Exception {
    Path gray = folder.resolve("gray.png");
    ImageIO.write(
        new java.awt.image.BufferedImage(200, 200, java.awt.image.BufferedImage.TYPE_BYTE_GRAY),
        "png",
        gray.toFile());
    Run none = run("verify", gray, gray);
    assertThat(none.status()).isEqualTo(FaceSearchCommand.NO_FACE);
    assertThat(none.text()).contains("no face found in " + gray);
  }

  @Test
  void serveExplainsWrongUsage() {
    Run beyond = run("serve", "--host", "0.0.0.0");
    assertThat(beyond.status()).isEqualTo(2);
    assertThat(beyond.text()).contains("needs a token");
    assertThat(run("serve", "--token", "short").text()).contains("at least 16");
    assertThat(run("serve", "--port", "70000").text()).contains("between 0 and 65535");
    assertThat(run("serve", "--max-upload", "0").text()).contains("between 1 and 256");
    assertThat(run("serve", "--photos", folder.resolve("none"), "--port", 0).status()).isEqualTo(1);
  }

  /** Of several people, perhaps another is meant than the one who was compared. */
  @Test
  void verifyTellsWhichOfSeveralFacesItCompared() throws Exception {
    BufferedImage group = new BufferedImage(500, 300, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = group.createGraphics();
    g.drawImage(
        ImageIO.read(SAMPLE.resolveSibling("person_02.jpg").toFile()), 0, 0, 200, 200, null);
    g.drawImage(ImageIO.read(SAMPLE.toFile()), 200, 0, 300, 300, null);
    g.dispose();
    Path photo = folder.resolve("group.png");
    ImageIO.write(group, "png", photo.toFile());
    Run answer = run("verify", SAMPLE, photo);
    assertThat(answer.status()).isZero();
    assertThat(answer.text())
        .startsWith("same person: distance")
        .contains("of the 2 faces in " + photo + " only the largest was compared", "pixels at 2");
    assertThat(run("verify", SAMPLE, SAMPLE).text()).doesNotContain("largest");
  }

  /** Turkish has another small I, Egypt's Arabic other digits: none of it is in what is written. */
  @ParameterizedTest
  @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab"})
  void theLocaleIsInNoFileAndNoFigure(String locale) throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(locale));
    try {
      Path photos = Files.createDirectories(folder.resolve("photos/ISIK_I"));
      Files.copy(SAMPLE, photos.resolve("I.JPG"));
      Path store = folder.resolve("store");
      Run indexed = run("index", "--photos", folder.resolve("photos"), "--gallery", store);
      Run searched = run("search", SAMPLE, "--gallery", store);
      Run info = run("info", "--gallery", store);
      Run demo = run("demo", "--out", folder.resolve("demo"));
      assertThat(indexed.text()).contains("images 1, faces 1,", "1 faces in");
      assertThat(searched.text()).contains("SAME ", "0.000", "ISIK_I", "photos/ISIK_I/I.JPG#0");
      assertThat(demo.text()).contains("32 of 32 photos found their own person first");
      for (String text :
          List.of(
              searched.text(),
              info.text(),
              Files.readString(folder.resolve("demo/contact-sheet.html")))) {
        assertThat(text.chars().filter(c -> Character.isDigit(c) && c > '9')).isEmpty();
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
