package io.facesearch.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies are counted before they are kept, and the count is right when all are gone. */
class MemoryTest {
  private static final String HEAD =
      "POST /api/search?k=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n";

  @TempDir private Path folder;

  @Test
  void whatIsTakenIsGivenBackHoweverARequestEnds() throws Exception {
    try (TestServer server = TestServer.start(folder, 1)) {
      int port = server.uri("/").getPort();
      byte[] photo = TestServer.query(1);
      for (int round = 0; round < 5; round++) {
        byte[] junk = new byte[300_000];
        assertThat(
                Raw.once(port, HEAD + "Content-Length: " + photo.length + "\r\n", photo).status())
            .isEqualTo(200);
        assertThat(Raw.once(port, HEAD + "Content-Length: 300000\r\n", junk).status())
            .isEqualTo(422);
        try (Raw gone = new Raw(port)) {
          gone.send(HEAD + "Content-Length: 300000\r\n\r\n").send(new byte[200_000]);
        }
        try (Raw broken = new Raw(port)) {
          broken.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nzz\r\n");
          assertThat(broken.answer().status()).isEqualTo(400);
        }
        try (Raw unread = new Raw(port)) {
          unread.send(HEAD + "Content-Length: " + photo.length + "\r\n\r\n").send(photo);
        }
        String json = "{\"first\": {\"photo\": \"" + "A".repeat(400_000) + "\"}, \"second\": {}}";
        server.json("/api/verify", json).isProblem(422, "image_unreadable");
      }
      long end = System.nanoTime() + 60_000_000_000L;
      while (server.held() != 0 && System.nanoTime() < end) {
        Thread.sleep(50);
      }
      assertThat(server.held()).isZero();
    }
  }

  @Test
  void stalledUploadsMakeRoomForOnesThatArrive() throws Exception {
    try (TestServer server = TestServer.start(folder, 1)) {
      int port = server.uri("/").getPort();
      List<Raw> stalled = new ArrayList<>();
      try {
        long room = Runtime.getRuntime().maxMemory() / 4 / 4;
        for (long sent = 0; sent < 2 * room; sent += 260_000) {
          Raw raw = new Raw(port);
          stalled.add(raw);
          try {
            raw.send(HEAD + "Content-Length: 262000\r\n\r\n").send(new byte[260_000]);
          } catch (IOException e) {
            // Given up already: there are too many.
          }
        }
        assertThat(server.held()).isLessThanOrEqualTo(4 * room);
        Thread.sleep(200);
        byte[] photo = TestServer.query(1);
        for (int i = 0; i < 3; i++) {
          Raw.Answer answer =
              Raw.once(port, HEAD + "Content-Length: " + photo.length + "\r\n", photo);
          assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        }
        Raw.Answer first = stalled.get(0).answer();
        assertThat(first.status()).isEqualTo(503);
        assertThat(first.headers().get("retry-after")).isEqualTo("2");
        assertThat(new String(first.body(), StandardCharsets.UTF_8)).contains("try again");
      } finally {
        for (Raw raw : stalled) {
          raw.close();
        }
      }
    }
  }
}
