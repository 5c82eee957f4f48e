package io.facesearch.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token is compared as it is, and guessing it takes time. */
class TokenTest {
  private static final String TOKEN = "A-Token-of-this-Test";
  private static final String GET = "GET /api/info HTTP/1.1\r\nHost: 127.0.0.1\r\n";

  @TempDir private static Path folder;
  private static TestServer server;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(folder, 1, builder -> builder.token(TOKEN));
    server.awaitIndexing("Authorization", "Bearer " + TOKEN);
    port = server.uri("/").getPort();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static String bearer(String token) {
    return GET + "Authorization: Bearer " + token + "\r\n\r\n";
  }

  @Test
  void theCaseOfATokenMattersOnAConnectionThatHasSeenTheRightOne() throws Exception {
    try (Raw raw = new Raw(port)) {
      for (String wrong : List.of(TOKEN.toLowerCase(Locale.ROOT), TOKEN.toUpperCase(Locale.ROOT))) {
        assertThat(raw.send(bearer(TOKEN)).answer().status()).isEqualTo(200);
        assertThat(raw.send(bearer(TOKEN)).answer().status()).isEqualTo(200);
        assertThat(raw.send(bearer(wrong)).answer().status()).as(wrong).isEqualTo(401);
        assertThat(raw.send(bearer(TOKEN)).answer().status()).isEqualTo(200);
      }
    }
    String cookie =
        server.json("/api/session", "{\"token\": \"" + TOKEN + "\"}").header("Set-Cookie");
    String pair = cookie.substring(0, cookie.indexOf(';'));
    String wrong = pair.substring(0, 20) + pair.substring(20).toUpperCase(Locale.ROOT);
    assertThat(wrong).isNotEqualTo(pair);
    try (Raw raw = new Raw(port)) {
      String end = "\r\n\r\n";
      assertThat(raw.send(GET + "Cookie: " + pair + end).answer().status()).isEqualTo(200);
      assertThat(raw.send(GET + "Cookie: " + wrong + end).answer().status()).isEqualTo(401);
    }
  }

  @Test
  void guessingIsSlowAndNobodyIsKeptOut() throws Exception {
    AtomicInteger guesses = new AtomicInteger();
    AtomicInteger right = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      boolean session = t % 2 == 0;
      Thread thread =
          new Thread(
              () -> {
                while (!stop.get()) {
                  try {
                    int status =
                        session
                            ? server
                                .json("/api/session", "{\"token\": \"" + guesses + "\"}")
                                .status()
                            : server
                                .get("/api/info", "Authorization", "Bearer " + guesses)
                                .status();
                    guesses.incrementAndGet();
                    right.addAndGet(status == 401 || status == 429 ? 0 : 1);
                  } catch (Exception e) {
                    return;
                  }
                }
              });
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    long start = System.nanoTime();
    int honest = 0;
    while (System.nanoTime() - start < Duration.ofSeconds(5).toNanos()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(server.uri("/api/info")).timeout(Duration.ofSeconds(60)).GET();
      server.send(request, "Authorization", "Bearer " + TOKEN).is(200, "Info");
      server.json("/api/session", "{\"token\": \"" + TOKEN + "\"}");
      honest++;
      Thread.sleep(100);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    stop.set(true);
    assertThat(right).hasValue(0);
    assertThat(honest).as("the token is taken at once").isGreaterThan(5);
    assertThat(guesses.get() / seconds).as("guesses a second, once 745").isLessThan(20);
    for (Thread thread : threads) {
      thread.join(20_000);
    }
  }

  @Test
  void aRequestIsOneGuess() throws Exception {
    String wrong = "Authorization: Bearer another-token-than-this\r\n";
    try (Raw raw = new Raw(port)) {
      String right = "Authorization: Bearer " + TOKEN + "\r\n\r\n";
      assertThat(raw.send(GET + wrong.repeat(80) + right).answer().status()).isEqualTo(400);
    }
  }

  @Test
  void withoutAnyTokenTheAnswerComesAtOnceAndIsNoGuess() throws Exception {
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      assertThat(server.get("/api/info").status()).isEqualTo(401);
    }
    // Held back as guesses they would take more than six minutes.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(2));
  }

  @Test
  void eachGuessTakesTwiceAsLongAndFewAreHeld() {
    Guesses guesses = new Guesses();
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      millis.add(guesses.hold(null));
    }
    assertThat(millis).containsExactly(250L, 500L, 1000L, 2000L, 4000L, 4000L, 4000L, 4000L);
    for (int i = 8; i < Guesses.MOST_HELD; i++) {
      assertThat(guesses.hold(null)).isPositive();
    }
    assertThat(guesses.hold(null)).isEqualTo(-1);
    guesses.release();
    assertThat(guesses.hold(null)).isEqualTo(4000L);
  }
}
