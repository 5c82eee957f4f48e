package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceImage;
import io.facesearch.FaceRecord;
import java.io.ByteArrayInputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every route with the real pipeline, over HTTP; answers are held against openapi.json. */
class FaceServerTest {
  private static final int PEOPLE = 8;

  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(folder, PEOPLE);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  // Searching

  @Test
  void aPhotoFindsItsPersonFirst() throws Exception {
    for (int p = 1; p <= PEOPLE; p++) {
      JsonObject found =
          server.photo("/api/search?k=5", TestServer.query(p)).is(200, "PhotoSearch");
      assertThat(TestServer.people(found)).hasSize(5);
      assertThat(TestServer.personOfFirst(found)).isEqualTo("person_%02d".formatted(p));
    }
    JsonObject found = server.photo("/api/search", TestServer.query(1)).is(200, "PhotoSearch");
    JsonObject first =
        found.getAsJsonObject("result").getAsJsonArray("matches").get(0).getAsJsonObject();
    assertThat(first.get("decision").getAsString()).isEqualTo("SAME");
    assertThat(first.getAsJsonObject("face").get("source").getAsString())
        .matches("person_01/photo_\\d\\.jpg");
    assertThat(first.getAsJsonObject("face").get("photo").getAsBoolean()).isTrue();
    assertThat(found.getAsJsonObject("result").get("exact").getAsBoolean()).isTrue();
    JsonObject face = found.getAsJsonArray("faces").get(0).getAsJsonObject();
    assertThat(face.getAsJsonArray("landmarks")).hasSize(5);
    assertThat(face.has("vector")).isFalse();
  }

  @Test
  void facesAreNumberedFromTheLeftAndEachCanBeSearched() throws Exception {
    byte[] photo = TestServer.together(5, 2, 7);
    int[] people = {5, 2, 7};
    for (int i = 0; i < people.length; i++) {
      JsonObject found = server.photo("/api/search?k=3&face=" + i, photo).is(200, "PhotoSearch");
      assertThat(found.getAsJsonArray("faces")).hasSize(3);
      assertThat(found.get("searched").getAsInt()).isEqualTo(i);
      assertThat(TestServer.personOfFirst(found)).isEqualTo("person_%02d".formatted(people[i]));
    }
    server.photo("/api/search?face=3", photo).isProblem(400, "bad_request");
    server.photo("/api/search?face=-1", photo).isProblem(400, "bad_request");
    server.photo("/api/search?face=50", photo).isProblem(400, "bad_request");
  }

  @Test
  void aPhotoWithoutAFaceIsAnAnswer() throws Exception {
    JsonObject found = server.photo("/api/search", TestServer.noFace()).is(200, "PhotoSearch");
    assertThat(found.getAsJsonArray("faces")).isEmpty();
    assertThat(found.has("result")).isFalse();
  }

  @Test
  void detectGivesVectorsThatFindTheSameAsThePhoto() throws Exception {
    JsonObject detected = server.photo("/api/detect", TestServer.query(4)).is(200, "PhotoSearch");
    JsonArray vector =
        detected.getAsJsonArray("faces").get(0).getAsJsonObject().getAsJsonArray("vector");
    assertThat(vector).hasSize(128);
    JsonObject byVector =
        server
            .json("/api/search", "{\"k\": 6, \"vector\": " + vector + "}")
            .is(200, "VectorSearch");
    JsonObject byPhoto =
        server.photo("/api/search?k=6", TestServer.query(4)).is(200, "PhotoSearch");
    assertThat(byVector.getAsJsonObject("result")).isEqualTo(byPhoto.getAsJsonObject("result"));
  }

