package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import io.facesearch.spi.GalleryStorage;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies in many pieces, and what a gallery tells when it cannot be written or filled. */
class BodiesTest {
  private static final String HEAD = "HTTP/1.1\r\nHost: 127.0.0.1\r\n";

  @TempDir private Path folder;

  @Test
  void chunksOfOneByteTakeNoMoreMemoryThanWhatTheyHold() throws Exception {
    try (TestServer server = TestServer.start(folder, 1)) {
      byte[] chunks = "1\r\n \r\n".repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
      int clients = 8;
      int thousands = 250;
      List<Raw> senders = new ArrayList<>();
      try {
        long before = used();
        for (int i = 0; i < clients; i++) {
          Raw raw = new Raw(server.uri("/").getPort());
          senders.add(raw);
          raw.send("POST /api/session " + HEAD + "Content-Type: application/json\r\n")
              .send("Transfer-Encoding: chunked\r\n\r\n");
          for (int n = 0; n < thousands; n++) {
            raw.send(chunks);
          }
        }
        // What was sent may be on its way still: all of it must be held while memory is measured.
        long sent = 1000L * clients * thousands;
        server.awaitHeld(held -> held >= sent);
        long taken = used() - before;
        assertThat(server.held()).as("held, of " + sent).isBetween(sent, 2 * sent);
        // An array for each chunk would take 24 bytes and more for every byte.
        assertThat(taken).as("taken, where " + sent + " are held").isLessThan(20 << 20);
      } finally {
        for (Raw raw : senders) {
          raw.close();
        }
      }
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void aPhotoInSmallChunksIsReadAsItWasSent() throws Exception {
    try (TestServer server = TestServer.start(folder, 1)) {
      byte[] photo = TestServer.query(1);
      String head = "POST /api/search?k=1 " + HEAD + "Content-Type: image/jpeg\r\n";
      int port = server.uri("/").getPort();
      for (int size : new int[] {1, 7, 1000, 8191, 8192, 8193, photo.length}) {
        try (Raw raw = new Raw(port)) {
          raw.send(head + "Transfer-Encoding: chunked\r\n\r\n");
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          for (int at = 0; at < photo.length; at += size) {
            int n = Math.min(size, photo.length - at);
            all.writeBytes((Integer.toHexString(n) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            all.write(photo, at, n);
            all.writeBytes(new byte[] {'\r', '\n'});
          }
          all.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
          Raw.Answer answer = raw.send(all.toByteArray()).answer();
          assertThat(answer.status()).as("chunks of " + size + answer.text()).isEqualTo(200);
          assertThat(answer.text()).contains("person_01");
        }
      }
      assertThat(Raw.once(port, head + "Content-Length: " + photo.length + "\r\n", photo).text())
          .contains("person_01");
    }
  }

  @Test
  void aLargePhotoOfTheGalleryIsShown() throws Exception {
    Path person = folder.resolve("gallery-" + folder.getFileName()).resolve("Ann");
    Files.createDirectories(person);
    BufferedImage photo = ImageIO.read(new ByteArrayInputStream(TestServer.query(1)));
    int side = 2100; // more pixels than the lane of small photos takes
    BufferedImage large = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = large.createGraphics();
    g.drawImage(photo, 0, 0, side, side, null);
    g.dispose();
    ImageIO.write(large, "jpg", person.resolve("large.jpg").toFile());
    try (TestServer server = TestServer.start(folder, 0)) {
      JsonArray faces = server.get("/api/faces").json().getAsJsonArray("faces");
      assertThat(faces).isNotEmpty();
      String id = faces.get(0).getAsJsonObject().get("id").getAsString();
      TestServer.Answer shown = server.get("/api/faces/" + id + "/photo");
      assertThat(shown.status()).as(shown.text()).isEqualTo(200);
      assertThat(shown.header("Content-Type")).isEqualTo("image/jpeg");
    }
  }

  @Test
  void anAddedPhotoThatCannotBeWrittenIsNotStored() throws Exception {
    try (TestServer server = TestServer.start(folder, 1)) {
      Files.deleteIfExists(server.added);
      Files.writeString(server.added, "a file where the folder should be");
      server.photo("/api/faces", TestServer.query(2)).isProblem(507, "not_stored");
    }
  }

  @Test
  void indexingThatEndsInAnErrorHasFailedAndNamesNoClass() throws Exception {
    try (TestServer server =
        TestServer.startOn(
            folder,
            1,
            index ->
                (GalleryStorage)
                    Proxy.newProxyInstance(
                        GalleryStorage.class.getClassLoader(),
                        new Class<?>[] {GalleryStorage.class},
                        (proxy, method, args) -> {
                          if (method.getName().equals("addAll")
                              || method.getName().equals("replaceAll")) {
                            throw new OutOfMemoryError("as if");
                          }
                          return method.invoke(index, args);
                        }))) {
      String info = "";
      for (int i = 0; i < 600 && !info.contains("\"failed\""); i++) {
        Thread.sleep(100);
        info = server.get("/api/info").text();
      }
      assertThat(info).contains("\"failed\"").contains("\"reason\"");
      assertThat(info).doesNotContain("OutOfMemory").doesNotContain("BodiesTest");
    }
  }
}
