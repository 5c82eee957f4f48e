package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.GalleryUnavailableException;
import io.facesearch.IndexWriteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What those who run the server are promised: two kinds of tokens, logs, retention, readiness. */
class OperatorsTest {
  private static final String TOKEN = "the-token-that-changes";
  private static final String SEARCH = "the-token-that-searches";
  private static final String[] MAY_CHANGE = {"Authorization", "Bearer " + TOKEN};
  private static final String[] MAY_SEARCH = {"Authorization", "Bearer " + SEARCH};

  @TempDir private Path folder;

  private static byte[] body(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aTokenThatMaySearchChangesNothing() throws Exception {
    try (TestServer server =
        TestServer.start(folder, 2, builder -> builder.token(TOKEN).searchToken(SEARCH))) {
      server.awaitIndexing(MAY_CHANGE);
      int faces = server.index.size();
      int tried = 0;
      for (Route route : server.routes()) {
        String path = route.path().replace("{id}", "abc").replace("{name}", "x.jpg");
        if (route.access() == Route.Access.CHANGE) {
          TestServer.Answer answer =
              route.method().equals("DELETE")
                  ? server.delete(path, MAY_SEARCH)
                  : server.post(path, "application/json", body("{}"), MAY_SEARCH);
          answer.isProblem(403, "search_only");
          tried++;
        }
      }
      assertThat(tried).isEqualTo(11);
      // Whatever is not a change by its name is none by its doing: the rest neither adds nor
      // removes.
      server
          .post("/api/search", "image/jpeg", TestServer.query(1), MAY_SEARCH)
          .is(200, "PhotoSearch");
      server
          .post("/api/identify", "image/jpeg", TestServer.query(1), MAY_SEARCH)
          .is(200, "Identified");
      assertThat(server.index.size()).isEqualTo(faces);

      assertThat(server.get("/api/info", MAY_SEARCH).is(200, "Info").get("readOnly").getAsBoolean())
          .isTrue();
      assertThat(server.get("/api/info", MAY_CHANGE).is(200, "Info").get("readOnly").getAsBoolean())
          .isFalse();
      server.get("/api/info").isProblem(401, "token_needed");

      // A browser's cookie is worth what its token was.
      String[] cookie = {"Cookie", cookie(server, SEARCH)};
      server.get("/api/people", cookie).is(200, "People");
      server.delete("/api/people?person=person_01", cookie).isProblem(403, "search_only");
      String[] other = {"Cookie", cookie(server, TOKEN)};
      server.delete("/api/people?person=person_01", other).is(200, "Forgotten");
    }
  }

  private static String cookie(TestServer server, String token) throws Exception {
    String set = server.json("/api/session", "{\"token\": \"" + token + "\"}").header("Set-Cookie");
    return set.substring(0, set.indexOf(';'));
  }

  @Test
  void aTokenThatMaySearchNeedsOneThatMayChange() {
    assertThatThrownBy(() -> new Guard("127.0.0.1", List.of(), null, SEARCH))
        .hasMessageContaining("--token");
    assertThatThrownBy(() -> new Guard("127.0.0.1", List.of(), TOKEN, TOKEN))
        .hasMessageContaining("differ");
    assertThatThrownBy(() -> new Guard("127.0.0.1", List.of(), TOKEN, "short"))
        .hasMessageContaining("16");
  }

  @Test
  void theAuditLogTellsWhoDidWhatAndNamesNobody() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    try (TestServer server =
        TestServer.start(
            folder, 2, builder -> builder.token(TOKEN).searchToken(SEARCH).audit(file))) {
      server.awaitIndexing(MAY_CHANGE);
      int before = lines(file).size();
      server.post("/api/identify", "image/jpeg", TestServer.query(2), MAY_SEARCH);
      server.delete("/api/people?person=person_01", MAY_SEARCH);
      server.delete("/api/people?person=person_01", MAY_CHANGE);
      server.get("/api/people?q=person_0", "Authorization", "Bearer no-token-of-this-one");
      List<JsonObject> told = lines(file).subList(before, lines(file).size());
      assertThat(told.stream().map(OperatorsTest::brief))
          .containsExactly(
              "search POST /api/identify 200",
              "search DELETE /api/people 403",
              "change DELETE /api/people -",
              "change DELETE /api/people 200",
              "none GET /api/people 401");
      assertThat(told.get(2).get("request")).isEqualTo(told.get(3).get("request"));
      assertThat(told).allMatch(line -> line.get("client").getAsString().equals("127.0.0.1"));
      assertThat(Files.readString(file)).doesNotContain("person_0", TOKEN, SEARCH, "query", "jpg");
    }
    if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
  }

