package io.facesearch.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.SilentCloseable;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.facesearch.Gallery;
import io.facesearch.server.FaceServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Whatever is sent gets an answer that is no failure of the server. */
class RestFuzzTest {
  private static final List<String> ROUTES =
      List.of(
          "POST /api/search?k=3 application/json",
          "POST /api/search?k=3 image/jpeg",
          "POST /api/verify application/json",
          "POST /api/detect image/png",
          "POST /api/faces?person=Ann image/jpeg");

  private static Gallery gallery;
  private static FaceServer server;

  @BeforeAll
  static void start() throws IOException {
    gallery = Gallery.inMemory();
    server = FaceServer.builder(gallery).port(0).start();
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    gallery.close();
  }

  /** The first byte chooses the route. */
  @FuzzTest(maxDuration = "30m")
  void bodies(byte[] bytes) throws IOException {
    if (bytes.length > 0) {
      String[] route = ROUTES.get((bytes[0] & 0xff) % ROUTES.size()).split(" ");
      byte[] body = Arrays.copyOfRange(bytes, 1, bytes.length);
      String head =
          "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(route[0], route[1], route[2], body.length);
      assertNoFailure(head.getBytes(StandardCharsets.US_ASCII), body);
    }
  }

  /** What follows the slash of a request is any bytes. */
  @FuzzTest(maxDuration = "30m")
  void requests(byte[] bytes) throws IOException {
    assertNoFailure("GET /".getBytes(StandardCharsets.US_ASCII), bytes);
  }

  private static void assertNoFailure(byte[] head, byte[] body) throws IOException {
    URI uri = URI.create(server.url());
    try (SilentCloseable allowed =
            BugDetectors.allowNetworkConnections((host, port) -> port == uri.getPort());
        Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      byte[] answer;
      try {
        out.write(head);
        out.write(body);
        out.flush();
        socket.shutdownOutput();
        answer = in.readNBytes(12);
      } catch (IOException closed) {
        return; // The server has closed, as it may.
      }
      String status = new String(answer, StandardCharsets.ISO_8859_1);
      if (status.startsWith("HTTP/1.1 5")) {
        // Too much at once; a version of HTTP that there is not.
        assertThat(status).isIn("HTTP/1.1 503", "HTTP/1.1 505");
      }
    }
  }
}
