package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceIndex;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.store.FaceStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code serve} as a process of its own, stopped as Ctrl-C does. */
@Tag("slow")
class ServeCommandTest {
  private static final Path QUERIES =
      Path.of("src/main/resources/io/facesearch/cli/samples/queries");

  @TempDir private Path folder;

  private Process start(Object... args) throws IOException {
    return Served.process(folder, args);
  }

  private Served serve(Object... args) throws Exception {
    return Served.start(folder, args);
  }

  @Test
  void severalGalleriesAreServedByTheirNames() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos/Ann"));
    Files.copy(QUERIES.resolve("person_01.jpg"), photos.resolve("a.jpg"));
    try (Served served =
        serve(
            "--port",
            "0",
            "--gallery",
            "family=" + folder.resolve("one"),
            "--gallery",
            "club=" + folder.resolve("two"),
            "--photos",
            "family=" + photos.getParent())) {
      assertThat(served.get("/api/galleries").body())
          .contains("\"/api/galleries/family\"", "\"/api/galleries/club\"");
      long end = System.nanoTime() + 60_000_000_000L;
      while (!served.get("/api/galleries/family/faces").body().contains("\"Ann\"")) {
        assertThat(System.nanoTime()).as("it is indexed within a minute").isLessThan(end);
        Thread.sleep(50);
      }
      assertThat(served.get("/api/galleries/club/faces").body()).contains("\"total\":0");
      assertThat(served.get("/api/faces").statusCode()).isEqualTo(404);
      Run second = Run.run("serve", "--port", "0", "--gallery", "mine=" + folder.resolve("two"));
      assertThat(second.status()).as(second.text()).isEqualTo(1);
      assertThat(second.text()).contains("gallery mine: ").doesNotContain("\tat ");
    }
    assertThat(folder.resolve("one/faces.db")).exists();
    assertThat(folder.resolve("two/faces.db")).exists();
  }

  @Test
  void namesOfGalleriesAreChecked() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"--gallery", "a=x", "--gallery", "y"},
          {"--gallery", "a=x", "--gallery", "a=y"},
          {"--gallery", "a=x", "--photos", "b=" + folder},
          {"--gallery", "a=x", "--photos", folder.toString()},
          {"--gallery", "x", "--photos", folder.toString(), "--photos", folder.toString()}
        }) {
      Process process = start((Object[]) wrong);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(2);
      assertThat(Files.readString(folder.resolve("stderr.txt"))).contains("facesearch:", "--");
    }
  }

  @Test
  void photosThatAreNotShownAreToldOf() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("my photos"));
    Files.copy(QUERIES.resolve("person_01.jpg"), photos.resolve("a.jpg"));
    Path store = folder.resolve("store");
    assertThat(Run.run("index", "--photos", photos, "--gallery", store).status()).isZero();
    try (Served served = serve("--port", 0, "--gallery", store)) {
      assertThat(served.get("/api/info").statusCode()).isEqualTo(200);
      assertThat(Files.readString(folder.resolve("stderr.txt")))
          .contains("its photos are not shown", "--photos '" + photos.toRealPath() + "'");
    }
  }

  @Test
  void namesComeFromThePhotosAndNotFromTheFolder() throws Exception {
    Path camera = Files.createDirectories(folder.resolve("photos/camera"));
    String xmp =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
            + " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description"
            + " xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'"
            + " xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'><mwg-rs:Regions"
            + " rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag><rdf:li"
            + " rdf:parseType='Resource'><mwg-rs:Name>Zoe</mwg-rs:Name><mwg-rs:Type>Face"
            + "</mwg-rs:Type><mwg-rs:Area stArea:x='.5' stArea:y='.5' stArea:w='.7'"
            + " stArea:h='.7' stArea:unit='normalized'/></rdf:li></rdf:Bag></mwg-rs:RegionList>"
            + "</mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>";
    byte[] plain = Files.readAllBytes(QUERIES.resolve("person_01.jpg"));
    Files.write(camera.resolve("a.jpg"), NamesFromPhotosCommandTest.with(plain, xmp));
    Files.copy(QUERIES.resolve("person_02.jpg"), camera.resolve("b.jpg"));
    try (Served served =
        serve(
            "--port",
            0,
            "--photos",
            camera.getParent(),
            "--no-person",
            "camera",
            "--names-from-photos")) {
      long end = System.nanoTime() + 60_000_000_000L;
      while (!served.get("/api/faces").body().contains("\"total\":2")) {
        assertThat(System.nanoTime()).as("it is indexed within a minute").isLessThan(end);
        Thread.sleep(50);
      }
      assertThat(served.get("/api/people").body()).contains("\"Zoe\"", "\"total\":1");
    }
  }

  @Test
  void anIndexFileIsOnlyRead() throws Exception {
    Path file = folder.resolve("faces.fsx");
    try (SigmoidTreeIndex index = SigmoidTreeIndex.builder().build();
        Gallery faces = Gallery.builder().index(index).open()) {
      faces.add(Photo.of(QUERIES.resolve("person_01.jpg")).named("ann").person("Ann"));
      index.save(file);
    }
    byte[] before = Files.readAllBytes(file);
    Process process = start("--port", 0, "--gallery", file, "--photos", QUERIES);
    BufferedReader out = process.inputReader();
    String first = out.readLine();
    assertThat(first).as(Files.readString(folder.resolve("stderr.txt"))).contains("http://");
    assertThat(out.readLine())
        .contains("read-only", "facesearch import " + file + " --gallery FOLDER");
    try (Served served = new Served(process, URI.create(first.split(" ")[3]))) {
      assertThat(served.get("/api/info").body())
          .contains("\"readOnly\":true", "\"faces\":1", "\"state\":\"none\"");
      for (HttpRequest.Builder change :
          List.of(
              photo(served, "/api/faces?person=Bob", "person_02.jpg"),
              HttpRequest.newBuilder(served.url().resolve("/api/faces/" + key(served))).DELETE(),
              HttpRequest.newBuilder(served.url().resolve("/api/people?person=Ann")).DELETE())) {
        HttpResponse<String> refused = served.send(change);
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body())
            .contains("\"code\":\"read_only\"", "facesearch import FILE --gallery FOLDER")
            .doesNotContain(folder.toString());
      }
      assertThat(served.send(photo(served, "/api/search?k=1", "person_01.jpg")).body())
          .contains("\"Ann\"");
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(folder.resolve("faces.fsx.photos")).doesNotExist();
  }

  private static HttpRequest.Builder photo(Served served, String path, String photo)
      throws IOException {
    return HttpRequest.newBuilder(served.url().resolve(path))
        .header("Content-Type", "image/jpeg")
        .POST(HttpRequest.BodyPublishers.ofFile(QUERIES.resolve(photo)));
  }

  private static String key(Served served) throws Exception {
    return served.get("/api/faces").body().replaceAll(".*?\"id\":\"([^\"]+)\".*", "$1");
  }

  /** As it was with an index file: the server added to what it had read long ago. */
  @Test
  void whoWasForgottenStaysSoWhateverIsAddedThen() throws Exception {
    Path store = folder.resolve("store");
    try (Served served = serve("--port", 0, "--gallery", store)) {
      assertThat(served.send(photo(served, "/api/faces?person=Ann", "person_01.jpg")).statusCode())
          .isEqualTo(201);
      Run second = Run.run("forget", "Ann", "--gallery", store);
      assertThat(second.status()).as(second.text()).isEqualTo(1);
      assertThat(second.text()).contains("serve", "REST").doesNotContain("\tat ");
      assertThat(Run.run("index", "--photos", QUERIES, "--gallery", store).status()).isEqualTo(1);
      served.send(HttpRequest.newBuilder(served.url().resolve("/api/people?person=Ann")).DELETE());
      served.send(photo(served, "/api/faces?person=Bob", "person_02.jpg"));
    }
    try (FaceStore open = FaceStore.open(store)) {
      assertThat(open.faces()).extracting(f -> f.face().person().get()).containsExactly("Bob");
    }
    Run forgotten = Run.run("forget", "Bob", "--gallery", store);
    assertThat(forgotten.text()).contains("photos       1 deleted");
    assertThat(store.resolve(".photos")).isEmptyDirectory();
  }

  @Test
  void anEncryptedStoreKeepsWhatIsAdded() throws Exception {
    Path index = folder.resolve("store");
    byte[] key = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    keepsWhatIsAdded(
        index,
        () -> {
          try (FaceIndex store = FaceStore.builder(index).key(key).open()) {
            return store.size();
          }
        },
        "--key-file",
        Files.write(folder.resolve("key"), key));
  }

  private void keepsWhatIsAdded(Path index, Callable<Integer> size, Object... more)
      throws Exception {
    Object[] args =
        Stream.concat(Stream.of("--port", 0, "--gallery", index), Stream.of(more)).toArray();
    Path photos = index.resolve(".photos");
    try (Served served = serve(args)) {
      HttpResponse<String> added =
          served.send(
              HttpRequest.newBuilder(served.url().resolve("/api/faces?person=Ann"))
                  .header("Content-Type", "image/jpeg")
                  .POST(HttpRequest.BodyPublishers.ofFile(QUERIES.resolve("person_01.jpg"))));
      assertThat(added.statusCode()).isEqualTo(201);
    }
    assertThat(size.call()).isEqualTo(1);
    try (Stream<Path> files = Files.list(photos)) {
      assertThat(files).hasSize(1);
    }
    try (Served served = serve(args)) {
      assertThat(served.get("/api/people").body()).contains("\"Ann\"");
      HttpResponse<String> forgotten =
          served.send(
              HttpRequest.newBuilder(served.url().resolve("/api/people?person=Ann")).DELETE());
      assertThat(forgotten.body()).contains("\"photosDeleted\":1");
    }
    assertThat(size.call()).isZero();
    try (Stream<Path> files = Files.list(photos)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void theSamplesAreServedAndLeaveNothingBehind() throws Exception {
    try (Served served = serve("--port", 0)) {
      assertThat(served.get("/").body()).contains("<title>facesearch</title>");
      HttpResponse<String> info = served.get("/api/info");
      assertThat(info.body()).contains("several.jpg", "\"kept\":false");
      assertThat(served.get("/api/samples/several.jpg").statusCode()).isEqualTo(200);
    }
    assertThat(leftBehind()).isEmpty();
  }

  @Test
  void tellsWhatWasAskedAndByWhomButNoNames() throws Exception {
    Path audit = folder.resolve("audit.jsonl");
    String token = "token-that-may-change";
    String search = "token-that-may-search";
    try (Served served =
        serve(
            "--port",
            0,
            "--token",
            token,
            "--search-token",
            search,
            "--audit",
            audit,
            "--log-requests",
            "json",
            "--forget-after",
            1)) {
      assertThat(served.get("/api/ready").statusCode()).isEqualTo(200);
      HttpRequest.Builder forget =
          HttpRequest.newBuilder(served.url().resolve("/api/people?person=person_01")).DELETE();
      assertThat(served.send(forget.header("Authorization", "Bearer " + search)).statusCode())
          .isEqualTo(403);
    }
    String line =
        "\"right\":\"search\",\"method\":\"DELETE\",\"route\":\"/api/people\",\"status\":403";
    assertThat(Files.readString(audit)).contains(line).doesNotContain("person_");
    assertThat(Files.readString(folder.resolve("stderr.txt")))
        .contains(line, "\"route\":\"/api/ready\"")
        .doesNotContain("person_");
  }

  private List<Path> leftBehind() throws IOException {
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      return left.filter(file -> file.getFileName().toString().startsWith("facesearch")).toList();
    }
  }

  @Test
  void whatAKilledServerLeftIsRemovedByTheNext() throws Exception {
    Process killed = start("--port", 0);
    assertThat(killed.inputReader().readLine()).startsWith("facesearch is at ");
    killed.destroyForcibly().waitFor();
    List<Path> left = leftBehind();
    assertThat(left).isNotEmpty();
    try (Served served = serve("--port", 0)) {
      assertThat(served.get("/api/samples/several.jpg").statusCode()).isEqualTo(200);
      assertThat(leftBehind()).isNotEmpty().doesNotContainAnyElementsOf(left);
    }
    assertThat(leftBehind()).isEmpty();
  }
}
