package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is answered: names of the server, origins, tokens. */
class GuardTest {
  private static final String TOKEN = "a-token-of-this-test";
  private static final String BEARER = "Bearer " + TOKEN;

  @TempDir private static Path folder;
  private static TestServer open;
  private static TestServer closed;

  @BeforeAll
  static void start() throws Exception {
    open = TestServer.start(folder.resolve("open"), 0);
    closed = TestServer.start(folder.resolve("closed"), 1, builder -> builder.token(TOKEN));
    closed.awaitIndexing("Authorization", BEARER);
  }

  @AfterAll
  static void stop() throws Exception {
    open.close();
    closed.close();
  }

  private static int statusOf(String host, String more) throws Exception {
    String answer =
        open.raw("GET /api/info HTTP/1.1\r\n" + host + more + "Connection: close\r\n\r\n");
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  @Test
  void onlyNamesOfThisServerAreAnswered() throws Exception {
    int port = open.uri("/").getPort();
    assertThat(statusOf("Host: 127.0.0.1:" + port + "\r\n", "")).isEqualTo(200);
    assertThat(statusOf("Host: LOCALHOST:" + port + "\r\n", "")).isEqualTo(200);
    assertThat(statusOf("Host: [::1]:" + port + "\r\n", "")).isEqualTo(200);
    for (String host :
        List.of("evil.example", "evil.example:" + port, "127.0.0.1.evil.example", "10.0.0.1")) {
      assertThat(statusOf("Host: " + host + "\r\n", "")).as(host).isEqualTo(421);
    }
    assertThat(statusOf("", "")).isEqualTo(400);
    assertThat(open.raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .as("not even the page")
        .startsWith("HTTP/1.1 421");
  }

  @Test
  void pagesOfOtherOriginsAreRefused() throws Exception {
    String host = "Host: 127.0.0.1:" + open.uri("/").getPort() + "\r\n";
    for (String site : List.of("cross-site", "same-site")) {
      open.get("/api/info", "Sec-Fetch-Site", site).isProblem(403, "foreign_origin");
      open.delete("/api/people?person=x", "Sec-Fetch-Site", site).isProblem(403, "foreign_origin");
    }
    assertThat(open.get("/api/info", "Sec-Fetch-Site", "same-origin").status()).isEqualTo(200);
    assertThat(open.get("/api/info", "Sec-Fetch-Site", "none").status()).isEqualTo(200);
    assertThat(statusOf(host, "Origin: https://evil.example\r\n")).isEqualTo(403);
    assertThat(statusOf(host, "Origin: null\r\n")).isEqualTo(403);
    assertThat(statusOf(host, "Origin: http://127.0.0.1:1\r\n")).isEqualTo(403);
    assertThat(statusOf(host, "Origin: http://127.0.0.1:" + open.uri("/").getPort() + "\r\n"))
        .isEqualTo(200);
    // A link may lead to a document here, a form may not send to it.
    assertThat(
            open.get("/api/info", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
                .status())
        .isEqualTo(200);
    open.post(
            "/api/verify",
            "application/json",
            new byte[] {'{', '}'},
            "Sec-Fetch-Site",
            "cross-site",
            "Sec-Fetch-Mode",
            "navigate")
        .isProblem(403, "foreign_origin");
  }

  @Test
  void thereIsNoCors() throws Exception {
    TestServer.Answer answer =
        open.send(
            HttpRequest.newBuilder(open.uri("/api/search"))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()),
            "Access-Control-Request-Method",
            "POST",
            "Origin",
            "http://127.0.0.1:" + open.uri("/").getPort());
    assertThat(answer.status()).isGreaterThanOrEqualTo(400);
    assertThat(answer.response().headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
    assertThat(open.get("/api/info").response().headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control"));
  }

  @Test
  void withATokenNoDataComeWithoutIt() throws Exception {
    for (Route route : closed.routes()) {
      String path = route.path().replace("{id}", "x").replace("{name}", "x");
      TestServer.Answer answer =
          closed.send(
              HttpRequest.newBuilder(closed.uri(path))
                  .method(route.method(), HttpRequest.BodyPublishers.noBody()));
      if (List.of("/api/health", "/api/ready", "/api/session", "/api/openapi.json", "/")
              .contains(path)
          || path.startsWith("/assets/")) {
        assertThat(answer.status()).as(path).isNotEqualTo(401);
      } else {
        answer.isProblem(401, "token_needed");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
      }
    }
    closed.get("/api/info", "Authorization", BEARER).is(200, "Info");
    closed.get("/api/info", "Authorization", BEARER + "x").isProblem(401, "token_needed");
    closed.get("/api/info", "Authorization", "Bearer ").isProblem(401, "token_needed");
    closed.get("/api/info", "Authorization", "Basic " + TOKEN).isProblem(401, "token_needed");
    closed.get("/api/info", "Cookie", "facesearch_session=" + TOKEN).isProblem(401, "token_needed");
    assertThat(closed.get("/").status()).as("the page, which asks for it").isEqualTo(200);
  }

  @Test
  void aBrowserGetsACookieForTheToken() throws Exception {
    closed.json("/api/session", "{\"token\": \"not the token\"}").isProblem(401, "wrong_token");
    closed.json("/api/session", "{}").isProblem(401, "wrong_token");
    TestServer.Answer answer = closed.json("/api/session", "{\"token\": \"" + TOKEN + "\"}");
    assertThat(answer.status()).isEqualTo(204);
    String cookie = answer.header("Set-Cookie");
    assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(TOKEN);
    String pair = cookie.substring(0, cookie.indexOf(';'));
    closed.get("/api/info", "Cookie", pair).is(200, "Info");
  }

  @Test
  void beyondThisMachineATokenIsNeeded() {
    for (String host : List.of("0.0.0.0", "::", "192.0.2.1")) {
      assertThatThrownBy(() -> new Guard(host, List.of(), null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("needs a token");
      new Guard(host, List.of(), TOKEN, null);
    }
    for (String host : List.of("127.0.0.1", "127.1.2.3", "::1", "localhost")) {
      new Guard(host, List.of(), null, null);
    }
    assertThatThrownBy(() -> new Guard("127.0.0.1", List.of(), "short", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 16");
  }

  @Test
  void onAllAddressesTheServerIsKnownByAddressesAndAllowedNames() throws Exception {
    try (TestServer everywhere =
        TestServer.start(
            folder.resolve("everywhere"),
            0,
            builder ->
                builder.host("0.0.0.0").token(TOKEN).allowedHosts(List.of("faces.example")))) {
      String rest = "\r\nAuthorization: " + BEARER + "\r\nConnection: close\r\n\r\n";
      for (String host : List.of("192.0.2.7:80", "faces.example", "faces.example:443")) {
        assertThat(everywhere.raw("GET /api/info HTTP/1.1\r\nHost: " + host + rest))
            .startsWith("HTTP/1.1 200");
      }
      assertThat(everywhere.raw("GET /api/info HTTP/1.1\r\nHost: evil.example" + rest))
          .startsWith("HTTP/1.1 421");
    }
  }
}
