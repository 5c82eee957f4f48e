package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers may send: each is answered with a reason, and the server goes on. */
class HostileUploadsTest {
  private static final int MAX = 300_000;

  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server =
        TestServer.start(
            folder,
            1,
            builder -> builder.limits(new Limits(MAX, 1_000_000, Duration.ofSeconds(2))));
    server.awaitIndexing();
  }

  @AfterAll
  static void stop() throws Exception {
    server.get("/api/health").is(200, "Health");
    server.photo("/api/search", TestServer.query(1)).is(200, "PhotoSearch");
    server.close();
  }

  private static void refused(byte[] body) throws Exception {
    for (String path : List.of("/api/search", "/api/detect", "/api/faces?person=x")) {
      server.photo(path, body).isProblem(422, "image_unreadable");
    }
  }

  @Test
  void whatIsNoPhotoIsRefused() throws Exception {
    byte[] noise = new byte[20_000];
    new Random(7).nextBytes(noise);
    refused(noise);
    refused(new byte[0]);
    refused("<script>alert(1)</script>".getBytes(StandardCharsets.UTF_8));
    refused("<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8));
    byte[] photo = TestServer.query(1);
    refused(Arrays.copyOf(photo, photo.length / 2));
  }

  @Test
  void aSmallFileOfAHugePictureIsRefused() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream png = new DataOutputStream(bytes);
    png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
    byte[] header = new byte[17];
    System.arraycopy("IHDR".getBytes(StandardCharsets.US_ASCII), 0, header, 0, 4);
    header[5] = 1; // 65,536 x 65,536 pixels
    header[9] = 1;
    header[12] = 8;
    header[13] = 2;
    CRC32 crc = new CRC32();
    crc.update(header);
    png.writeInt(13);
    png.write(header);
    png.writeInt((int) crc.getValue());
    server.photo("/api/search", bytes.toByteArray()).isProblem(422, "image_unreadable");
  }

  @Test
  void largeBodiesAreRefusedWithOrWithoutALength() throws Exception {
    byte[] large = new byte[MAX + 1];
    server.photo("/api/search", large).isProblem(413, "upload_too_large");
    TestServer.Answer chunked =
        server.send(
            HttpRequest.newBuilder(server.uri("/api/search"))
                .header("Content-Type", "image/jpeg")
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(large))));
    chunked.isProblem(413, "upload_too_large");
    server
        .json("/api/search", "{\"vector\": [" + "1,".repeat(150_000) + "1]}")
        .isProblem(413, "upload_too_large");
    server.json("/api/verify", " ".repeat(2 * MAX)).isProblem(413, "upload_too_large");
    server
        .json("/api/session", "{\"token\": \"" + "x".repeat(MAX) + "\"}")
        .isProblem(413, "upload_too_large");
  }

  @Test
  void aLengthThatIsALieIsRefusedBeforeMemoryIsTaken() throws Exception {
    String head =
        "POST /api/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
            + "Connection: close\r\nContent-Length: ";
    assertThat(server.raw(head + "9000000000000000000\r\n\r\n")).startsWith("HTTP/1.1 413");
    assertThat(server.raw(head + "-5\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(server.raw(head + "99999999999999999999999\r\n\r\n")).startsWith("HTTP/1.1 4");
  }

  @Test
  void anUploadByDropsIsStopped() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.uri("/").getPort())) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /api/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
                  + "Content-Length: 10000\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      long start = System.nanoTime();
      while (in.available() == 0) {
        out.write('x');
        out.flush();
        Thread.sleep(100);
        assertThat(System.nanoTime() - start).isLessThan(60_000_000_000L);
      }
      byte[] answer = new byte[12];
      assertThat(in.readNBytes(answer, 0, 12)).isEqualTo(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 408");
    }
  }

  @Test
  void anUploadThatEndsEarlyHarmsNobody() throws Exception {
    for (int i = 0; i < 50; i++) {
      try (Socket socket = new Socket("127.0.0.1", server.uri("/").getPort())) {
        socket
            .getOutputStream()
            .write(
                ("POST /api/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n"
                        + "Content-Length: 10000\r\n\r\nxxxx")
                    .getBytes(StandardCharsets.US_ASCII));
      }
    }
    server.photo("/api/search", TestServer.query(1)).is(200, "PhotoSearch");
  }

  @Test
  void jsonOfNonsenseIsRefused() throws Exception {
    for (String body :
        List.of(
            "",
            "null",
            "[]",
            "{",
            "{\"vector\": [NaN]}",
            "{\"vector\": [1,]}",
            "{\"a\":".repeat(50_000),
            "{\"vector\": [1], \"vector\": [2]}",
            "\0\0\0")) {
      server.json("/api/search", body).isProblem(400, "bad_request");
    }
    server
        .post("/api/search", "application/json", new byte[] {'{', '"', (byte) 0xff, '"'})
        .isProblem(400, "bad_request");
    server.post("/api/search", "application/xml", new byte[0]).isProblem(415, "wrong_type");
    server
        .send(
            HttpRequest.newBuilder(server.uri("/api/search"))
                .POST(HttpRequest.BodyPublishers.ofString("{}")))
        .isProblem(422, "image_unreadable"); // without a type it may be a photo
  }

  @Test
  void pathsLeadNowhereElse() throws Exception {
    String end = " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    for (String path :
        List.of(
            "/assets/../openapi.json",
            "/assets/..%2fopenapi.json",
            "/assets/%2e%2e/openapi.json",
            "/assets/..%5copenapi.json",
            "/assets/messages/../../openapi.json",
            "/assets/../../../../../../../etc/passwd",
            "//etc/passwd",
            "/assets//etc/passwd",
            "/assets/style.css%00.js",
            "/assets/style.css;x",
            "/api/samples/..%2f..%2frates.json",
            "/api/samples/%252e%252e%252frates.json",
            "/assets/",
            "/assets",
            "/WEB-INF/web.xml",
            "/META-INF/MANIFEST.MF")) {
      assertThat(server.raw("GET " + path + end)).as(path).startsWith("HTTP/1.1 4");
    }
    for (String id :
        List.of(
            "../../../../etc/passwd",
            "a../../../../etc/passwd",
            "g../secret.jpg#0",
            "i/etc/passwd",
            "z",
            "\0")) {
      String key =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(id.getBytes(StandardCharsets.UTF_8));
      for (String path : List.of("/api/faces/" + key, "/api/faces/" + key + "/photo")) {
        assertThat(server.get(path).status()).as(id).isEqualTo(404);
      }
      assertThat(server.delete("/api/faces/" + key).status()).isIn(404, 405);
    }
    server.get("/api/faces/zzz").isProblem(404, "unknown_face");
    server.get("/api/faces/***").isProblem(404, "not_found");
    assertThat(server.raw("GET /api/faces/%zz" + end)).startsWith("HTTP/1.1 400");
    assertThat(server.raw("NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(server.raw("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + "x".repeat(100_000) + end))
        .startsWith("HTTP/1.1 431");
  }

  @Test
  void namesAreTextNowhereElse() throws Exception {
    String name = "<img src=x onerror=alert(1)>";
    String query = URLEncoder.encode(name, StandardCharsets.UTF_8);
    server.photo("/api/faces?person=" + query, TestServer.query(1)).is(201, "Added");
    TestServer.Answer people = server.get("/api/people?q=%3Cimg");
    assertThat(people.header("Content-Type")).isEqualTo("application/json");
    assertThat(people.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(people.json().getAsJsonArray("people").get(0).getAsJsonObject().get("name"))
        .hasToString("\"" + name + "\"");
    server.delete("/api/people?person=" + query).is(200, "Forgotten");
  }
}