  @Test
  void aFaceOfTheGalleryFindsItselfFirst() throws Exception {
    JsonObject faces = server.get("/api/faces?person=person_06&limit=1").is(200, "Faces");
    assertThat(faces.get("total").getAsInt()).isEqualTo(4);
    String id = faces.getAsJsonArray("faces").get(0).getAsJsonObject().get("id").getAsString();
    JsonObject found =
        server.json("/api/search", "{\"k\": 4, \"face\": \"" + id + "\"}").is(200, "VectorSearch");
    JsonObject first =
        found.getAsJsonObject("result").getAsJsonArray("matches").get(0).getAsJsonObject();
    assertThat(first.getAsJsonObject("face").get("id").getAsString()).isEqualTo(id);
    assertThat(first.get("distance").getAsDouble()).isZero();
    assertThat(TestServer.people(found)).containsOnly("person_06");
  }

  @Test
  void aSearchCanBeOfOnePerson() throws Exception {
    JsonObject found =
        server
            .photo("/api/search?k=9&person=person_02", TestServer.query(1))
            .is(200, "PhotoSearch");
    assertThat(TestServer.people(found)).hasSize(4).containsOnly("person_02");
  }

  @Test
  void parametersAreChecked() throws Exception {
    byte[] photo = TestServer.query(1);
    for (String k : List.of("0", "1001", "-1", "x", "", "1.5", "99999999999")) {
      server.photo("/api/search?k=" + k, photo).isProblem(400, "bad_request");
    }
    server.photo("/api/search?vectors=maybe", photo).isProblem(400, "bad_request");
    server.json("/api/search", "{\"k\": 0, \"vector\": [1]}").isProblem(400, "bad_request");
    server.json("/api/search", "{}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"vector\": [1, 2]}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"vector\": \"x\"}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"vector\": [\"1\"]}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"vector\": [1e99]}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"vektor\": [1]}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"face\": 3, \"vector\": []}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"face\": 3}").isProblem(400, "bad_request");
    server.json("/api/search", "{\"face\": \"nobody\"}").isProblem(404, "unknown_face");
    server.get("/api/people?limit=0").isProblem(400, "bad_request");
    server.get("/api/faces?offset=-1").isProblem(400, "bad_request");
  }

  // Verifying

  private static String base64(byte[] bytes) {
    return "{\"photo\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}";
  }

  private static TestServer.Answer verify(String first, String second) throws Exception {
    return server.json("/api/verify", "{\"first\": " + first + ", \"second\": " + second + "}");
  }

  @Test
  void verifyTellsOnePersonFromTwo() throws Exception {
    byte[] other = Files.readAllBytes(server.gallery.resolve("person_01/photo_2.jpg"));
    JsonObject same = verify(base64(TestServer.query(1)), base64(other)).is(200, "Verified");
    assertThat(same.get("decision").getAsString()).isEqualTo("SAME");
    JsonObject different =
        verify(base64(TestServer.query(1)), base64(TestServer.query(5))).is(200, "Verified");
    assertThat(different.get("decision").getAsString()).isNotEqualTo("SAME");
    assertThat(different.get("distance").getAsDouble())
        .isGreaterThan(same.get("distance").getAsDouble());

    String id =
        server
            .get("/api/faces?person=person_01&offset=1&limit=1")
            .json()
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .get("id")
            .getAsString();
    JsonObject byFace =
        verify(base64(TestServer.query(1)), "{\"face\": \"" + id + "\"}").is(200, "Verified");
    assertThat(byFace.get("distance").getAsDouble())
        .isEqualTo(same.get("distance").getAsDouble(), within(1e-4));

    JsonObject group = verify(base64(TestServer.together(1, 5)), base64(other)).is(200, "Verified");
    assertThat(group.getAsJsonObject("firstFace").get("otherFaces").getAsInt()).isEqualTo(1);
    assertThat(group.getAsJsonObject("firstFace").getAsJsonObject("box").get("width").getAsDouble())
        .isPositive();
    assertThat(group.getAsJsonObject("secondFace").get("otherFaces").getAsInt()).isZero();
    assertThat(byFace.has("secondFace")).isFalse();

    JsonObject none = verify(base64(TestServer.noFace()), base64(other)).is(200, "Verified");
    assertThat(none.has("decision")).isFalse();
    assertThat(none.get("faceInFirst").getAsBoolean()).isFalse();
    assertThat(none.get("faceInSecond").getAsBoolean()).isTrue();
  }

