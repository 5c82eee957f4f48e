package io.facesearch.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
    while (honest < 6 || System.nanoTime() - start < Duration.ofSeconds(5).toNanos()) {
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

  private static InetAddress address(int... bytes) throws UnknownHostException {
    byte[] raw = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      raw[i] = (byte) bytes[i];
    }
    return InetAddress.getByAddress(raw);
  }

  @Test
  void eachGuessTakesTwiceAsLongAndFewAreHeld() {
    Guesses guesses = new Guesses();
    InetAddress here = InetAddress.getLoopbackAddress();
    List<Long> millis = new ArrayList<>();
    Guesses.Guess last = null;
    for (int i = 0; i < Guesses.MOST_HELD; i++) {
      last = guesses.begin(here);
      millis.add(last.wrong());
    }
    assertThat(millis.subList(0, 8))
        .containsExactly(250L, 500L, 1000L, 2000L, 4000L, 4000L, 4000L, 4000L);
    assertThat(millis).allMatch(time -> time > 0);
    Guesses.Guess more = guesses.begin(here);
    assertThat(more.wrong()).isEqualTo(-1);
    more.release();
    last.release();
    assertThat(guesses.begin(here).wrong()).isEqualTo(4000L);
  }

  @Test
  void tokensOfStrangersAreNotComparedWhileManyOfTheirsAreHeld() throws Exception {
    Guesses guesses = new Guesses();
    InetAddress owner = address(192, 0, 2, 1);
    guesses.begin(owner).right();
    InetAddress guesser = address(192, 0, 2, 2);
    List<Guesses.Guess> held = new ArrayList<>();
    for (int i = 0; i < Guesses.MOST_OF_ONE; i++) {
      held.add(guesses.begin(guesser));
      assertThat(held.get(i).wrong()).isPositive();
    }
    assertThat(guesses.begin(guesser)).as("no more from there").isNull();
    guesses.begin(address(192, 0, 2, 3)).right();
    held.get(0).release();
    Guesses.Guess one = guesses.begin(guesser);
    assertThat(one).as("one was answered").isNotNull();
    assertThat(guesses.begin(guesser)).isNull();

    // From many addresses, where those of one network of IPv6 are one.
    int networks = 0;
    for (int i = 0; i < 1000; i++) {
      InetAddress one6 = address(0x20, 1, 0xd, 0xb8, 0, 0, i >> 8, i, 0, 0, 0, 0, 0, 0, 0, 1);
      InetAddress same = address(0x20, 1, 0xd, 0xb8, 0, 0, i >> 8, i, 0, 0, 0, 0, 0, 0, 0, 2);
      for (int n = 0; n < Guesses.MOST_OF_ONE; n++) {
        Guesses.Guess guess = guesses.begin(n % 2 == 0 ? one6 : same);
        networks += guess == null ? 0 : 1;
      }
      assertThat(guesses.begin(same)).isNull();
    }
    assertThat(networks).isEqualTo(Guesses.MOST_OF_STRANGERS - Guesses.MOST_OF_ONE);
    // Nobody keeps those out who have shown the right one, nor this machine.
    for (int i = 0; i < 1000; i++) {
      guesses.begin(owner).right();
      guesses.begin(InetAddress.getLoopbackAddress()).right();
      guesses.begin(address(192, 0, 2, 3)).right();
    }
  }

  /** The address of this machine that is not that of the loopback. */
  private static Optional<InetAddress> outer() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(a -> a instanceof Inet4Address && !a.isLoopbackAddress())
        .findFirst();
  }

  @Test
  void fromAnotherAddressParallelGuessesAreFew() throws Exception {
    Optional<InetAddress> outer = outer();
    assumeTrue(outer.isPresent(), "this machine has an address of a network");
    try (TestServer open =
        TestServer.start(
            folder.resolve("outer"), 0, builder -> builder.host("0.0.0.0").token(TOKEN))) {
      int there = open.uri("/").getPort();
      List<Socket> sockets = new ArrayList<>();
      int compared = 0;
      try {
        for (int i = 0; i < 100; i++) {
          Socket socket = new Socket(outer.get(), there);
          sockets.add(socket);
          socket.setSoTimeout(60_000);
          String host = "GET /api/info HTTP/1.1\r\nHost: " + outer.get().getHostAddress();
          socket
              .getOutputStream()
              .write((host + "\r\nAuthorization: Bearer " + i + "\r\n\r\n").getBytes(US_ASCII));
        }
        for (Socket socket : sockets) {
          String status = new String(socket.getInputStream().readNBytes(12), US_ASCII);
          assertThat(status).isIn("HTTP/1.1 401", "HTTP/1.1 429");
          compared += status.endsWith("401") ? 1 : 0;
        }
        // Eight at once, and as many again whenever one was answered, on a slow machine.
        assertThat(compared).isBetween(Guesses.MOST_OF_ONE, 50);
        open.get("/api/info", "Authorization", "Bearer " + TOKEN).is(200, "Info");
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
  }
}
