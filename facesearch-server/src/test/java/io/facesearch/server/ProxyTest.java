package io.facesearch.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Behind a real nginx with TLS, set up by {@code docs/deploy/nginx.conf}. */
@Tag("slow")
@Timeout(180)
class ProxyTest {
  private static final String TOKEN = "the-token-behind-a-proxy";

  @TempDir private Path folder;

  private static int run(Path folder, String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("commands.txt").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(String.join(" ", command)).isTrue();
    return process.exitValue();
  }

  private static boolean has(Path folder, String... command) throws Exception {
    try {
      return run(folder, command) == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void answersOverTlsAndKeepsItsRules() throws Exception {
    assumeTrue(has(folder, "nginx", "-v"), "skipped: there is no nginx");
    assumeTrue(has(folder, "openssl", "version"), "skipped: there is no openssl");
    String[] certificate =
        ("openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2"
                + " -subj /CN=localhost -addext subjectAltName=DNS:localhost")
            .split(" ");
    assertThat(run(folder, certificate)).isZero();
    try (TestServer server = TestServer.start(folder, 1, builder -> builder.token(TOKEN))) {
      server.awaitIndexing("Authorization", "Bearer " + TOKEN);
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      Process nginx = start(server, port);
      try {
        check(URI.create("https://localhost:" + port), nginx);
      } finally {
        nginx.destroy();
        nginx.waitFor();
      }
    }
    assertThat(Files.readString(folder.resolve("error.log"))).doesNotContain("person");
  }

  /** Starts it with the file of the docs, of which places, names and ports are changed. */
  private Process start(TestServer server, int port) throws Exception {
    String site =
        Files.readString(Path.of("../docs/deploy/nginx.conf"))
            .replace("listen 443 ", "listen 127.0.0.1:" + port + " ")
            .replace("server_name faces.example.org", "server_name localhost")
            .replace("/etc/ssl/faces.example.org.pem", folder.resolve("cert.pem").toString())
            .replace("/etc/ssl/private/faces.example.org.key", folder.resolve("key.pem").toString())
            .replace("/var/log/nginx/error.log", folder.resolve("error.log").toString())
            .replace("127.0.0.1:8080", server.uri("/").getAuthority());
    Files.writeString(folder.resolve("site.conf"), site);
    StringBuilder http = new StringBuilder();
    for (String kind : List.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")) {
      http.append(kind).append("_temp_path ").append(folder.resolve(kind)).append("; ");
    }
    Path file = folder.resolve("nginx.conf");
    Files.writeString(
        file,
        "daemon off; pid %s; error_log %s crit; events {} http { %sinclude %s; }"
            .formatted(
                folder.resolve("nginx.pid"),
                folder.resolve("error.log"),
                http,
                folder.resolve("site.conf")));
    return new ProcessBuilder(
            "nginx", "-e", folder.resolve("error.log").toString(), "-c", "" + file)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("nginx.txt").toFile())
        .start();
  }

  private void check(URI proxy, Process nginx) throws Exception {
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trusting()).build();
    List<Integer> first = new ArrayList<>();
    for (long end = System.nanoTime() + 20_000_000_000L; first.isEmpty(); ) {
      try {
        first.add(status(client, HttpRequest.newBuilder(proxy.resolve("/"))));
      } catch (IOException e) {
        assertThat(nginx.isAlive()).as(Files.readString(folder.resolve("nginx.txt"))).isTrue();
        assertThat(System.nanoTime()).as("nginx does not answer").isLessThan(end);
        Thread.sleep(50);
      }
    }
    assertThat(first).containsExactly(200);
    assertThat(status(client, HttpRequest.newBuilder(proxy.resolve("/api/info")))).isEqualTo(401);
    HttpRequest.Builder info = authorized(proxy.resolve("/api/info"));
    assertThat(status(client, info.copy())).isEqualTo(200);
    assertThat(status(client, info.copy().header("Origin", "https://evil.example"))).isEqualTo(403);
    HttpResponse<String> who =
        client.send(
            photo(proxy, TestServer.query(1)).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(who.body()).contains("person_01");
    assertThat(statusOfLength(proxy, (16 << 20) + 1)).startsWith("HTTP/1.1 413 ");
    try (InputStream events =
        client
            .send(
                authorized(proxy.resolve("/api/events")).build(),
                HttpResponse.BodyHandlers.ofInputStream())
            .body()) {
      assertThat(new String(events.readNBytes(15), UTF_8)).isEqualTo("event: progress");
    }
  }

  /** The first line of the answer to a photo that is only announced. */
  private String statusOfLength(URI proxy, int length) throws Exception {
    try (Socket socket = trusting().getSocketFactory().createSocket("localhost", proxy.getPort())) {
      socket.setSoTimeout(30_000);
      String head =
          "POST /api/identify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
              + TOKEN
              + "\r\nContent-Type: image/jpeg\r\nContent-Length: "
              + length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  private static HttpRequest.Builder authorized(URI uri) {
    return HttpRequest.newBuilder(uri)
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + TOKEN);
  }

  private static HttpRequest.Builder photo(URI proxy, byte[] body) {
    return authorized(proxy.resolve("/api/identify"))
        .header("Content-Type", "image/jpeg")
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private static int status(HttpClient client, HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  /** Trusts the certificate alone. */
  private SSLContext trusting() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream pem = Files.newInputStream(folder.resolve("cert.pem"))) {
      trusted.setCertificateEntry(
          "proxy", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, factory.getTrustManagers(), null);
    return context;
  }
}
