package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
      server.awaitHeld(held -> held == 0);
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
        byte[] photo = TestServer.query(1);
        int answered = 0;
        long end = System.nanoTime() + 60_000_000_000L;
        while (answered < 3) {
          Raw.Answer answer =
              Raw.once(port, HEAD + "Content-Length: " + photo.length + "\r\n", photo);
          if (answer.status() == 200) {
            answered++;
          } else { // what has just been sent may be arriving still
            assertThat(answer.status()).as(answer.text()).isEqualTo(503);
            assertThat(System.nanoTime()).as(answer.text()).isLessThan(end);
          }
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

  @Test
  void whatNeverFitsIsRefusedBeforeItIsReadAndTheLargestThatIsAllowedFits() throws Exception {
    int wanted = 256 << 20; // more than a quarter of the heap here
    try (TestServer server = TestServer.start(folder, 0, builder -> builder.maxUpload(wanted))) {
      int port = server.uri("/").getPort();
      Limits limits = new Limits(wanted, 1_000_000, Duration.ofSeconds(30));
      assertThat(limits.uploadBytes()).as("of a heap of some GiB").isLessThan(wanted);
      assertThat(server.get("/api/info").json().getAsJsonObject("limits").get("uploadBytes"))
          .as("told")
          .isEqualTo(new JsonPrimitive(limits.uploadBytes()));
      String photo = "POST /api/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/jpeg\r\n";
      String json =
          "POST /api/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
      refusedAtOnce(port, photo, limits.uploadBytes());
      refusedAtOnce(port, json, limits.jsonBytes());

      String before = "{\"first\": {\"photo\": \"";
      String after = "\"}, \"second\": {}}";
      Raw.Answer text = largest(port, json, before, 'A', after, limits.jsonBytes());
      assertThat(text.status()).as(text.text()).isEqualTo(422);
      server.awaitHeld(held -> held == 0); // given back after the answer
      Raw.Answer junk = largest(port, photo, "", 'x', "", limits.uploadBytes());
      assertThat(junk.status()).as(junk.text()).isEqualTo(422);
      server.awaitHeld(held -> held == 0);
    }
  }

  private static void refusedAtOnce(int port, String head, int most) throws IOException {
    try (Raw raw = new Raw(port)) {
      Raw.Answer answer = raw.send(head + "Content-Length: " + (most + 1L) + "\r\n\r\n").answer();
      assertThat(answer.status()).as("nothing was sent").isEqualTo(413);
      assertThat(answer.text()).contains("expected at most " + most + " bytes", "heap");
    }
  }

  /** A body of that size, sent in pieces. */
  private static Raw.Answer largest(
      int port, String head, String before, char filling, String after, int size)
      throws IOException {
    try (Raw raw = new Raw(port)) {
      raw.send(head + "Content-Length: " + size + "\r\n\r\n").send(before);
      byte[] piece = new byte[1 << 20];
      Arrays.fill(piece, (byte) filling);
      int rest = size - before.length() - after.length();
      for (; rest > piece.length; rest -= piece.length) {
        raw.send(piece);
      }
      raw.send(Arrays.copyOf(piece, rest)).send(after);
      return raw.answer();
    }
  }
}