  @Test
  void verifyChecksItsBody() throws Exception {
    verify("{}", "{}").isProblem(400, "bad_request");
    verify("{\"photo\": \"*\"}", base64(TestServer.query(1))).isProblem(422, "image_unreadable");
    verify("{\"photo\": \"x\", \"face\": \"y\"}", "{}").isProblem(400, "bad_request");
    server.json("/api/verify", "[]").isProblem(400, "bad_request");
    server.json("/api/verify", "{} {}").isProblem(400, "bad_request");
    server.json("/api/verify", "{first: {}}").isProblem(400, "bad_request");
    server.json("/api/verify", "[".repeat(100_000)).isProblem(400, "bad_request");
    server.post("/api/verify", "text/plain", new byte[] {'{', '}'}).isProblem(415, "wrong_type");
  }

  // Changing the gallery

  private static List<Path> addedPhotos() throws Exception {
    try (Stream<Path> files = Files.list(server.added)) {
      return files.toList();
    }
  }

  @Test
  void whatIsAddedIsFoundUntilItIsDeleted() throws Exception {
    byte[] photo = TestServer.together(20, 21);
    TestServer.Answer answer = server.photo("/api/faces?person=Ann%20B&face=1", photo);
    JsonObject added = answer.is(201, "Added").getAsJsonObject("face");
    String path = answer.header("Location");
    assertThat(path).isEqualTo("/api/faces/" + added.get("id").getAsString());
    assertThat(server.get(path).is(200, "GalleryFace")).isEqualTo(added);

    JsonObject found = server.photo("/api/search?k=1", TestServer.query(21)).is(200, "PhotoSearch");
    assertThat(TestServer.personOfFirst(found)).isEqualTo("Ann B");
    assertThat(addedPhotos()).hasSize(1);
    FaceImage crop = FaceImage.read(addedPhotos().get(0));
    assertThat(crop.width()).as("a crop, not the photo").isLessThan(352);

    TestServer.Answer shown = server.get(path + "/photo");
    assertThat(shown.header("Cache-Control")).contains("no-store");
    assertThat(ImageIO.read(new ByteArrayInputStream(shown.response().body()))).isNotNull();

    assertThat(server.delete(path).status()).isEqualTo(204);
    assertThat(addedPhotos()).isEmpty();
    server.get(path).isProblem(404, "unknown_face");
    server.get(path + "/photo").isProblem(404, "unknown_face");
    server.delete(path).isProblem(404, "unknown_face");
    found = server.photo("/api/search?k=1", TestServer.query(21)).is(200, "PhotoSearch");
    assertThat(TestServer.personOfFirst(found)).isNotEqualTo("Ann B");
  }

  @Test
  void aForgottenPersonIsGoneWithThePhotosThatWereAdded() throws Exception {
    String name = "Nguyễn Thị / Ánh & \"Co\"";
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
    for (int i = 0; i < 2; i++) {
      server.photo("/api/faces?person=" + encoded, TestServer.query(22)).is(201, "Added");
    }
    JsonObject person =
        server
            .get("/api/people?q=" + URLEncoder.encode("ánh", StandardCharsets.UTF_8))
            .is(200, "People")
            .getAsJsonArray("people")
            .get(0)
            .getAsJsonObject();
    assertThat(person.get("name").getAsString()).isEqualTo(name);
    assertThat(person.get("faces").getAsInt()).isEqualTo(2);
    String face = person.get("face").getAsString();
    assertThat(server.get("/api/faces/" + face + "/photo").status()).isEqualTo(200);

    JsonObject forgotten = server.delete("/api/people?person=" + encoded).is(200, "Forgotten");
    assertThat(forgotten.get("faces").getAsInt()).isEqualTo(2);
    assertThat(forgotten.get("photosDeleted").getAsInt()).isEqualTo(2);
    assertThat(forgotten.get("photosLeft").getAsInt()).isZero();
    assertThat(addedPhotos()).isEmpty();
    server.get("/api/faces/" + face + "/photo").isProblem(404, "unknown_face");
    server.delete("/api/people?person=" + encoded).isProblem(404, "unknown_person");
    server.delete("/api/people").isProblem(400, "bad_request");
  }

