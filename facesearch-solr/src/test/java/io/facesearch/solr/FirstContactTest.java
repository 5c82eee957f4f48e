package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Addresses that lead to no Solr are told apart, and nobody waits for them. */
@Timeout(20) // patience is a minute
class FirstContactTest {
  private static void refused(String url, String... words) {
    assertThatThrownBy(
            () -> SolrStorage.builder("faces", url).patience(Duration.ofMinutes(1)).open())
        .isInstanceOf(SolrNotFoundException.class)
        .hasMessageContainingAll("the collection faces was not found", "at " + url)
        .hasMessageContainingAll(words);
  }

  @Test
  void noHost() {
    refused("http://no-such-host.invalid:8983/solr", "there is no such host", "correct its name");
  }

  @Test
  void nothingListens() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    String url = "http://127.0.0.1:" + port + "/solr";
    refused(url, "nothing listens", "8983");
    assertThatThrownBy(
            () -> SolrStorage.builder("faces", url, "http://no-such-host.invalid/solr").open())
        .hasMessageContainingAll("at " + url + " nothing", "at http://no-such-host.invalid/solr");
  }

  /** As a ZooKeeper does. */
  @Test
  void noHttp() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                while (true) {
                  try (Socket one = socket.accept()) {
                    one.getInputStream().readNBytes(4);
                  } catch (java.io.IOException e) {
                    return;
                  }
                }
              });
      thread.start();
      refused(
          "http://127.0.0.1:" + socket.getLocalPort() + "/solr",
          "does not speak HTTP",
          "ZooKeeper");
      refused("https://127.0.0.1:" + socket.getLocalPort() + "/solr", "http");
    }
  }

  @Test
  void anotherServer() throws Exception {
    otherServer(404, "text/html", "<p>no", "not Solr (status 404)", "up to /solr");
    otherServer(200, "text/html", "<p>hello", "not Solr (status 200)", "up to /solr");
    otherServer(400, "application/json", "{}", "not Solr (status 400)", "up to /solr");
    otherServer(302, null, "", "/solr");
    otherServer(401, "text/html", "who?", "password", "sends none");
    otherServer(
        503,
        "application/json",
        "{\"error\":{\"metadata\":[\"error-class\",\"x\"],\"msg\":\"loading\"}}",
        "status 503");
  }

  private static void otherServer(int status, String type, String body, String... words)
      throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          if (type == null) {
            exchange.getResponseHeaders().set("Location", "/login");
          } else {
            exchange.getResponseHeaders().set("Content-Type", type);
          }
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      refused("http://127.0.0.1:" + server.getAddress().getPort() + "/solr", words);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void noAddress() {
    for (String wrong :
        new String[] {
          "a:8983", "ftp://S3cret", "http://x/?p=S3cret", "http://u:S3cret@x/solr", "http://[S3cret"
        }) {
      assertThatThrownBy(() -> SolrStorage.builder("faces", wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("address of a node")
          .hasMessageNotContaining("S3cret");
    }
    assertThat(SolrStorage.builder("faces", "https://a/solr")).isNotNull();
  }
}