  private static String brief(JsonObject line) {
    return Stream.of("right", "method", "route", "status")
        .map(name -> line.has(name) ? line.get(name).getAsString() : "-")
        .reduce((a, b) -> a + " " + b)
        .orElseThrow();
  }

  private static List<JsonObject> lines(Path file) throws Exception {
    return Files.readAllLines(file).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  @Test
  void anAuditLogThatWasMovedAwayOrDeletedBeginsAnew() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    Path moved = folder.resolve("audit.jsonl.1");
    try (AuditLog audit = AuditLog.open(file)) {
      assertThat(audit.written("{\"n\": 1}")).isTrue();
      Files.move(file, moved);
      assertThat(audit.written("{\"n\": 2}")).isTrue();
      Files.delete(file);
      assertThat(audit.written("{\"n\": 3}")).isTrue();
      assertThat(Files.readString(moved)).isEqualTo("{\"n\": 1}\n");
      assertThat(Files.readString(file)).isEqualTo("{\"n\": 3}\n");
    }
    assertThatThrownBy(() -> AuditLog.open(folder)).hasMessageContaining("no file");
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), moved);
    assertThatThrownBy(() -> AuditLog.open(link)).hasMessageContaining("is a link");
    Files.setPosixFilePermissions(moved, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> AuditLog.open(moved)).hasMessageContaining("chmod 600");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(moved)))
        .isEqualTo("rw-r--r--");
    assertThatThrownBy(() -> AuditLog.open(folder.resolve("none/audit.jsonl")))
        .hasMessageContaining("folder of the audit log is missing");
  }

  /** {@code /dev/full} is a disk without room. */
  @Test
  void withoutRoomForTheAuditLogNothingIsAnsweredThatItMustTell() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: there is no /dev/full");
    try (FileChannel open = FileChannel.open(full, StandardOpenOption.WRITE);
        AuditLog audit = AuditLog.onChannel(open)) {
      audit.check();
      assertThat(audit.written("{}")).isFalse();
      assertThatThrownBy(audit::check)
          .isInstanceOfSatisfying(
              Problem.class, problem -> assertThat(problem.code()).isEqualTo("audit_failed"));
    }
  }

  @Test
  void aFullDiskIsNamedInTheLog() throws Exception {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "skipped: there is no /dev/full");
    IOException real = null;
    try {
      Files.write(full, new byte[1]);
    } catch (IOException e) {
      real = e;
    }
    assertThat(Failures.words(new IndexWriteException("the gallery cannot be written", real)))
        .isEqualTo("no room is left on a disk");
    assertThat(Failures.describe(new UncheckedIOException(real)))
        .startsWith("no room is left on a disk (");
    assertThat(Failures.words(new IndexWriteException("/secret/x", new IOException("gone"))))
        .isEqualTo("the gallery cannot be written");
  }

  @Test
  void whileTheAuditLogCannotBeWrittenNobodyIsAnsweredAndNothingChanges() throws Exception {
    Path file = folder.resolve("audit.jsonl");
    try (TestServer server =
        TestServer.start(folder, 1, builder -> builder.token(TOKEN).audit(file))) {
      server.awaitIndexing(MAY_CHANGE);
      Files.delete(file);
      Files.createDirectory(file); // nothing can be appended to that
      server.delete("/api/people?person=person_01", MAY_CHANGE).isProblem(503, "audit_failed");
      assertThat(server.index.size()).isEqualTo(4);
      server.get("/api/people", MAY_CHANGE).isProblem(503, "audit_failed");
      server.get("/api/people", "Authorization", "Bearer wrong").isProblem(503, "audit_failed");
      server.json("/api/session", "{\"token\": \"" + TOKEN + "\"}").isProblem(503, "audit_failed");
      server.get("/api/ready").isProblem(503, "audit_failed");
      server.get("/api/health").is(200, "Health");
      Files.delete(file);
      server.delete("/api/people?person=person_01", MAY_CHANGE).is(200, "Forgotten");
      assertThat(Files.readString(file))
          .startsWith("{\"event\":\"lines before this one are missing");
    }
  }

  @Test
  void eachAnswerIsALineWithoutNames() throws Exception {
    List<String> text = Collections.synchronizedList(new ArrayList<>());
    List<String> json = Collections.synchronizedList(new ArrayList<>());
    for (boolean isJson : new boolean[] {false, true}) {
      List<String> lines = isJson ? json : text;
      Path own = Files.createDirectory(folder.resolve("json-" + isJson));
      try (TestServer server =
          TestServer.start(own, 1, builder -> builder.requestLog(lines::add, isJson))) {
        server.awaitIndexing();
        lines.clear();
        server.get("/api/faces?person=person_01");
        server.get("/secret/person_01.jpg");
        server.get("/");
      }
    }
    assertThat(text).hasSize(3).noneMatch(line -> line.contains("person") || line.contains("jpg"));
    assertThat(text.get(0)).matches("\\S+Z #\\d+ 127.0.0.1 change GET /api/faces 200 [\\d.]+ ms");
    assertThat(text.get(1)).contains(" none GET other 404 ");
    assertThat(json).hasSize(3).noneMatch(line -> line.contains("person") || line.contains("jpg"));
    JsonObject first = JsonParser.parseString(json.get(0)).getAsJsonObject();
    assertThat(brief(first)).isEqualTo("change GET /api/faces 200");
    assertThat(first.get("millis").getAsDouble()).isPositive();
  }

  /** A clock that stands until it is moved. */
  private static final class Hands extends Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @Test
  void whatClientsAddedIsForgottenInTimeAndWhatIsInTheFolderStays() throws Exception {
    Hands clock = new Hands();
    Path audit = folder.resolve("audit.jsonl");
    try (TestServer server =
        TestServer.start(
            folder,
            1,
            builder -> builder.forgetAfter(Duration.ofDays(30)).audit(audit).clock(clock))) {
      server.awaitIndexing();
      assertThat(server.index.size()).isEqualTo(4);
      String early =
          server
              .photo("/api/faces?person=Early", TestServer.query(2))
              .is(201, "Added")
              .getAsJsonObject("face")
              .get("id")
              .getAsString();
      // A tag of somebody's own is no sign of a client.
      server.index.add(
          new EmbeddedFace(
              FaceRecord.of("own").withTag("added", 1000),
              server.index.faces().get(0).embedding()));
      clock.now = clock.now.plus(Duration.ofDays(29));
      server.photo("/api/faces?person=Late", TestServer.query(3)).is(201, "Added");
      server.retire();
      assertThat(server.index.size()).isEqualTo(7);
      assertThat(crops(server)).isEqualTo(2);
      server.get("/api/faces/" + early + "/photo"); // is in the cache of small pictures

      clock.now = clock.now.plus(Duration.ofDays(1));
      server.retire();
      assertThat(server.index.size()).isEqualTo(6);
      assertThat(crops(server)).isEqualTo(1);
      server.get("/api/faces/" + early).isProblem(404, "unknown_face");
      server.get("/api/faces/" + early + "/photo").isProblem(404, "unknown_face");
      assertThat(server.index.faces().stream().map(EmbeddedFace::face))
          .noneMatch(face -> face.person().filter("Early"::equals).isPresent())
          .anyMatch(face -> face.person().filter("Late"::equals).isPresent());

      clock.now = clock.now.plus(Duration.ofDays(3650));
    }
    try (TestServer again =
        TestServer.start(
            folder,
            0,
            builder -> builder.forgetAfter(Duration.ofDays(30)).audit(audit).clock(clock))) {
      again.awaitIndexing();
      assertThat(again.index.size()).isEqualTo(5);
      assertThat(crops(again)).isZero();
      assertThat(lines(audit).stream().filter(line -> line.has("event")))
          .hasSize(2)
          .allMatch(line -> line.get("faces").getAsInt() == 1);
    }
  }

  private static long crops(TestServer server) throws Exception {
    try (Stream<Path> files = Files.walk(server.added)) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void tellsThatItIsReadyWithoutAToken() throws Exception {
    try (TestServer server = TestServer.start(folder, 0, builder -> builder.token(TOKEN))) {
      server.get("/api/ready").is(200, "Ready"); // an empty gallery answers, too
    }
  }

  /** What a gallery on SolrCloud does while nodes are down. */
  @Test
  @Timeout(60)
  void whereTheGalleryDoesNotAnswerItIsNotReadyWithinTwoSeconds() throws Exception {
    AtomicReference<Runnable> search = new AtomicReference<>(() -> {});
    CountDownLatch back = new CountDownLatch(1);
    try (TestServer server =
        TestServer.on(
            folder,
            1,
            index -> ForgettingTest.instead(index, "search", () -> search.get().run()))) {
      search.set(
          () -> {
            throw new GalleryUnavailableException("nodes of 10.0.0.7 are down", null);
          });
      server.get("/api/ready").isProblem(503, "busy");
      TestServer.Answer answer = server.photo("/api/search", TestServer.query(1));
      answer.isProblem(503, "busy");
      assertThat(answer.text()).contains("gallery does not answer").doesNotContain("10.0.0.7");
      assertThat(answer.header("Retry-After")).isEqualTo("2");
      search.set(
          () -> {
            try {
              back.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      Thread.sleep(1000); // it is searched once a second
      String vector = "[1" + ",0".repeat(server.opened.analyzer().model().dimension() - 1) + "]";
      List<CompletableFuture<HttpResponse<Void>>> hanging = new ArrayList<>();
      for (int i = 0; i < Runtime.getRuntime().availableProcessors() + 2; i++) {
        hanging.add(
            HttpClient.newHttpClient()
                .sendAsync(
                    HttpRequest.newBuilder(server.uri("/api/search"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"vector\": " + vector + "}"))
                        .build(),
                    HttpResponse.BodyHandlers.discarding()));
      }
      for (int i = 0; i < 3; i++) {
        long start = System.nanoTime();
        answer = server.get("/api/ready");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        answer.isProblem(503, "busy");
        assertThat(answer.text()).contains("did not answer a search within 1.5 s");
      }
      search.set(() -> {});
      back.countDown();
      for (CompletableFuture<HttpResponse<Void>> each : hanging) {
        assertThat(each.join().statusCode()).isEqualTo(200);
      }
      while (server.get("/api/ready").status() != 200) {
        Thread.sleep(100);
      }
    } finally {
      back.countDown();
    }
  }

  @Test
  void noAuditLogIsAppendedToAnotherFile() throws Exception {
    Path database = folder.resolve("faces.db");
    Files.write(database, new byte[] {'S', 'Q', 'L'});
    assertThatThrownBy(() -> AuditLog.open(database)).hasMessageContaining("something else");
    assertThat(database).hasBinaryContent(new byte[] {'S', 'Q', 'L'});
  }
}