  @Test
  void photosOfTheFolderAreTheOperators(@TempDir Path other) throws Exception {
    try (TestServer small = TestServer.start(other, 2)) {
      JsonObject forgotten = small.delete("/api/people?person=person_02").is(200, "Forgotten");
      assertThat(forgotten.get("faces").getAsInt()).isEqualTo(4);
      assertThat(forgotten.get("photosLeft").getAsInt()).isEqualTo(4);
      assertThat(forgotten.get("photosDeleted").getAsInt()).isZero();
      assertThat(small.gallery.resolve("person_02/photo_1.jpg")).exists();
      assertThat(small.get("/api/people").json().get("total").getAsInt()).isEqualTo(1);
      // On purpose, the name may be used again.
      small.photo("/api/faces?person=person_02", TestServer.query(2)).is(201, "Added");
      assertThat(small.get("/api/people").json().get("total").getAsInt()).isEqualTo(2);
    }
  }

  @Test
  void addingChecksPersonAndFace() throws Exception {
    byte[] photo = TestServer.query(9);
    server.photo("/api/faces?person=" + "x".repeat(101), photo).isProblem(400, "bad_request");
    server.photo("/api/faces?person=a%00b", photo).isProblem(400, "bad_request");
    server.photo("/api/faces?person=Ann", TestServer.noFace()).isProblem(422, "no_face");
    server.photo("/api/faces?person=Ann&face=7", photo).isProblem(400, "bad_request");
    server.post("/api/faces?person=Ann", "text/html", photo).isProblem(415, "wrong_type");
    assertThat(addedPhotos()).isEmpty();
  }

  @Test
  void photosThatAreSearchedAreNotStored() throws Exception {
    int size = server.index.size();
    server.photo("/api/search?vectors=true", TestServer.query(3));
    server.photo("/api/detect", TestServer.query(3));
    verify(base64(TestServer.query(3)), base64(TestServer.query(4)));
    assertThat(addedPhotos()).isEmpty();
    assertThat(server.index.size()).isEqualTo(size);
  }

  // The gallery

  @Test
  void peopleAndFacesComeInPages() throws Exception {
    JsonObject people = server.get("/api/people?limit=3&offset=2").is(200, "People");
    assertThat(people.get("total").getAsInt()).isGreaterThanOrEqualTo(PEOPLE);
    assertThat(
            people.getAsJsonArray("people").asList().stream()
                .map(p -> p.getAsJsonObject().get("name").getAsString()))
        .containsExactly("person_03", "person_04", "person_05");
    JsonObject faces = server.get("/api/faces?limit=5&offset=1").is(200, "Faces");
    assertThat(faces.getAsJsonArray("faces")).hasSize(5);
    assertThat(server.get("/api/faces?offset=100000").is(200, "Faces").getAsJsonArray("faces"))
        .isEmpty();
  }

  @Test
  void facesOfPhotosOutsideTheGalleryAreNotShown() throws Exception {
    Path secret = folder.resolve("secret.jpg");
    Files.write(secret, TestServer.query(1));
    Path link = server.gallery.resolve("link.jpg");
    Files.createSymbolicLink(link, secret);
    var embedding = server.index.faces().get(0).embedding();
    for (String source :
        List.of(
            secret.toString(),
            link.toString(),
            server.gallery + "/../secret.jpg",
            "../secret.jpg",
            "/etc/passwd",
            "\0")) {
      FaceRecord record = new FaceRecord("outside", null, source, null);
      server.index.add(new EmbeddedFace(record, embedding));
      try {
        String key = new FaceKeys(() -> 0, List::of).keyOf("outside");
        JsonObject face = server.get("/api/faces/" + key).is(200, "GalleryFace");
        assertThat(face.get("photo").getAsBoolean()).isFalse();
        assertThat(face.get("source").getAsString()).doesNotContain("/");
        server.get("/api/faces/" + key + "/photo").isProblem(404, "no_photo");
      } finally {
        server.index.remove("outside");
      }
    }
    Files.delete(link);
  }

