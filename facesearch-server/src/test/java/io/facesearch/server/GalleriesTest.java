package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several galleries of one server, each under its name. */
class GalleriesTest {
  @TempDir private Path folder;

  private static Gallery of(int person, String name) throws Exception {
    Gallery gallery = Gallery.builder().open();
    gallery.add(Photo.of(name + ".jpg", TestServer.query(person)).person(name));
    return gallery;
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject get(FaceServer server, String path) throws Exception {
    HttpResponse<String> answer =
        send(HttpRequest.newBuilder(URI.create(server.url()).resolve(path)));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonParser.parseString(answer.body()).getAsJsonObject();
  }

  private static JsonObject photo(FaceServer server, String path, int person) throws Exception {
    HttpResponse<String> answer =
        send(
            HttpRequest.newBuilder(URI.create(server.url()).resolve(path))
                .header("Content-Type", "image/jpeg")
                .POST(HttpRequest.BodyPublishers.ofByteArray(TestServer.query(person))));
    JsonObject json = JsonParser.parseString(answer.body()).getAsJsonObject();
    json.addProperty("location", answer.headers().firstValue("Location").orElse(""));
    return json;
  }

  @Test
  void eachIsAnsweredUnderItsNameAndKnowsNothingOfTheOther() throws Exception {
    Path photos = Files.createDirectories(folder.resolve("photos/Cid"));
    Files.write(photos.resolve("a.jpg"), TestServer.query(3));
    Path audit = folder.resolve("audit.jsonl");
    try (FaceServer server =
        FaceServer.builder()
            .gallery("family", of(1, "Ann"), null)
            .gallery("club", of(2, "Bob"), PhotoSource.folder(photos.getParent()))
            .forgetAfter(Duration.ofDays(1))
            .audit(audit)
            .port(0)
            .start()) {
      String list = get(server, "/api/galleries").toString();
      Schemas.check("Galleries", list);
      assertThat(list)
          .isEqualTo(
              "{\"galleries\":[{\"name\":\"family\",\"path\":\"/api/galleries/family\"},"
                  + "{\"name\":\"club\",\"path\":\"/api/galleries/club\"}]}");
      assertThat(TestServer.personOfFirst(photo(server, "/api/galleries/family/search", 1)))
          .isEqualTo("Ann");
      assertThat(TestServer.people(photo(server, "/api/galleries/club/search?k=9", 1)))
          .contains("Bob")
          .doesNotContain("Ann");
      JsonObject added = photo(server, "/api/galleries/family/faces?person=Dan", 4);
      assertThat(added.get("location").getAsString()).startsWith("/api/galleries/family/faces/");
      assertThat(get(server, added.get("location").getAsString()).get("person").getAsString())
          .isEqualTo("Dan");
      assertThat(get(server, "/api/galleries/family/info").get("faces").getAsInt()).isEqualTo(2);
      assertThat(get(server, "/api/galleries/family/info").get("photos").getAsBoolean()).isFalse();
      assertThat(get(server, "/api/galleries/club/info").get("photos").getAsBoolean()).isTrue();
      // There is no gallery without a name, and none of another.
      for (String path : new String[] {"/api/faces", "/api/galleries/other/faces"}) {
        assertThat(
                send(HttpRequest.newBuilder(URI.create(server.url()).resolve(path))).statusCode())
            .isEqualTo(404);
      }
      get(server, "/api/ready");
      assertThat(send(HttpRequest.newBuilder(URI.create(server.url()).resolve("/metrics"))).body())
          .contains("facesearch_gallery_faces{gallery=\"family\"} 2");
    }
    assertThat(Files.readString(audit))
        .contains("\"/api/galleries/family/faces\"", "\"/api/galleries/club/search\"");
  }

  /** Whoever has no token learns no name of a gallery. */
  @Test
  void aTokenIsAskedForBeforeTheNameOfAGallery() throws Exception {
    String token = "a-token-of-this-test";
    try (FaceServer server =
        FaceServer.builder().gallery("family", of(1, "Ann"), null).token(token).port(0).start()) {
      for (String path :
          new String[] {
            "/api/galleries/family/faces",
            "/api/galleries/other/faces",
            "/api/galleries/family/nothing",
            "/api/galleries/other/nothing",
            "/api/galleries/family",
            "/api/galleries/other",
            "/api/%67alleries/other/faces"
          }) {
        URI uri = URI.create(server.url()).resolve(path);
        for (String method : new String[] {"GET", "POST"}) {
          HttpResponse<String> answer =
              send(HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()));
          assertThat(answer.statusCode()).as(method + " " + path).isEqualTo(401);
        }
        assertThat(
                send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token))
                    .statusCode())
            .isEqualTo(path.endsWith("family/faces") ? 200 : 404);
        assertThat(
                send(HttpRequest.newBuilder(uri).header("Authorization", "Bearer wrong"))
                    .statusCode())
            .isEqualTo(401);
      }
    }
  }

  @Test
  void itIsReadyOnlyWhenAllAre() throws Exception {
    Gallery second = of(2, "Bob");
    try (FaceServer server =
        FaceServer.builder()
            .gallery("a", of(1, "Ann"), null)
            .gallery("b", second, null)
            .port(0)
            .start()) {
      second.close(); // as if its disk were gone
      HttpResponse<String> ready =
          send(HttpRequest.newBuilder(URI.create(server.url()).resolve("/api/ready")));
      assertThat(ready.statusCode()).isEqualTo(500);
      assertThat(
              send(HttpRequest.newBuilder(URI.create(server.url()).resolve("/api/health")))
                  .statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void namesAreOfPathsAndOnce() throws Exception {
    try (Gallery gallery = Gallery.builder().open()) {
      for (String wrong : new String[] {"", "a/b", "..", "a b", "é", "x".repeat(65)}) {
        assertThatThrownBy(() -> FaceServer.builder().gallery(wrong, gallery, null))
            .hasMessageContaining("1 to 64 letters");
      }
      assertThatThrownBy(
              () -> FaceServer.builder().gallery("a", gallery, null).gallery("a", gallery, null))
          .hasMessageContaining("two galleries");
      assertThatThrownBy(() -> FaceServer.builder(gallery).gallery("a", gallery, null))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> FaceServer.builder().start())
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
