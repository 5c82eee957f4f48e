package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
  @TempDir private Path folder;

  @Test
  void indexingIsToldWhileTheGalleryIsSearched() throws Exception {
    try (TestServer server = TestServer.start(folder, 24, builder -> builder)) {
      HttpResponse<InputStream> stream =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(server.uri("/api/events"))
                      .header("Accept", "text/event-stream")
                      .build(),
                  HttpResponse.BodyHandlers.ofInputStream());
      assertThat(stream.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/event-stream");
      CompletableFuture<List<JsonObject>> listening =
          CompletableFuture.supplyAsync(() -> readUntilDone(stream.body()));
      int found = 0;
      while (!listening.isDone()) {
        JsonObject answer =
            server.photo("/api/search?k=200", TestServer.query(1)).is(200, "PhotoSearch");
        int now = TestServer.people(answer).size();
        found = now < 96 ? Math.max(found, now) : found;
      }
      List<JsonObject> told = listening.get();
      JsonObject last = told.get(told.size() - 1);
      assertThat(last.get("faces").getAsInt()).isEqualTo(96);
      assertThat(last.getAsJsonObject("indexing").get("filesDone").getAsInt()).isEqualTo(96);
      assertThat(told.stream().map(t -> t.get("faces").getAsInt())).isSorted();
      assertThat(told).as("told while it runs").hasSizeGreaterThan(1);
      assertThat(found).as("found before all are indexed").isBetween(1, 95);
    }
  }

  private static List<JsonObject> readUntilDone(InputStream stream) {
    List<JsonObject> told = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      String line;
      String state = "";
      while (!state.equals("done") && (line = lines.readLine()) != null) {
        if (line.startsWith("data: ")) {
          Schemas.check("Progress", line.substring(6));
          JsonObject progress = JsonParser.parseString(line.substring(6)).getAsJsonObject();
          told.add(progress);
          state = progress.getAsJsonObject("indexing").get("state").getAsString();
        }
      }
      return told;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whenever a browser comes, and however late it reads. */
  @Test
  void everyStreamTellsTheLastState() throws Exception {
    try (TestServer server = TestServer.start(folder, 12, builder -> builder)) {
      int clients = 30;
      List<InputStream> streams = new ArrayList<>();
      List<AtomicReference<JsonObject>> last = new ArrayList<>();
      List<Thread> readers = new ArrayList<>();
      HttpClient browser = HttpClient.newHttpClient();
      try {
        while (streams.size() < clients) {
          InputStream stream =
              browser
                  .send(
                      HttpRequest.newBuilder(server.uri("/api/events")).build(),
                      HttpResponse.BodyHandlers.ofInputStream())
                  .body();
          streams.add(stream);
          last.add(new AtomicReference<>());
          int client = readers.size();
          Thread reader = new Thread(() -> follow(stream, last.get(client)), "reader");
          reader.setDaemon(true);
          readers.add(reader);
          if (client % 3 != 0) { // the others read when all is over
            reader.start();
          }
        }
        server.awaitIndexing();
        for (int person = 1; person <= 5; person++) {
          server.delete("/api/people?person=person_0" + person).is(200, "Forgotten");
        }
        for (int client = 0; client < clients; client++) {
          if (client % 3 == 0) {
            readers.get(client).start();
          }
        }
        long end = System.nanoTime() + 60_000_000_000L;
        for (AtomicReference<JsonObject> told : last) {
          while (told.get() == null
              || told.get().get("faces").getAsInt() != 28
              || !told.get()
                  .getAsJsonObject("indexing")
                  .get("state")
                  .getAsString()
                  .equals("done")) {
            assertThat(System.nanoTime()).as("told last: " + told).isLessThan(end);
            Thread.sleep(10);
          }
        }
      } finally {
        for (InputStream stream : streams) {
          stream.close();
        }
      }
    }
  }

  private static void follow(InputStream stream, AtomicReference<JsonObject> last) {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      for (String line; (line = lines.readLine()) != null; ) {
        if (line.startsWith("data: ")) {
          last.set(JsonParser.parseString(line.substring(6)).getAsJsonObject());
        }
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void aPersonWhoIsForgottenWhileTheFolderIsIndexedStaysForgotten() throws Exception {
    try (TestServer server = TestServer.start(folder, 24, builder -> builder)) {
      while (server.get("/api/people?q=person_01").json().get("total").getAsInt() == 0) {
        Thread.sleep(5);
      }
      for (String person : List.of("person_01", "person_24")) {
        server.delete("/api/people?person=" + person);
      }
      server.awaitIndexing();
      assertThat(server.get("/api/people").json().get("total").getAsInt()).isEqualTo(22);
    }
  }
}