  // The server

  @Test
  void infoHealthAndMetricsTellHowItIs() throws Exception {
    server.get("/api/health").is(200, "Health");
    JsonObject info = server.get("/api/info").is(200, "Info");
    assertThat(info.get("people").getAsInt()).isGreaterThanOrEqualTo(PEOPLE);
    assertThat(info.getAsJsonObject("model").get("license").getAsString()).contains("Apache-2.0");
    assertThat(info.getAsJsonArray("rates")).hasSizeGreaterThan(50);

    server.photo("/api/search", TestServer.query(1));
    TestServer.Answer metrics = server.get("/metrics");
    assertThat(metrics.header("Content-Type")).startsWith("text/plain");
    assertThat(metrics.text())
        .contains("facesearch_gallery_faces ")
        .containsPattern(
            "facesearch_http_requests_total\\{method=\"POST\",route=\"/api/search\",status=\"200\"\\}"
                + " \\d")
        .containsPattern("facesearch_stage_seconds_count\\{stage=\"detect\"\\} \\d")
        .doesNotContain("person_");
  }

  @Test
  void theCurveAgreesWithTheThresholdOfTheModel() throws Exception {
    JsonObject info = server.get("/api/info").json();
    double own = info.getAsJsonObject("threshold").get("distance").getAsDouble();
    double rate = info.getAsJsonObject("threshold").get("falseAcceptRate").getAsDouble();
    double below = 0;
    double above = 1;
    double last = 0;
    for (var element : info.getAsJsonArray("rates")) {
      JsonObject point = element.getAsJsonObject();
      double far = point.get("falseAccept").getAsDouble();
      assertThat(far).isGreaterThanOrEqualTo(last);
      last = far;
      if (point.get("distance").getAsDouble() <= own) {
        below = far;
      } else {
        above = Math.min(above, far);
      }
    }
    assertThat(rate).isBetween(below, above);
  }

  @Test
  void unknownPathsAndMethodsAreProblems() throws Exception {
    server.get("/nothing").isProblem(404, "not_found");
    server.get("/api/nothing").isProblem(404, "not_found");
    server.get("/api/search").isProblem(405, "method_not_allowed");
    server.delete("/api/info").isProblem(405, "method_not_allowed");
    server.get("/api/samples/person_01.jpg").isProblem(404, "not_found");
  }

  @Test
  void manyClientsAtOnceGetTheirOwnAnswers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      List<Future<?>> clients = new ArrayList<>();
      for (int c = 0; c < 14; c++) {
        int person = 1 + c % 7;
        clients.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 6; i++) {
                    JsonObject found =
                        server
                            .photo("/api/search?k=2", TestServer.query(person))
                            .is(200, "PhotoSearch");
                    assertThat(TestServer.personOfFirst(found))
                        .isEqualTo("person_%02d".formatted(person));
                  }
                  return null;
                }));
      }
      for (int c = 0; c < 2; c++) {
        int person = 24 + c;
        clients.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 4; i++) {
                    String name = "visitor" + person;
                    server
                        .photo("/api/faces?person=" + name, TestServer.query(person))
                        .is(201, "Added");
                    JsonObject found =
                        server.photo("/api/search?k=40", TestServer.query(person)).json();
                    assertThat(TestServer.people(found)).contains(name);
                    server.delete("/api/people?person=" + name).is(200, "Forgotten");
                    found = server.photo("/api/search?k=40", TestServer.query(person)).json();
                    assertThat(TestServer.people(found)).doesNotContain(name);
                  }
                  return null;
                }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(addedPhotos()).isEmpty();
  }
}
