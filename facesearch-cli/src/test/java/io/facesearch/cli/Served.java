package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The command {@code serve} as a process of its own, stopped as Ctrl-C does. */
record Served(Process process, URI url) implements AutoCloseable {
  /** Starts one whose errors go to {@code stderr.txt} in the folder. */
  static Process process(Path folder, Object... args) throws IOException {
    String[] words =
        Stream.concat(Stream.of("serve"), Stream.of(args))
            .map(Object::toString)
            .toArray(String[]::new);
    return Commands.child(folder, FaceSearchCommand.class.getName(), words)
        .redirectError(folder.resolve("stderr.txt").toFile())
        .start();
  }

  /** Starts one, and waits until it listens. */
  static Served start(Path folder, Object... args) throws Exception {
    Process process = process(folder, args);
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line)
        .as(Files.readString(folder.resolve("stderr.txt")))
        .startsWith("facesearch is at http://");
    return new Served(process, URI.create(line.split(" ")[3]));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws Exception {
    return send(HttpRequest.newBuilder(url.resolve(path)));
  }

  HttpResponse<String> delete(String path) throws Exception {
    return send(HttpRequest.newBuilder(url.resolve(path)).DELETE());
  }

  HttpResponse<String> post(String path, String type, byte[] body) throws Exception {
    return send(
        HttpRequest.newBuilder(url.resolve(path))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
  }

  @Override
  public void close() throws Exception {
    process.destroy(); // SIGTERM
    assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("it ends").isTrue();
    assertThat(process.exitValue()).as("as it should, while it still indexes").isZero();
  }
}
