package io.facesearch.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceIndex;
import io.facesearch.index.FaceStore;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code serve} as a process of its own, stopped as Ctrl-C does. */
@Tag("slow")
class ServeCommandTest {
  private static final Path QUERIES =
      Path.of("src/main/resources/io/facesearch/examples/samples/queries");

  @TempDir private Path folder;

  /** A running server. */
  private record Served(Process process, URI url) implements AutoCloseable {
    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
      return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws Exception {
      return send(HttpRequest.newBuilder(url.resolve(path)));
    }

    @Override
    public void close() throws Exception {
      process.destroy(); // SIGTERM
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(process.exitValue()).as("as it should, while it still indexes").isZero();
    }
  }

  private Process start(Object... args) throws IOException {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Djava.io.tmpdir=" + temporary,
                FaceSearchCommand.class.getName(),
                "serve"));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(new File(folder.toFile(), "stderr.txt"));
    // Not as an argument: it is longer than some machines let one argument be.
    builder
        .environment()
        .put(
            "CLASSPATH",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    return builder.start();
  }

  private Served serve(Object... args) throws Exception {
    Process process = start(args);
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line)
        .as(Files.readString(folder.resolve("stderr.txt")))
        .startsWith("facesearch is at http://");
    return new Served(process, URI.create(line.split(" ")[3]));
  }

  @Test
  void anIndexFileKeepsWhatIsAdded() throws Exception {
    Path index = folder.resolve("faces.fsx");
    keepsWhatIsAdded(index, () -> SigmoidTreeIndex.load(index).size());
  }

  @Test
  void anEncryptedStoreKeepsWhatIsAdded() throws Exception {
    Path index = folder.resolve("store");
    byte[] key = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    keepsWhatIsAdded(
        index,
        () -> {
          try (FaceIndex store = FaceStore.builder(index).key(key).open()) {
            return store.size();
          }
        },
        "--key-file",
        Files.write(folder.resolve("key"), key));
  }

  private void keepsWhatIsAdded(Path index, Callable<Integer> size, Object... more)
      throws Exception {
    Object[] args =
        Stream.concat(Stream.of("--port", 0, "--index", index), Stream.of(more)).toArray();
    Path photos = index.resolveSibling(index.getFileName() + ".photos");
    try (Served served = serve(args)) {
      HttpResponse<String> added =
          served.send(
              HttpRequest.newBuilder(served.url().resolve("/api/faces?person=Ann"))
                  .header("Content-Type", "image/jpeg")
                  .POST(HttpRequest.BodyPublishers.ofFile(QUERIES.resolve("person_01.jpg"))));
      assertThat(added.statusCode()).isEqualTo(201);
    }
    assertThat(size.call()).isEqualTo(1);
    try (Stream<Path> files = Files.list(photos)) {
      assertThat(files).hasSize(1);
    }
    try (Served served = serve(args)) {
      assertThat(served.get("/api/people").body()).contains("\"Ann\"");
      HttpResponse<String> forgotten =
          served.send(
              HttpRequest.newBuilder(served.url().resolve("/api/people?person=Ann")).DELETE());
      assertThat(forgotten.body()).contains("\"photosDeleted\":1");
    }
    assertThat(size.call()).isZero();
    try (Stream<Path> files = Files.list(photos)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void theSamplesAreServedAndLeaveNothingBehind() throws Exception {
    try (Served served = serve("--port", 0)) {
      assertThat(served.get("/").body()).contains("<title>facesearch</title>");
      HttpResponse<String> info = served.get("/api/info");
      assertThat(info.body()).contains("several.jpg", "\"kept\":false");
      assertThat(served.get("/api/samples/several.jpg").statusCode()).isEqualTo(200);
    }
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(
              name -> name.startsWith("facesearch-samples") || name.startsWith("facesearch-added"));
    }
  }
}
