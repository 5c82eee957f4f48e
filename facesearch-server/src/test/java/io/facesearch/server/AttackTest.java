package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with a heap of 512 MiB is attacked, with and without the token, and meanwhile asked
 * honestly. {@code -Dfacesearch.test.attackSeconds=20} attacks for longer, {@code
 * -Dfacesearch.test.attacks=TEXT} only by those whose name has the text, and {@code
 * -Dfacesearch.test.strict=true} wants every honest answer within one second, which a machine that
 * does other things at once cannot promise; otherwise half of them must come within five, or five
 * times what they took before.
 */
@Tag("slow")
class AttackTest {
  private static final String TOKEN = "the-token-of-this-test";
  private static final double SECONDS =
      Double.parseDouble(System.getProperty("facesearch.test.attackSeconds", "1.2"));
  private static final boolean STRICT = Boolean.getBoolean("facesearch.test.strict");
  private static final String NAMES = System.getProperty("facesearch.test.attacks", "");

  @TempDir private Path folder;
  private int port;
  private String vector;

  /** Seconds that honest requests took; those that failed count as a minute. */
  private record Times(String what, List<Double> seconds, TreeSet<String> failures) {
    double median() {
      double[] sorted = seconds.stream().mapToDouble(s -> s).sorted().toArray();
      return sorted[sorted.length / 2];
    }

    double worst() {
      return seconds.stream().mapToDouble(s -> s).max().orElseThrow();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s %d: median %.3f s, worst %.3f s %s",
          what,
          seconds.size(),
          median(),
          worst(),
          failures.isEmpty() ? "" : failures);
    }
  }

  @Test
  void honestRequestsAreAnsweredUnderEveryAttack() throws Exception {
    Process process = serve();
    try (BufferedReader out = process.inputReader()) {
      String line = out.readLine();
      assertThat(line)
          .as(Files.readString(folder.resolve("stderr.txt")))
          .startsWith("facesearch is at ");
      port = URI.create(line.split(" ")[3]).getPort();
      vector = vector();
      measure(3); // warm
      List<Times> calm = measure(2);
      System.out.println("calm: " + calm);
      List<String> late = new ArrayList<>();
      for (Map.Entry<String, Attacks.Attack> attack : Attacks.all().entrySet()) {
        if (!attack.getKey().contains(NAMES)) {
          continue;
        }
        List<Times> times = attacked(attack.getValue());
        System.out.println(attack.getKey() + ": " + times);
        for (int i = 0; i < times.size(); i++) {
          Times one = times.get(i);
          double limit = STRICT ? 1 : Math.max(5, 5 * calm.get(i).worst());
          if (!(STRICT ? one.worst() < limit : one.median() < limit)) {
            late.add(attack.getKey() + ": " + one);
          }
        }
        assertThat(process.isAlive()).as(attack.getKey()).isTrue();
      }
      assertThat(late).isEmpty();
      assertThat(Files.readString(folder.resolve("stderr.txt"))).doesNotContain("OutOfMemory");
    } finally {
      process.destroy();
      if (!process.waitFor(40, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /** Serves the sample faces until it is killed. */
  static final class Serves {
    private Serves() {}

    public static void main(String[] args) throws Exception {
      Gallery gallery = Gallery.inMemory();
      FolderSource photos = PhotoSource.folder(TestServer.SAMPLES.resolve("gallery"));
      FaceServer server =
          FaceServer.builder(gallery)
              .photos(photos)
              .port(0)
              .token(TOKEN)
              .samples(TestServer.samples())
              .start();
      System.out.println("facesearch is at " + server.url());
      new CountDownLatch(1).await();
    }
  }

  private Process serve() throws IOException {
    ProcessBuilder builder =
        ChildJvm.of(folder, "512m", Serves.class)
            .redirectError(folder.resolve("stderr.txt").toFile());
    return builder.start();
  }

  private List<Times> attacked(Attacks.Attack attack) throws Exception {
    List<Thread> attackers = new ArrayList<>();
    List<Attacks> all = List.of(new Attacks(port, TOKEN), new Attacks(port, ""));
    for (Attacks one : all) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  attack.run(one);
                } catch (Exception e) {
                  System.out.println("an attacker gave up: " + e);
                }
              });
      thread.setDaemon(true);
      thread.start();
      attackers.add(thread);
    }
    try {
      Thread.sleep(300);
      return measure(SECONDS);
    } finally {
      for (Attacks one : all) {
        one.stop();
      }
      for (Thread thread : attackers) {
        thread.join(10_000);
      }
    }
  }

  /** One health, one vector and one photo request a second, or as soon as the last is answered. */
  private List<Times> measure(double seconds) throws Exception {
    Map<String, Callable<Raw.Answer>> honest = new LinkedHashMap<>();
    byte[] photo = TestServer.query(1);
    honest.put(
        "health",
        () -> Raw.once(port, "GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\n", new byte[0]));
    honest.put(
        "vector",
        () -> post("/api/search", "application/json", vector.getBytes(StandardCharsets.UTF_8)));
    honest.put("photo", () -> post("/api/search?k=3", "image/jpeg", photo));
    List<Times> times = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    honest.forEach(
        (what, request) -> {
          Times mine = new Times(what, new ArrayList<>(), new TreeSet<>());
          times.add(mine);
          Thread thread = new Thread(() -> ask(request, seconds, mine));
          thread.start();
          threads.add(thread);
        });
    for (Thread thread : threads) {
      thread.join();
    }
    return times;
  }

  private static void ask(Callable<Raw.Answer> request, double seconds, Times times) {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    do {
      long start = System.nanoTime();
      try {
        Raw.Answer answer = request.call();
        if (answer.status() == 200) {
          times.seconds().add((System.nanoTime() - start) / 1e9);
        } else {
          times.seconds().add(60.0);
          times.failures().add(answer.status() + " " + answer.text());
        }
      } catch (Exception e) {
        times.seconds().add(60.0);
        times.failures().add(e.toString());
      }
      try {
        Thread.sleep(
            Math.max(
                0,
                (long) (Math.min(1, seconds / 3) * 1000)
                    - (System.nanoTime() - start) / 1_000_000));
      } catch (InterruptedException e) {
        return;
      }
    } while (System.nanoTime() < end);
  }

  private Raw.Answer post(String path, String type, byte[] body) throws IOException {
    return Raw.once(
        port,
        "POST "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
            + TOKEN
            + "\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + body.length
            + "\r\n",
        body);
  }

  private String vector() throws IOException {
    Raw.Answer answer = post("/api/detect", "image/jpeg", TestServer.query(1));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return "{\"vector\": "
        + JsonParser.parseString(answer.text())
            .getAsJsonObject()
            .getAsJsonArray("faces")
            .get(0)
            .getAsJsonObject()
            .get("vector")
        + "}";
  }
}
