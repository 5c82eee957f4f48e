package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Photos as an archive: as they were given, under safe names, for whom they are. */
class PhotoZipTest {
  private static final String TOKEN = "the-token-that-changes";
  private static final String SEARCH = "the-token-that-searches";

  @TempDir private Path folder;

  private static Map<String, byte[]> unpack(byte[] zip) throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null; ) {
        assertThat(files.put(entry.getName(), in.readAllBytes())).as(entry.getName()).isNull();
      }
    }
    return files;
  }

  private static String body(List<String> keys) {
    return keys.stream().collect(Collectors.joining("\", \"", "{\"faces\": [\"", "\"]}"));
  }

  private static List<String> keys(TestServer server, String query, String... headers)
      throws Exception {
    return server
        .get("/api/faces?" + query, headers)
        .is(200, "Faces")
        .getAsJsonArray("faces")
        .asList()
        .stream()
        .map(JsonElement::getAsJsonObject)
        .map(face -> face.get("id").getAsString())
        .toList();
  }

  @Test
  void photosComeAsTheyWereGiven() throws Exception {
    try (TestServer server = TestServer.start(folder, 2)) {
      JsonObject added =
          server
              .photo("/api/faces?person=Zoe", TestServer.query(9))
              .is(201, "Added")
              .getAsJsonObject("face");
      List<String> keys = keys(server, "limit=100");
      assertThat(keys).hasSize(9);
      List<String> twice = new ArrayList<>(keys);
      twice.addAll(keys);
      TestServer.Answer answer = server.json("/api/photos/zip", body(twice));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("Content-Type")).isEqualTo("application/zip");
      assertThat(answer.header("Content-Disposition")).contains("photos.zip");
      assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
      Map<String, byte[]> files = unpack(answer.response().body());
      assertThat(files).as("a photo once").hasSize(9);
      for (int p = 1; p <= 2; p++) {
        for (int i = 1; i <= 4; i++) {
          String name = "person_0" + p + "/photo_" + i + ".jpg";
          assertThat(files.get(name))
              .as(name)
              .isEqualTo(Files.readAllBytes(server.gallery.resolve(name)));
        }
      }
      assertThat(files.keySet().stream().filter(name -> !name.startsWith("person_0")))
          .as("what was added")
          .singleElement()
          .asString()
          .endsWith(".jpg");
      // What is gone, or forgotten, is in none, and that is told.
      assertThat(answer.header("Photos-Missing")).isEqualTo("0");
      Files.delete(server.gallery.resolve("person_01/photo_1.jpg"));
      String forgotten = added.get("id").getAsString();
      server.delete("/api/faces/" + forgotten);
      TestServer.Answer less = server.json("/api/photos/zip", body(keys));
      assertThat(less.header("Photos-Missing")).isEqualTo("2");
      files = unpack(less.response().body());
      assertThat(files).hasSize(8).containsKey("missing.txt");
      assertThat(new String(files.get("missing.txt"), StandardCharsets.UTF_8).lines())
          .hasSize(3)
          .contains(forgotten)
          .allMatch(line -> keys.contains(line) || line.startsWith("2 of the faces"));
      server.json("/api/photos/zip", body(List.of(forgotten))).isProblem(404, "no_photo");
      server.json("/api/photos/zip", "{\"faces\": []}").isProblem(400, "bad_request");
      server
          .json("/api/photos/zip", body(Collections.nCopies(1001, "abc")))
          .isProblem(400, "bad_request");
    }
  }

  @Test
  void namesComeAsSidecarFilesIfTheyAreWanted() throws Exception {
    try (TestServer server = TestServer.start(folder, 2)) {
      server.awaitIndexing();
      server.photo("/api/faces?person=Zoe", TestServer.query(9)).is(201, "Added");
      List<String> keys = keys(server, "limit=100");
      TestServer.Answer answer = server.json("/api/photos/zip?names=xmp", body(keys));
      Map<String, byte[]> files = unpack(answer.response().body());
      assertThat(files).hasSize(18);
      Path photo = server.gallery.resolve("person_01/photo_1.jpg");
      assertThat(files.get("person_01/photo_1.jpg")).isEqualTo(Files.readAllBytes(photo));
      String xmp = new String(files.get("person_01/photo_1.xmp"), StandardCharsets.UTF_8);
      assertThat(xmp).contains("mwg-rs:Name=\"person_01\"").doesNotContain("person_02");
      assertThat(files.keySet().stream().filter(name -> !name.startsWith("person_0")))
          .as("the crop of what was added")
          .hasSize(2);
      // They are read back as names of the faces that they are of.
      JsonObject found =
          server
              .photo("/api/identify", NamedPhotos.with(Files.readAllBytes(photo), xmp))
              .is(200, "Identified");
      assertThat(found.getAsJsonArray("faces").get(0).getAsJsonObject().get("named").getAsString())
          .isEqualTo("person_01");
      server.json("/api/photos/zip?names=iptc", body(keys)).isProblem(400, "bad_request");
    }
  }

  @Test
  void theyAreForWhomMayChangeTheGalleryAndToldToTheAuditLog() throws Exception {
    Path audit = folder.resolve("audit.jsonl");
    String[] mayChange = {"Authorization", "Bearer " + TOKEN};
    String[] maySearch = {"Authorization", "Bearer " + SEARCH};
    try (TestServer server =
        TestServer.start(
            folder, 1, builder -> builder.token(TOKEN).searchToken(SEARCH).audit(audit))) {
      server.awaitIndexing(mayChange);
      byte[] body = body(keys(server, "limit=9", maySearch)).getBytes(StandardCharsets.UTF_8);
      server
          .post("/api/photos/zip", "application/json", body, maySearch)
          .isProblem(403, "search_only");
      assertThat(
              server.post("/api/photos/zip", "application/json", body, mayChange).response().body())
          .hasSizeGreaterThan(1000);
      assertThat(server.get("/api/info", maySearch).is(200, "Info").get("originals").getAsBoolean())
          .isFalse();
      assertThat(Files.readAllLines(audit).stream().filter(line -> line.contains("photos/zip")))
          .hasSize(3) // refused, begun, answered
          .last()
          .asString()
          .contains("\"status\":200");
    }
  }

  @Test
  void namesStayInsideAndDiffer() {
    ZipNames names = new ZipNames();
    assertThat(names.of("a/b.jpg")).isEqualTo("a/b.jpg");
    assertThat(names.of("a/b.jpg")).isEqualTo("a/b (2).jpg");
    assertThat(names.of("A/B.JPG")).isEqualTo("A/B (3).JPG");
    assertThat(names.of("../../etc/passwd")).isEqualTo("etc/passwd");
    assertThat(names.of("/etc/passwd")).isEqualTo("etc/passwd (2)");
    assertThat(names.of("..\\..\\x.jpg")).isEqualTo("_.._x.jpg");
    assertThat(names.of("C:\\x.jpg")).isEqualTo("C__x.jpg");
    assertThat(names.of("con.jpg")).isEqualTo("_con.jpg");
    assertThat(names.of("a\u202egpj.exe")).isEqualTo("a_gpj.exe");
    assertThat(names.of("line\nbreak")).isEqualTo("line_break");
    assertThat(names.of("")).isEqualTo("photo");
    assertThat(names.of("././.")).isEqualTo("photo (2)");
    assertThat(names.of(".hidden/.jpg")).isEqualTo("hidden/jpg");
    assertThat(names.of("x".repeat(5000) + ".jpg")).hasSize(100).endsWith("x.jpg");
    assertThat(names.of("d/".repeat(500) + "x.jpg").split("/")).hasSize(8);
  }
}
