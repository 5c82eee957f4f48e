package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP where clients and standards are strict, and what to do when a client is not. */
class HttpTest {
  private static final String HOST = "Host: 127.0.0.1\r\n";

  @TempDir private static Path folder;
  private static TestServer server;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(folder, 2);
    port = server.uri("/").getPort();
  }

  @AfterAll
  static void stop() throws Exception {
    server.photo("/api/search", TestServer.query(1)).is(200, "PhotoSearch");
    server.close();
  }

  private static Raw.Answer raw(String lines) throws Exception {
    try (Raw raw = new Raw(port)) {
      return raw.send(lines).answer();
    }
  }

  private static void isProblem(Raw.Answer answer, int... statuses) {
    assertThat(statuses).as(answer.text()).contains(answer.status());
    assertThat(answer.headers().get("content-type")).isEqualTo("application/problem+json");
    Schemas.check("Problem", answer.text());
    assertNothingInternal(answer.text());
  }

  private static void assertNothingInternal(String json) {
    String detail = JsonParser.parseString(json).getAsJsonObject().get("detail").getAsString();
    assertThat(detail)
        .hasSizeGreaterThan(15)
        .doesNotContain("Exception", "java", "jetty", "null", folder.toString(), "/tmp")
        .doesNotContainPattern("[a-z]\\.[a-z]+\\.[A-Z]|[A-Z][a-z]+[A-Z][a-z]+");
  }

  // Methods

  @Test
  void headIsGetWithoutABody() throws Exception {
    String face =
        server
            .get("/api/faces?limit=1")
            .json()
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .get("id")
            .getAsString();
    for (Route route : server.routes()) {
      if (!route.method().equals("GET")) {
        continue;
      }
      for (String name : List.of("nothing", "style.css", "en.json")) {
        for (String id : List.of(face, "nothing")) {
          if (route.path().equals("/api/events")) {
            continue; // never ends
          }
          String path = route.path().replace("{id}", id).replace("{name}", name);
          Raw.Answer get = Raw.once(port, "GET " + path + " HTTP/1.1\r\n" + HOST, new byte[0]);
          try (Raw raw = new Raw(port)) {
            raw.send("HEAD " + path + " HTTP/1.1\r\n" + HOST + "\r\n");
            Raw.Answer head = raw.answer(true);
            assertThat(head.status()).as(path).isEqualTo(get.status());
            get.headers().keySet().removeAll(List.of("date", "connection"));
            head.headers().keySet().removeAll(List.of("date", "connection"));
            if (route.path().equals("/metrics")) { // other figures each time
              get.headers().remove("content-length");
              assertThat(head.headers().remove("content-length")).isNotNull();
            }
            assertThat(head.headers()).as(path).isEqualTo(get.headers());
            raw.send("GET /api/health HTTP/1.1\r\n" + HOST + "\r\n");
            assertThat(raw.answer().text()).as("no body came after HEAD").contains("UP");
          }
        }
      }
    }
    Raw.Answer events = Raw.once(port, "HEAD /api/events HTTP/1.1\r\n" + HOST, new byte[0]);
    assertThat(events.status()).isEqualTo(200);
    assertThat(events.headers().get("content-type")).isEqualTo("text/event-stream");
  }

  @Test
  void eventsAreToldWhateverIsAccepted() throws Exception {
    for (String accept :
        List.of(
            "", "Accept: */*\r\n", "Accept: text/event-stream\r\n", "Accept: text/*;q=0.1\r\n")) {
      try (Raw raw = new Raw(port)) {
        raw.send("GET /api/events HTTP/1.1\r\n" + HOST + accept + "\r\n");
        StringBuilder seen = new StringBuilder();
        byte[] buffer = new byte[1000];
        while (!seen.toString().contains("data: {")) {
          int n = raw.socket.getInputStream().read(buffer);
          assertThat(n).as(accept + seen).isPositive();
          seen.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
        assertThat(seen.toString())
            .startsWith("HTTP/1.1 200")
            .contains("Content-Type: text/event-stream")
            .contains("event: progress");
      }
    }
  }

  @Test
  void otherMethodsAreToldWhichAreAnswered() throws Exception {
    for (Route route : server.routes()) {
      String path = route.path().replace("{id}", "x").replace("{name}", "x");
      for (String method : List.of("PUT", "OPTIONS", "TRACE", "PATCH", "CONNECT", "BREW")) {
        Raw.Answer answer =
            Raw.once(port, method + " " + path + " HTTP/1.1\r\n" + HOST, new byte[0]);
        isProblem(answer, 400, 405);
        if (answer.status() == 405) {
          assertThat(answer.headers().get("allow")).contains(route.method());
        }
      }
    }
  }

  // Queries

  @Test
  void malformedQueriesAreRefused() throws Exception {
    for (String query :
        List.of(
            "k=%",
            "k=%2",
            "k=%zz",
            "%=1",
            "k=5&person=%c3",
            "person=%ff",
            "person=%ed%a0%80",
            "k=1&k=2",
            "person=a&person=a",
            "k=5&" + "x=1&".repeat(3) + "y=2")) {
      Raw.Answer answer =
          Raw.once(
              port,
              "POST /api/search?"
                  + query
                  + " HTTP/1.1\r\n"
                  + HOST
                  + "Content-Type: image/jpeg\r\nContent-Length: 1\r\n",
              new byte[] {1});
      isProblem(answer, 400);
    }
    isProblem(Raw.once(port, "GET /api/people?q=%E0%A4%A HTTP/1.1\r\n" + HOST, new byte[0]), 400);
    isProblem(Raw.once(port, "GET /%zz HTTP/1.1\r\n" + HOST, new byte[0]), 400);
    StringBuilder many = new StringBuilder("a=1");
    for (int i = 0; i < 400; i++) {
      many.append("&p").append(i).append('=').append(i);
    }
    isProblem(Raw.once(port, "GET /api/people?" + many + " HTTP/1.1\r\n" + HOST, new byte[0]), 400);
    assertThat(server.get("/api/people?q=person%5F01").json().get("total").getAsInt()).isEqualTo(1);
    assertThat(server.get("/api/people?q=a+b&&").json().get("total").getAsInt()).isZero();
    for (String k : List.of("2147483648", "-2147483649", "1e3", "%201", "0x10", "9".repeat(5000))) {
      server.photo("/api/search?k=" + k, TestServer.query(1)).isProblem(400, "bad_request");
    }
  }

  // Bodies

  @Test
  void jsonSaysEachFieldOnce() throws Exception {
    String face =
        server
            .get("/api/faces?limit=1")
            .json()
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .get("id")
            .getAsString();
    server.json("/api/search", "{\"face\": \"" + face + "\"}").is(200, "VectorSearch");
    for (String body :
        List.of(
            "{\"face\": \"" + face + "\", \"face\": \"" + face + "\"}",
            "{\"k\": 1, \"face\": \"" + face + "\", \"k\": 2}",
            "{\"k\": 1, \"face\": \"" + face + "\", \"\\u006b\": 2}",
            "{\"face\": \"" + face + "\", \"face\": null}",
            "{\"face\": null, \"face\": \"" + face + "\"}",
            "{\"face\": \"" + face + "\"} {}",
            "{\"face\": \"" + face + "\", \"k\": \"3\"}",
            "{\"face\": \"" + face + "\", \"k\": true}",
            "{\"face\": \"" + face + "\", \"k\": {}}",
            "{\"face\": \"" + face + "\",}",
            "{'face': \"" + face + "\"}",
            "{\"face\": \"" + face + "\"}x",
            "{\"face\": [\"" + face + "\"]}",
            "{\"vector\": [[1]]}",
            "{\"vector\": {\"vector\": [1]}}",
            "{\"face\": \"" + "x".repeat(100_000) + "\"}")) {
      TestServer.Answer answer = server.json("/api/search", body);
      answer.isProblem(400, "bad_request");
      assertNothingInternal(answer.text());
    }
    server
        .json("/api/verify", "{\"first\": {\"face\": \"x\", \"face\": \"y\"}, \"second\": {}}")
        .isProblem(400, "bad_request");
    // Malformed UTF-8 inside of a text that would be fine.
    byte[] bytes =
        ("{\"k\": 1, \"person\": \"?\", \"face\": \"" + face + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf('?')] = (byte) 0xff;
    server.post("/api/search", "application/json", bytes).isProblem(400, "bad_request");
  }

  @Test
  void aPhotoNeedsNoType() throws Exception {
    byte[] photo = TestServer.query(1);
    Raw.Answer answer =
        Raw.once(
            port,
            "POST /api/search?k=1 HTTP/1.1\r\n" + HOST + "Content-Length: " + photo.length + "\r\n",
            photo);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    Schemas.check("PhotoSearch", answer.text());
    server.post("/api/search?k=1", "Image/JPEG; x=y", photo).is(200, "PhotoSearch");
    server.post("/api/search?k=1", "application/octet-stream", photo).is(200, "PhotoSearch");
  }

  @Test
  void whatCurlSendsOtherwiseIsToldHowToSendIt() throws Exception {
    byte[] photo = TestServer.query(1);
    for (String type :
        List.of("multipart/form-data; boundary=x", "application/x-www-form-urlencoded")) {
      for (String path : List.of("/api/search", "/api/detect", "/api/faces")) {
        TestServer.Answer answer = server.post(path, type, photo);
        answer.isProblem(415, "wrong_type");
        assertThat(answer.json().get("detail").getAsString()).contains("--data-binary @photo.jpg");
      }
    }
    for (String encoding : List.of("gzip", "br", "deflate", "gzip, identity", "zstd")) {
      TestServer.Answer answer =
          server.post("/api/search", "image/jpeg", photo, "Content-Encoding", encoding);
      answer.isProblem(415, "wrong_type");
      assertThat(answer.json().get("detail").getAsString()).contains("Content-Encoding");
      assertThat(answer.header("Accept-Encoding")).isEqualTo("identity");
    }
    server
        .post("/api/search", "image/jpeg", photo, "Content-Encoding", "identity")
        .is(200, "PhotoSearch");
    server
        .post("/api/verify", "text/plain", "{}".getBytes(StandardCharsets.UTF_8))
        .isProblem(415, "wrong_type");
    server
        .post("/api/detect", "application/json", "{}".getBytes(StandardCharsets.UTF_8))
        .isProblem(415, "wrong_type");
  }

  @Test
  void dataUrlsAreTakenWhereTextsAre() throws Exception {
    String base64 = Base64.getEncoder().encodeToString(TestServer.query(1));
    String url = "{\"photo\": \"data:image/jpeg;base64," + base64 + "\"}";
    String plain = "{\"photo\": \"" + base64 + "\"}";
    var verified =
        server
            .json("/api/verify", "{\"first\": " + url + ", \"second\": " + plain + "}")
            .is(200, "Verified");
    assertThat(verified.get("distance").getAsDouble()).isZero();
    server
        .json(
            "/api/verify",
            "{\"first\": {\"photo\": \"data:image/svg+xml,<svg/>\"}, \"second\": " + plain + "}")
        .isProblem(400, "bad_request");
    TestServer.Answer answer =
        server.photo(
            "/api/search", ("data:image/jpeg;base64," + base64).getBytes(StandardCharsets.UTF_8));
    answer.isProblem(422, "image_unreadable");
    assertThat(answer.json().get("detail").getAsString()).contains("data: URL");
  }

  @Test
  void refusalsOfPhotosNameNothingInternal() throws Exception {
    byte[] photo = TestServer.query(1);
    for (int i = 0; i < 60; i++) {
      byte[] damaged = photo.clone();
      for (int j = 0; j < 40; j++) {
        damaged[2 + (i * 7919 + j * 104_729) % (damaged.length - 2)] ^= (byte) (1 + i);
      }
      TestServer.Answer answer = server.photo("/api/detect", damaged);
      if (answer.status() != 200) {
        answer.isProblem(422, "image_unreadable");
        assertNothingInternal(answer.text());
      }
    }
    for (byte[] wrong :
        List.of(
            new byte[0],
            new byte[] {1, 2, 3},
            "RIFF____WEBPVP8 ".getBytes(StandardCharsets.US_ASCII),
            "\0\0\0\30ftypheic".getBytes(StandardCharsets.US_ASCII))) {
      TestServer.Answer answer = server.photo("/api/detect", wrong);
      answer.isProblem(422, "image_unreadable");
      assertNothingInternal(answer.text());
    }
  }

  // Connections

  @Test
  void requestsCannotBeSmuggled() throws Exception {
    String post = "POST /api/search HTTP/1.1\r\n" + HOST + "Content-Type: application/json\r\n";
    String hidden = "GET /api/people HTTP/1.1\r\n" + HOST + "\r\n";
    for (String lengths :
        List.of(
            "Content-Length: " + (5 + hidden.length()) + "\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            "Content-Length: 2\r\nContent-Length: 3\r\n",
            "Content-Length: 2, 3\r\n",
            "Content-Length: +2\r\n",
            "Content-Length: 0x2\r\n",
            "Content-Length : 2\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding: chunked, identity\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Transfer-Encoding:\r\n chunked\r\n")) {
      try (Raw raw = new Raw(port)) {
        raw.send(post + lengths + "\r\n0\r\n\r\n" + hidden);
        Raw.Answer answer = raw.answer();
        assertThat(answer.status()).as(lengths).isIn(400, 415, 501);
        byte[] more = raw.socket.getInputStream().readAllBytes();
        assertThat(new String(more, StandardCharsets.UTF_8)).as(lengths).doesNotContain("people");
      }
    }
  }

  @Test
  void otherProtocolsAreRefused() throws Exception {
    assertThat(raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status()).isIn(400, 426, 505);
    isProblem(raw("GET / HTTP/3.0\r\n" + HOST + "\r\n"), 400, 505);
    String upgrade =
        "GET /api/events HTTP/1.1\r\n"
            + HOST
            + "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    try (Raw raw = new Raw(port)) {
      raw.send(upgrade);
      assertThat(raw.socket.getInputStream().readNBytes(12))
          .asString(StandardCharsets.US_ASCII)
          .isIn("HTTP/1.1 200", "HTTP/1.1 400", "HTTP/1.1 426"); // never 101
    }
    Raw.Answer h2c =
        Raw.once(
            port,
            "GET /api/health HTTP/1.1\r\n"
                + HOST
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
            new byte[0]);
    assertThat(h2c.status()).isIn(200, 400, 426);
  }

  @Test
  void headersHaveLimits() throws Exception {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 150; i++) {
      many.append("X").append(i).append(": 1\r\n");
    }
    isProblem(raw("GET / HTTP/1.1\r\n" + HOST + many + "\r\n"), 431);
    isProblem(raw("GET / HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(9000) + "\r\n\r\n"), 431);
    isProblem(raw("GET /" + "x".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n"), 414, 431);
    isProblem(
        raw("GET /api/people?q=" + "x".repeat(9000) + " HTTP/1.1\r\n" + HOST + "\r\n"), 414, 431);
  }

  @Test
  void headersThatAreDearToParseAreNot() throws Exception {
    StringBuilder languages = new StringBuilder("zh-hak-CN");
    for (int i = 0; languages.length() < 7500; i++) {
      languages
          .append(",x")
          .append(Integer.toString(i, 36))
          .append("-zh-cmn-Hans;q=0.")
          .append(i % 10);
    }
    for (String header :
        List.of(
            "Accept-Language: x" + "-*".repeat(3600) + "-y",
            "Accept-Language: " + languages,
            "Accept-Language: " + "a,".repeat(3700),
            "If-None-Match: \"x\"" + " ".repeat(7500) + "x",
            "Cookie: " + "a=b;".repeat(1800),
            "Accept: " + "a/b,".repeat(1800))) {
      long start = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        assertThat(server.get("/", header.split(": ", 2)).status()).isEqualTo(200);
      }
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      // Each took seconds of a processor; twenty take milliseconds.
      assertThat(time).as(header.substring(0, 20)).isLessThan(Duration.ofSeconds(15));
    }
  }

  @Test
  void whoWaitsForContinueGetsTheRefusalInstead() throws Exception {
    try (Raw raw = new Raw(port)) {
      raw.send(
          "POST /api/search HTTP/1.1\r\n"
              + HOST
              + "Content-Type: text/html\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
      byte[] first = raw.socket.getInputStream().readNBytes(12);
      assertThat(new String(first, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 415");
    }
    byte[] photo = TestServer.query(1);
    try (Raw raw = new Raw(port)) {
      raw.send(
          "POST /api/search?k=1 HTTP/1.1\r\n"
              + HOST
              + "Content-Type: image/jpeg\r\nContent-Length: "
              + photo.length
              + "\r\nExpect: 100-continue\r\n\r\n");
      assertThat(new String(raw.socket.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 100 Continue");
      assertThat(raw.send(photo).answer().status()).isEqualTo(200);
    }
    isProblem(raw("GET / HTTP/1.1\r\n" + HOST + "Expect: the-unexpected\r\n\r\n"), 400, 417);
  }

  @Test
  void whatIsRefusedByItsHeaderIsNotWaitedFor() throws Exception {
    // The whole body never comes; the answer does.
    for (String head :
        List.of(
            "POST /api/search HTTP/1.1\r\n" + HOST + "Content-Type: text/html\r\n",
            "POST /api/nothing HTTP/1.1\r\n" + HOST + "Content-Type: image/jpeg\r\n",
            "POST /api/search HTTP/1.1\r\nHost: evil.example\r\nContent-Type: image/jpeg\r\n",
            "POST /api/search HTTP/1.1\r\n"
                + HOST
                + "Origin: http://evil.example\r\nContent-Type: image/jpeg\r\n",
            "POST /api/search?k=0x HTTP/1.1\r\n"
                + HOST
                + "Content-Encoding: gzip\r\nContent-Type: image/jpeg\r\n",
            "PUT /api/search HTTP/1.1\r\n" + HOST + "Content-Type: image/jpeg\r\n")) {
      Raw.Answer answer = raw(head + "Content-Length: 16000000\r\n\r\nx");
      isProblem(answer, 400, 403, 404, 405, 415, 421);
    }
  }

  @Test
  void aConnectionGoesOnAfterARefusalThatWasSentWhole() throws Exception {
    try (Raw raw = new Raw(port)) {
      byte[] body = new byte[200_000];
      raw.send(
          "POST /api/search HTTP/1.1\r\n"
              + HOST
              + "Content-Type: text/html\r\nContent-Length: "
              + body.length
              + "\r\n\r\n");
      raw.send(body);
      assertThat(raw.answer().status()).isEqualTo(415);
      raw.send("GET /api/health HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(raw.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void chunksAreCountedHoweverSmall() throws Exception {
    byte[] photo = TestServer.query(1);
    StringBuilder chunks = new StringBuilder();
    for (byte b : photo) {
      chunks.append(chunks.length() < 100 ? "1;x=\"y\"\r\n" : "1\r\n");
      chunks.append((char) (b & 0xff)).append("\r\n");
    }
    chunks.append("0\r\nX-Trailer: Authorization\r\n\r\n");
    try (Raw raw = new Raw(port)) {
      raw.send(
          "POST /api/search?k=1 HTTP/1.1\r\n"
              + HOST
              + "Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n");
      raw.send(chunks.toString());
      Raw.Answer answer = raw.answer();
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
    isProblem(
        raw(
            "POST /api/search HTTP/1.1\r\n"
                + HOST
                + "Content-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        400);
  }

  @Test
  void aRangeIsIgnored() throws Exception {
    StringBuilder ranges = new StringBuilder("bytes=0-1");
    for (int i = 0; i < 600; i++) {
      ranges.append(",").append(i).append("-");
    }
    TestServer.Answer answer = server.get("/assets/style.css", "Range", ranges.toString());
    assertThat(answer.status()).isEqualTo(200);
  }

  @Test
  void aConnectionEndsAfterAThousandRequests() throws Exception {
    try (Raw raw = new Raw(port)) {
      String request = "GET /api/health HTTP/1.1\r\n" + HOST + "\r\n";
      for (int i = 1; i < Connections.REQUESTS; i++) {
        Raw.Answer answer = raw.send(request).answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers()).doesNotContainKey("connection");
      }
      assertThat(raw.send(request).answer().headers().get("connection")).isEqualTo("close");
      assertThat(raw.socket.getInputStream().read()).isNegative();
    }
  }

  @Test
  void theOldestStreamOfEventsMakesRoom() throws Exception {
    List<Raw> streams = new ArrayList<>();
    try {
      for (int i = 0; i <= Events.MAX_CLIENTS; i++) {
        Raw raw = new Raw(port).send("GET /api/events HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(raw.socket.getInputStream().readNBytes(12))
            .asString(StandardCharsets.US_ASCII)
            .isEqualTo("HTTP/1.1 200");
        streams.add(raw);
      }
      // The first one comes to its end; the last goes on.
      byte[] first = streams.get(0).socket.getInputStream().readNBytes(100_000);
      assertThat(new String(first, StandardCharsets.UTF_8))
          .contains("data: ")
          .endsWith("0\r\n\r\n");
    } finally {
      for (Raw raw : streams) {
        raw.close();
      }
    }
  }

  @Test
  void jsonHasLimits() throws Exception {
    long start = System.nanoTime();
    String numbers = "{\"first\": {\"vector\": [" + "1,".repeat(90_000) + "1]}, \"second\": {}}";
    TestServer.Answer answer = server.json("/api/verify", numbers);
    answer.isProblem(400, "bad_request");
    assertThat(answer.json().get("detail").getAsString()).contains("16384");
    server.json("/api/verify", "{\"first\": ".repeat(10_000)).isProblem(400, "bad_request");
    server
        .json(
            "/api/verify", "{\"first\": {\"face\": \"" + "x".repeat(9000) + "\"}, \"second\": {}}")
        .isProblem(400, "bad_request");
    server
        .json("/api/verify", "{\"first\": {\"vector\": [" + "1".repeat(100_000) + "]}}")
        .isProblem(400, "bad_request");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
  }
}
