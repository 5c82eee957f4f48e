package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing leaves the machine, and no file is touched that docs/PLATFORMS.md does not name: the
 * commands as processes of their own, with a command line of 100 kB, an empty home and an empty
 * temporary folder, watched by strace. In CI it must not be skipped.
 */
@Tag("slow")
class SystemCallsTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();
  private static final int COMMAND_LINE = 100_000;

  @TempDir private Path folder;

  private Path home;
  private Path temporary;
  private Path work;
  private Path photos;

  /**
   * All that is written to the temporary folder (the second is empty, and ONNX Runtime's): no photo
   * is, not even for a moment.
   */
  private static final Pattern NATIVE =
      Pattern.compile("(facesearch-native-|onnxruntime-java)[\\w.-]+");

  @BeforeEach
  void makes() throws IOException {
    boolean strace =
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "strace")));
    if (System.getenv("CI") != null) {
      assertThat(strace).as("strace is installed (.ci/run does it)").isTrue();
    }
    assumeTrue(strace, "no strace here: skipped");
    folder = folder.toRealPath();
    home = Files.createDirectory(folder.resolve("home"));
    temporary = Files.createDirectory(folder.resolve("tmp"));
    work = Files.createDirectory(folder.resolve("work"));
    photos = Files.createDirectory(folder.resolve("photos"));
    for (int person = 1; person <= 8; person++) {
      String name = "person_0" + person;
      Files.createDirectory(photos.resolve(name));
      for (String photo : List.of("photo_1.jpg", "photo_2.jpg")) {
        Path from = SAMPLES.resolve("gallery").resolve(name).resolve(photo);
        Files.copy(from, photos.resolve(name).resolve(photo));
      }
    }
  }

  private Process start(Path log, Object... args) throws IOException {
    StringBuilder classPath =
        new StringBuilder(
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    for (int i = 0; classPath.length() < COMMAND_LINE; i++) {
      classPath.append(File.pathSeparator).append("/opt/application/lib/some-library-");
      classPath.append(i).append(".jar");
    }
    List<String> command = new ArrayList<>(List.of("strace", "-o", log.toString()));
    command.addAll(SystemCalls.OPTIONS);
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx512m",
            "-Djava.io.tmpdir=" + temporary,
            "-Duser.home=" + home,
            "-cp",
            classPath.toString(),
            FaceSearchCommand.class.getName()));
    for (Object arg : args) {
      command.add(arg.toString());
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectError(work.resolve("stderr.txt").toFile());
    builder.environment().put("HOME", home.toString());
    builder.environment().remove("DJL_CACHE_DIR");
    builder.environment().remove("XDG_CACHE_HOME");
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    return builder.start();
  }

  private void run(Path log, Object... args) throws Exception {
    Process process = start(log, args);
    try (BufferedReader out = process.inputReader()) {
      List<String> lines = out.lines().toList();
      assertThat(process.waitFor())
          .as("%s %s", lines, Files.readString(work.resolve("stderr.txt")))
          .isZero();
    }
  }

  private void check(Path log, Path... further) throws IOException {
    List<Path> named = new ArrayList<>(List.of(further));
    named.add(work);
    for (String line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
      Matcher library = NATIVE.matcher(line);
      if (library.find()) {
        named.add(temporary.resolve(library.group()));
      }
    }
    // The JVM's own, as docs/PLATFORMS.md says; it cannot be moved, only switched off.
    named.add(Path.of("/tmp/hsperfdata_" + System.getProperty("user.name")));
    assertThat(SystemCalls.count(log)).as("something was watched").isGreaterThan(1000);
    assertThat(SystemCalls.beyondThisMachine(log)).isEmpty();
    assertThat(SystemCalls.changesOutside(log, work, named)).isEmpty();
    assertThat(temporary).as("left in the temporary folder").isEmptyDirectory();
  }

  @Test
  void indexSearchServe() throws Exception {
    Path query = SAMPLES.resolve("queries/person_01.jpg");
    Path indexed = folder.resolve("index.strace");
    run(indexed, "index", "--photos", photos, "--gallery", "store");
    check(indexed);
    Path log = folder.resolve("search.strace");
    run(log, "search", query, "--gallery", "store");
    check(log);
    assertThat(home).isEmptyDirectory();

    Path served = folder.resolve("serve.strace");
    Process process = start(served, "serve", "--gallery", "store", "--port", 0);
    try {
      URI url = null;
      BufferedReader out = process.inputReader();
      for (String line = out.readLine(); line != null && url == null; line = out.readLine()) {
        int at = line.indexOf("http://");
        url = at < 0 ? null : URI.create(line.substring(at).strip().split(" ", -1)[0]);
        if (url != null) {
          break;
        }
      }
      assertThat(url).as(Files.readString(work.resolve("stderr.txt"))).isNotNull();
      for (String route : List.of("/api/search?k=3", "/api/identify")) {
        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(url.resolve(route))
                        .header("Content-Type", "image/jpeg")
                        .POST(HttpRequest.BodyPublishers.ofFile(query))
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("person_01");
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroy); // SIGTERM to the JVM, not to strace
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    check(served);
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void train() throws Exception {
    Path log = folder.resolve("train.strace");
    run(
        log,
        "train",
        "distill",
        "--photos",
        photos,
        "--chips",
        "faces.fsc",
        "--out",
        "model.safetensors",
        "--size",
        32,
        "--steps",
        2,
        "--batch",
        4,
        "--threads",
        1,
        "--validation-share",
        0.3,
        "--false-accept-rate",
        0.1);
    check(log, temporary, home.resolve(".djl.ai"), home.resolve(".java"));
    assertThat(work.resolve("model.safetensors")).isRegularFile();
  }
}
