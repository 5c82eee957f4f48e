package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a gallery lies is told to nobody: no answer, header or line of the log names a folder. */
class PathsStayTest {
  private static final String PECULIAR = "zq7-peculiar-folder";

  @TempDir private Path temporary;

  private final List<String> told = new ArrayList<>();

  private TestServer.Answer tell(TestServer.Answer answer) {
    told.add(answer.response().headers().map().toString());
    told.add(new String(answer.response().body(), StandardCharsets.ISO_8859_1));
    return answer;
  }

  @Test
  void noAnswerAndNoLineOfTheLogNamesAFolder() throws Exception {
    Path folder = Files.createDirectory(temporary.resolve(PECULIAR));
    PrintStream err = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      Set<String> called = new TreeSet<>();
      Set<String> routes = new TreeSet<>();
      boolean[] broken = new boolean[1];
      try (TestServer server =
          TestServer.on(
              folder,
              2,
              index ->
                  ForgettingTest.instead(
                      ForgettingTest.instead(index, "search", () -> failIf(broken, folder)),
                      "erase",
                      () -> failIf(broken, folder)))) {
        server.routes().forEach(route -> routes.add(route.method() + " " + route.path()));
        callAll(server, called, broken);
        breakPhotos(server);
      }
      assertThat(called).as("every route").containsAll(routes);
      indexingThatFails(folder);
    } finally {
      System.setErr(err);
    }
    assertThat(told).hasSizeGreaterThan(60);
    told.add(log.toString(StandardCharsets.UTF_8));
    assertThat(told.get(told.size() - 1)).as("something was logged").contains("failed");
    for (String text : told) {
      assertThat(text).doesNotContain(PECULIAR).doesNotContain(temporary.toString());
    }
  }

  /** As a disk that fails: the message names the file. */
  private static void failIf(boolean[] broken, Path folder) {
    if (broken[0]) {
      throw new IllegalStateException(folder.resolve("faces.db") + ": input/output error");
    }
  }

  private void callAll(TestServer server, Set<String> called, boolean[] broken) throws Exception {
    byte[] photo = TestServer.query(1);
    String added = null;
    for (boolean fails : new boolean[] {false, true}) {
      for (Route route : server.routes()) {
        String name = route.method() + " " + route.path();
        called.add(name);
        for (String id : ids(server, added)) {
          String path = route.path().replace("{id}", id).replace("{name}", id);
          broken[0] = fails;
          HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path));
          switch (route.method()) {
            case "GET" -> {
              if (!path.equals("/api/events")) { // has no end; read below
                tell(server.get(path));
              }
            }
            case "DELETE" -> {
              tell(server.delete(path + "?person=person_02"));
              tell(server.delete(path + "?person=nobody"));
              tell(server.delete(path));
            }
            default -> {
              TestServer.Answer answer = tell(server.photo(path + "?person=Ann&k=3", photo));
              added = answer.header("Location") == null ? added : answer.header("Location");
              tell(server.post(path, "image/jpeg", new byte[] {1, 2, 3}));
              tell(server.json(path, "{\"vector\": [1], \"first\": {}, \"second\": {}}"));
              tell(server.json(path, "{\"face\": \"" + id + "\"}"));
              tell(server.json(path, "{\"name\": \"Bo\"}"));
              tell(server.json(path, "{\"other\": \"person-2\"}"));
              tell(server.json(path, "{\"faces\": [\"" + id + "\"]}"));
              tell(server.json(path, "{\"faces\": [\"" + id + "\"], \"name\": \"Bo\"}"));
              tell(server.json(path, "{\"correction\": 1}"));
            }
          }
          tell(server.send(request.method("PATCH", HttpRequest.BodyPublishers.noBody())));
          broken[0] = false;
          if (!route.path().contains("{")) {
            break;
          }
        }
      }
    }
    for (String path : List.of("/", "/assets/app.js", "/none", "/api/none", "/assets/../x")) {
      tell(server.get(path));
    }
    told.add(server.raw("GET /api/faces/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
    HttpResponse<InputStream> events =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(server.uri("/api/events"))
                    .header("Accept", "text/event-stream")
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    byte[] first = new byte[200];
    int count = events.body().read(first);
    assertThat(count).isPositive();
    told.add(events.headers().map() + new String(first, 0, count, StandardCharsets.UTF_8));
    events.body().close();
  }

  /** Keys of a face of the folder, of an added one, and of none; with what they hold inside. */
  private List<String> ids(TestServer server, String added) throws Exception {
    List<String> ids = new ArrayList<>();
    TestServer.Answer faces = tell(server.get("/api/faces?limit=1000"));
    faces
        .json()
        .getAsJsonArray("faces")
        .forEach(face -> ids.add(face.getAsJsonObject().get("id").getAsString()));
    for (String id : ids) {
      told.add(new String(Base64.getUrlDecoder().decode(id), StandardCharsets.UTF_8));
    }
    List<String> some = new ArrayList<>(ids.subList(0, Math.min(1, ids.size())));
    if (added != null) {
      some.add(added.substring(added.lastIndexOf('/') + 1));
    }
    some.addAll(List.of("person-1", "person-2")); // people
    some.add("bm9uZQ");
    some.add("..%2F..%2Fx");
    return some;
  }

  private void breakPhotos(TestServer server) throws Exception {
    List<String> ids = ids(server, null);
    try (var files = Files.walk(server.gallery)) {
      for (Path photo : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(photo, "no photo any more");
      }
    }
    for (String id : ids) {
      tell(server.get("/api/faces/" + id + "/photo"));
    }
  }

  private void indexingThatFails(Path folder) throws Exception {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (TestServer server =
        TestServer.startOn(
            other,
            1,
            index ->
                ForgettingTest.instead(
                    index, "addAll", () -> failIf(new boolean[] {true}, other)))) {
      String state = "running";
      for (int i = 0; i < 600 && !state.equals("failed"); i++) {
        Thread.sleep(100);
        TestServer.Answer info = tell(server.get("/api/info"));
        state = info.json().getAsJsonObject("indexing").get("state").getAsString();
      }
      assertThat(state).isEqualTo("failed");
      tell(server.get("/metrics"));
    }
  }
}
