package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.BoundingBox;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.IndexKeyException;
import io.facesearch.IndexingListener;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.Photo;
import io.facesearch.PhotoRoot;
import io.facesearch.PhotoSource;
import io.facesearch.Reembedding;
import io.facesearch.ReembeddingReport;
import io.facesearch.ReembeddingReport.Why;
import io.facesearch.Search;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From dlib's network to SFace, with the real pipelines, by the library and by the command. */
class ReembedCommandTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  private static final IndexingListener TO_THE_END = progress -> true;

  /** All sample faces by dlib's network; not changed by any test. */
  private static final FaceIndex DLIB = new FlatIndex();

  /** The same by SFace. */
  private static Gallery sface;

  @TempDir private Path folder;

  @BeforeAll
  static void index() throws IOException {
    try (Gallery dlib = open("dlib", DLIB)) {
      dlib.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
    }
    sface = open("sface", new FlatIndex());
    sface.addAll(PhotoSource.folder(SAMPLES.resolve("gallery")));
  }

  @AfterAll
  static void close() {
    sface.close();
  }

  private static Path photo(int person, int number) {
    return SAMPLES.resolve("gallery/person_%02d/photo_%d.jpg".formatted(person, number));
  }

  private static Gallery open(FaceIndex index) throws IOException {
    return Gallery.builder()
        .analyzer(FaceAnalyzer.builder().model("sface"))
        .index(index)
        .threads(1)
        .open();
  }

  private static Gallery open(String model, FaceIndex index) throws IOException {
    return Gallery.builder().analyzer(FaceAnalyzer.builder().model(model)).index(index).open();
  }

  /** A store of sample photos by dlib's network, which all lie in one folder. */
  private Path dlibStore(int photos) throws IOException {
    Path photoFolder = Files.createDirectory(folder.resolve("photos"));
    for (int i = 1; i <= photos; i++) {
      Files.copy(photo(i, 1), photoFolder.resolve(i + ".jpg"));
    }
    Path store = folder.resolve("old");
    Run made = run("index", "--photos", photoFolder, "--gallery", store, "--model", "dlib");
    assertThat(made.text()).contains(photos + " faces in");
    return store;
  }

  private static Map<String, FaceRecord> records(FaceIndex index) {
    Map<String, FaceRecord> all = new TreeMap<>();
    index.faces().forEach(face -> all.put(face.face().id(), face.face()));
    return all;
  }

  @Test
  void allFacesComeOverWithWhatIsKnownOfThem() throws Exception {
    Path from = folder.resolve("old");
    Path to = folder.resolve("new");
    Map<String, FaceRecord> before;
    try (FaceStore old = FaceStore.open(from)) {
      old.setRoot(PhotoRoot.of(SAMPLES.resolve("gallery")));
      old.addAll(DLIB.faces());
      EmbeddedFace first = old.faces().get(0);
      FaceRecord known = first.face().withPerson("Ann").withTag("year", 2026);
      old.update(new EmbeddedFace(known, first.embedding()));
      before = records(old);
    }
    Files.writeString(from.resolve("threshold"), "of dlib");

    Run done = run("reembed", "--gallery", from, "--new-gallery", to);
    assertThat(done.status()).as(done.text()).isZero();
    assertThat(done.text())
        .contains("faces 128 by", "missing 0", "128 faces in " + to)
        .contains("names are kept", "without a name are grouped by the new model")
        .contains("threshold    that of " + from, "is not taken over", "to switch, end what uses");
    assertThat(to.resolve("threshold")).doesNotExist();
    try (FaceStore old = FaceStore.open(from);
        FaceStore made = FaceStore.open(to);
        Gallery faces = Gallery.builder().storage(made).open()) {
      assertThat(records(old)).isEqualTo(before);
      assertThat(old.model()).isEqualTo(DLIB.model());
      assertThat(faces.analyzer().model().fingerprint())
          .isEqualTo(sface.analyzer().model().fingerprint());
      assertThat(made.roots()).isEqualTo(old.roots());
      assertThat(records(made)).isEqualTo(before);
      assertThat(made.faces()).extracting(f -> f.face().id()).isEqualTo(ids(old));
      for (EmbeddedFace face : made.faces()) {
        EmbeddedFace direct = sface.storage().get(face.face().id()).orElseThrow();
        assertThat(face.embedding().distanceTo(direct.embedding()))
            .as(face.face().id())
            .isLessThan(0.01);
      }
      FaceImage query = FaceImage.read(SAMPLES.resolve("queries/person_05.jpg"));
      assertThat(faces.search(query, Search.nearest(1)).orThrow().get(0).face().person())
          .contains("person_05");
    }
    Run again = run("reembed", "--gallery", from, "--new-gallery", to);
    assertThat(again.text()).contains("faces 0 by", "there already 128");
    assertThat(again.status()).isZero();
  }

  private static List<String> ids(FaceIndex index) {
    return index.faces().stream().map(face -> face.face().id()).toList();
  }

  @Test
  void aStoppedRunGoesOnAndTakesOverWhatChangedMeanwhile() throws Exception {
    FaceIndex old = new FlatIndex();
    old.setRoot(PhotoRoot.of(SAMPLES.resolve("gallery")));
    old.addAll(DLIB.faces().subList(0, 48));
    FaceIndex target = new FlatIndex();
    try (Gallery faces = open(target)) {
      Reembedding begun = Reembedding.of(old);
      ReembeddingReport stopped = faces.reembed(begun, progress -> progress.faces() == 0);
      assertThat(stopped.cancelled()).isTrue();
      assertThat(stopped.faces()).isEqualTo(target.size()).isBetween(1, 47);

      EmbeddedFace renamed = old.faces().get(0);
      String forgotten = old.faces().get(1).face().id();
      old.update(new EmbeddedFace(renamed.face().withPerson("Somebody else"), renamed.embedding()));
      old.remove(forgotten);
      ReembeddingReport rest = faces.reembed(Reembedding.of(old), TO_THE_END);
      assertThat(rest.cancelled()).isFalse();
      assertThat(rest.alreadyDone()).isEqualTo(stopped.faces() - 1);
      assertThat(rest.faces()).isEqualTo(48 - stopped.faces());
      assertThat(rest.updated()).isEqualTo(1);
      assertThat(rest.others()).isEqualTo(1);
      assertThat(rest.missing()).isEmpty();
      target.remove(forgotten);
      assertThat(records(target)).isEqualTo(records(old));
    }
  }

  @Test
  void theOldStoreAnswersMeanwhile() throws Exception {
    Path from = dlibStore(3);
    Reembedding faces;
    try (FaceStore old = FaceStore.open(from)) {
      faces = Reembedding.of(old);
    }
    try (FaceStore old = FaceStore.open(from);
        FaceStore made = FaceStore.open(folder.resolve("new"));
        Gallery pipeline = open(made)) {
      EmbeddedFace face = old.faces().get(2);
      List<String> answers = new ArrayList<>();
      pipeline.reembed(
          faces,
          progress -> {
            answers.add(old.search(face.embedding(), 1).matches().get(0).face().id());
            return true;
          });
      assertThat(answers).hasSizeGreaterThan(1).containsOnly(face.face().id());
      assertThat(made.size()).isEqualTo(3);
    }
  }

  @Test
  void whatCannotBeBroughtOverIsToldAndLaterTaken() throws Exception {
    Path from = dlibStore(6);
    Path photos = folder.resolve("photos");
    Path to = folder.resolve("new");
    try (FaceStore old = FaceStore.open(from)) {
      EmbeddedFace face = old.get("photos/4.jpg#0").orElseThrow();
      FaceRecord elsewhere =
          new FaceRecord(
              "photos/4.jpg#9",
              face.face().person().orElse(null),
              face.face().source().orElse(null),
              new BoundingBox(0, 0, 20, 20),
              Map.of(),
              face.face().photoOf().orElse(null),
              face.face().stamp().orElse(null));
      old.add(new EmbeddedFace(elsewhere, face.embedding()));
    }
    Path away = Files.move(photos.resolve("1.jpg"), folder.resolve("away.jpg"));
    Files.copy(photo(7, 1), photos.resolve("2-.jpg"));
    Files.move(photos.resolve("2-.jpg"), Files.createDirectory(folder.resolve("x")).resolve("2"));
    Files.delete(photos.resolve("2.jpg"));
    Files.move(folder.resolve("x/2"), photos.resolve("2.jpg"));
    Files.writeString(photos.resolve("3.jpg"), "no photo");
    // A stamp that knows of no other bytes would call the broken file changed.
    try (FaceStore old = FaceStore.open(from)) {
      EmbeddedFace face = old.get("photos/3.jpg#0").orElseThrow();
      FaceRecord r = face.face();
      old.update(
          new EmbeddedFace(
              new FaceRecord(
                  r.id(),
                  r.person().orElse(null),
                  r.source().orElse(null),
                  r.box().orElse(null),
                  r.tags(),
                  r.photoOf().orElse(null),
                  null),
              face.embedding()));
    }

    Run some = run("reembed", "--gallery", from, "--new-gallery", to, "--threads", 1);
    assertThat(some.status()).as(some.text()).isEqualTo(1);
    assertThat(some.text())
        .contains("faces 3 by", "missing 4", "3 faces in " + to)
        .contains("1 faces are missing: the photo is gone", "missing: photos/1.jpg#0")
        .contains("1 faces are missing: the photo is another", "missing: photos/2.jpg#0")
        .contains("1 faces are missing: the photo cannot be read", "missing: photos/3.jpg#0: ")
        .contains("1 faces are missing: the face is not found again", "missing: photos/4.jpg#9")
        .doesNotContain("\tat ");
    assertThat(run("reembed", "--gallery", from, "--new-gallery", to, "--allow-missing").status())
        .isZero();

    Files.move(away, photos.resolve("1.jpg"));
    Files.copy(photo(3, 1), folder.resolve("good.jpg"));
    Files.delete(photos.resolve("3.jpg"));
    Files.move(folder.resolve("good.jpg"), photos.resolve("3.jpg"));
    run("index", "--photos", photos, "--gallery", from);
    try (FaceStore old = FaceStore.open(from)) {
      old.remove("photos/4.jpg#9");
    }
    Run rest = run("reembed", "--gallery", from, "--new-gallery", to);
    assertThat(rest.status()).as(rest.text()).isZero();
    assertThat(rest.text()).contains("faces 3 by", "there already 3", "missing 0");
    try (FaceStore made = FaceStore.open(to)) {
      // The face of the photo that is there now, not of the one before.
      EmbeddedFace replaced = made.get("photos/2.jpg#0").orElseThrow();
      assertThat(
              sface
                  .search(replaced.embedding(), Search.nearest(1))
                  .matches()
                  .get(0)
                  .face()
                  .person())
          .contains("person_07");
    }
  }

  /** Four people, two by two; perhaps the photo lies on its side. */
  private Path groupPhoto(boolean turned) throws IOException {
    BufferedImage group = new BufferedImage(352, 352, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D graphics = group.createGraphics();
    if (turned) {
      graphics.translate(352, 0);
      graphics.rotate(Math.PI / 2);
    }
    for (int i = 0; i < 4; i++) {
      BufferedImage one = FaceImage.read(photo(i + 1, 1)).toBufferedImage();
      graphics.drawImage(one, i % 2 * 176, i / 2 * 176, null);
    }
    graphics.dispose();
    Path photos = Files.createDirectory(folder.resolve("groups"));
    ImageIO.write(group, "png", photos.resolve("group.png").toFile());
    return photos;
  }

  /** The place of a face in the photo tells who it is. */
  private static String personAt(BoundingBox box, boolean turned) {
    int column = box.centerX() < 176 ? 0 : 1;
    int row = box.centerY() < 176 ? 0 : 1;
    int place = turned ? column == 1 ? row : 2 + row : 2 * row + column;
    return "person_%02d".formatted(place + 1);
  }

  @ParameterizedTest
  @CsvSource({"yunet, false", "tiny, false", "haar, false", "yunet, true"})
  void facesOfAGroupPhotoAreNeverSwapped(String detector, boolean turned) throws Exception {
    FaceIndex old = new FlatIndex();
    FaceAnalyzer.Builder parts = FaceAnalyzer.builder().detector(detector).model("dlib");
    try (Gallery dlib = Gallery.builder().analyzer(parts).index(old).open()) {
      dlib.addAll(PhotoSource.folder(groupPhoto(turned)));
    }
    assertThat(old.size()).isGreaterThanOrEqualTo(detector.equals("yunet") ? 4 : 2);
    for (EmbeddedFace face : old.faces()) {
      String person = personAt(face.face().box().orElseThrow(), turned);
      old.update(new EmbeddedFace(face.face().withPerson(person), face.embedding()));
    }
    FaceIndex target = new FlatIndex();
    try (Gallery faces = open(target)) {
      ReembeddingReport report = faces.reembed(Reembedding.of(old), TO_THE_END);
      assertThat(report.photos()).isEqualTo(1);
      assertThat(report.missing()).isEmpty();
    }
    assertThat(records(target)).isEqualTo(records(old));
    for (EmbeddedFace face : target.faces()) {
      assertThat(sface.search(face.embedding(), Search.nearest(1)).matches().get(0).face().person())
          .as(face.face().id())
          .isEqualTo(face.face().person());
    }
  }

  @Test
  void aFaceThatIsNotFoundAgainNeverGetsItsNeighbor() throws Exception {
    FaceIndex old = new FlatIndex();
    try (Gallery dlib = open("dlib", old)) {
      dlib.addAll(PhotoSource.folder(groupPhoto(false)));
    }
    // One face is known twice, as after a detector that boxed it twice: one of the two is left.
    EmbeddedFace one = old.faces().get(0);
    FaceRecord r = one.face();
    BoundingBox box = r.box().orElseThrow();
    BoundingBox beside = new BoundingBox(box.x() + 9, box.y(), box.width(), box.height());
    FaceRecord twice =
        new FaceRecord(
            "twice",
            r.person().orElse(null),
            r.source().orElse(null),
            beside,
            Map.of(),
            r.photoOf().orElse(null),
            r.stamp().orElse(null));
    old.add(new EmbeddedFace(twice, one.embedding()));
    try (Gallery faces = open(new FlatIndex())) {
      ReembeddingReport report = faces.reembed(Reembedding.of(old), TO_THE_END);
      assertThat(report.faces()).isEqualTo(4);
      assertThat(report.missing(Why.NOT_FOUND)).isEqualTo(1);
      assertThat(report.missing().get(0).face().id()).isEqualTo("twice");
      // Nor when it is repeated, with only that face left.
      ReembeddingReport again = faces.reembed(Reembedding.of(old), TO_THE_END);
      assertThat(again.faces()).isZero();
      assertThat(again.missing(Why.NOT_FOUND)).isEqualTo(1);
      assertThat(faces.storage().get("twice")).isEmpty();
    }
  }

  @Test
  void aGalleryOfAnotherFolderOfThatNameIsNotFilled() throws Exception {
    FaceIndex old = new FlatIndex();
    try (Gallery dlib = open("dlib", old)) {
      dlib.addAll(PhotoSource.folder(groupPhoto(false)));
    }
    String name = old.roots().keySet().iterator().next();
    Path other = Files.createDirectories(folder.resolve("other/" + name));
    try (Gallery faces = open(new FlatIndex())) {
      faces.storage().setRoot(PhotoRoot.of(name, other));
      assertThatThrownBy(() -> faces.reembed(Reembedding.of(old), TO_THE_END))
          .isInstanceOf(FaceSearchException.class)
          .hasMessageContaining("fill an empty gallery");
      assertThat(faces.storage().size()).isZero();
      assertThat(faces.storage().roots()).containsExactlyEntriesOf(Map.of(name, other));
    }
  }

  @Test
  void anEncryptedStoreStaysSoAndAddedPhotosComeAlong() throws Exception {
    byte[] key = new byte[32];
    key[3] = 7;
    Path keyFile = Files.write(folder.resolve("key"), key);
    Path from = folder.resolve("old");
    Path to = folder.resolve("new");
    String name;
    try (FaceStore old = FaceStore.builder(from).key(key).open();
        Gallery dlib = open("dlib", old)) {
      KeptPhotos photos = old.photos();
      byte[] jpeg = Files.readAllBytes(photo(9, 1));
      name = photos.add(jpeg);
      dlib.add(Photo.of(name, jpeg).person("Ann"));
      dlib.add(Photo.of(photos.add(jpeg), jpeg).person("Bob"));
      String lost = photos.add(jpeg);
      dlib.add(Photo.of(lost, jpeg).person("Eve"));
      photos.delete(List.of(lost));
    }
    Run refused = run("reembed", "--gallery", from, "--new-gallery", to);
    assertThat(refused.status()).isEqualTo(1);
    assertThat(to).doesNotExist();

    Run done = run("reembed", "--gallery", from, "--new-gallery", to, "--key-file", keyFile);
    assertThat(done.status()).as(done.text()).isEqualTo(1);
    assertThat(done.text()).contains("faces 2 by", "missing 1", "the photo is gone");
    assertThatThrownBy(() -> FaceStore.open(to)).isInstanceOf(IndexKeyException.class);
    try (FaceStore made = FaceStore.builder(to).key(key).open()) {
      assertThat(made.get(name + "#0").orElseThrow().face().person()).contains("Ann");
    }
    for (Path store : List.of(from, to)) {
      try (Stream<Path> crops = Files.list(store.resolve(".photos"))) {
        assertThat(crops.toList())
            .hasSize(2)
            .allSatisfy(
                crop ->
                    assertThat(Files.getPosixFilePermissions(crop))
                        .isEqualTo(PosixFilePermissions.fromString("rw-------")));
      }
    }
    assertThat(Files.getPosixFilePermissions(to.resolve(".photos")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void peopleAreKeptWithTheirCorrections() throws Exception {
    Path from = folder.resolve("old");
    Path to = folder.resolve("new");
    List<Person> people;
    try (FaceStore old = FaceStore.open(from)) {
      old.setRoot(PhotoRoot.of(SAMPLES.resolve("gallery")));
      for (EmbeddedFace face : DLIB.faces().subList(0, 12)) {
        FaceRecord r = face.face();
        FaceRecord nameless =
            new FaceRecord(
                r.id(),
                null,
                r.source().orElse(null),
                r.box().orElse(null),
                r.tags(),
                r.photoOf().orElse(null),
                r.stamp().orElse(null));
        old.add(new EmbeddedFace(nameless, face.embedding()));
      }
      List<Person> grouped = old.people();
      assertThat(grouped).hasSizeGreaterThanOrEqualTo(3);
      // Against what any model would say.
      old.merge(grouped.get(0).id(), grouped.get(1).id());
      old.split(grouped.get(2).id(), grouped.get(2).faceIds().subList(0, 1));
      people = old.people();
    }
    Run done = run("reembed", "--gallery", from, "--new-gallery", to);
    assertThat(done.status()).as(done.text()).isZero();
    assertThat(done.text()).contains("so are groups, with what was merged and split by hand");
    try (FaceStore made = FaceStore.open(to)) {
      assertThat(made.people()).containsExactlyInAnyOrderElementsOf(people);
    }
    Path anew = folder.resolve("anew");
    Run regrouped = run("reembed", "--gallery", from, "--new-gallery", anew, "--regroup");
    assertThat(regrouped.text()).contains("without a name are grouped by the new model");
    try (FaceStore made = FaceStore.open(anew)) {
      assertThat(made.people())
          .extracting(Person::faceIds)
          .doesNotContainAnyElementsOf(people.stream().map(Person::faceIds).limit(1).toList());
    }
  }

  @Test
  void whatMakesNoSenseIsRefusedAndLeavesNothing() throws Exception {
    Path from = dlibStore(1);
    Path to = folder.resolve("new");
    Path empty = folder.resolve("empty");
    FaceStore.open(empty).close();
    Path file = folder.resolve("old.fsx");
    try (SigmoidTreeIndex snapshot = SigmoidTreeIndex.builder().build()) {
      snapshot.addAll(DLIB.faces().subList(0, 1));
      snapshot.overwrite(file);
    }
    Object[][] commands = {
      {1, "facesearch import " + file, file, to},
      {1, "no faces", empty, to},
      {1, "there is no gallery", folder.resolve("none"), to},
      {1, "index file", from, folder.resolve("new.fsx")},
      {2, "--new-gallery must be another folder", from, from},
      {2, "--new-gallery must be another folder", from, from.resolve("new")},
    };
    for (Object[] command : commands) {
      Run refused = run("reembed", "--gallery", command[2], "--new-gallery", command[3]);
      assertThat(refused.status()).as(refused.text()).isEqualTo(command[0]);
      assertThat(refused.text()).contains((String) command[1]).doesNotContain("\tat ");
      assertThat(to).doesNotExist();
    }
    Run same = run("reembed", "--gallery", from, "--new-gallery", to, "--model", "dlib");
    assertThat(same.status()).isEqualTo(1);
    assertThat(same.text()).contains("was made with this model already", "--model");
    assertThat(to).doesNotExist();
    assertThat(run("reembed", "--gallery", from).status()).isEqualTo(2);
    try (FaceStore open = FaceStore.open(from)) {
      assertThat(open.size()).isEqualTo(1);
      assertThat(run("reembed", "--gallery", from, "--new-gallery", to).text()).contains("'serve'");
    }
  }
}
