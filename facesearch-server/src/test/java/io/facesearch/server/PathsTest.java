package io.facesearch.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** However a path is spelled, nothing is answered without the token that needs it. */
class PathsTest {
  private static final String TOKEN = "a-token-of-this-test";
  private static final Set<Integer> REFUSALS = Set.of(400, 401, 403, 404);

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

  private static int status(String method, String target, String host, boolean token)
      throws IOException {
    String head =
        method
            + " "
            + target
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\n"
            + (token ? "Authorization: Bearer " + TOKEN + "\r\n" : "")
            + (method.equals("POST")
                ? "Content-Type: application/json\r\nContent-Length: 2\r\n"
                : "");
    try {
      return Raw.once(port, head, (method.equals("POST") ? "{}" : "").getBytes(UTF_8)).status();
    } catch (EOFException e) {
      return 400; // closed without an answer, as what is no HTTP may be
    }
  }

  private static Map<String, String> variants(String path) {
    String rest = path.substring(1);
    int last = path.lastIndexOf('/') + 1;
    StringBuilder allEncoded = new StringBuilder("/");
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      allEncoded.append(c == '/' ? "/" : "%%%02x".formatted((int) c));
    }
    Map<String, String> variants = new LinkedHashMap<>();
    variants.put("as it is", path);
    variants.put("slash", path + "/");
    variants.put("two slashes at the end", path + "//");
    variants.put("two slashes first", "/" + path);
    variants.put("two slashes inside", path.substring(0, last) + "/" + path.substring(last));
    variants.put("three slashes everywhere", path.replace("/", "///"));
    variants.put("dot segment first", "/." + path);
    variants.put("dot segment inside", path.substring(0, last) + "./" + path.substring(last));
    variants.put("dot segment at the end", path + "/.");
    variants.put("there and back", path + "/x/..");
    variants.put("open and back", "/api/health/../.." + path);
    variants.put("asset and back", "/assets/.." + path);
    variants.put("parameter", path + ";x");
    variants.put("parameter with value", path + ";jsessionid=1");
    variants.put("parameter first", "/;x" + path);
    variants.put("parameter inside", path.substring(0, last) + ";/" + path.substring(last));
    variants.put("open as parameter", path + ";/api/health");
    variants.put("upper case", path.toUpperCase(Locale.ROOT));
    variants.put(
        "title case", "/" + rest.substring(0, 1).toUpperCase(Locale.ROOT) + rest.substring(1));
    variants.put("letters encoded", allEncoded.toString());
    variants.put("letters encoded, upper", allEncoded.toString().toUpperCase(Locale.ROOT));
    variants.put("letters encoded twice", allEncoded.toString().replace("%", "%25"));
    variants.put("slashes encoded", "/" + rest.replace("/", "%2f"));
    variants.put("first slash encoded", "%2f" + rest);
    variants.put("slash encoded at the end", path + "%2F");
    variants.put("backslash", path.replace('/', '\\'));
    variants.put("backslash encoded", "/" + rest.replace("/", "%5c"));
    variants.put("dot encoded", path + "/%2e");
    variants.put("dots encoded", "/assets/%2e%2e" + path);
    variants.put("dots encoded twice", "/assets/%252e%252e" + path);
    variants.put("one dot encoded", "/assets/.%2E" + path);
    variants.put("dot at the end", path + ".");
    variants.put("dots at the end", path + "...");
    variants.put("extension", path + ".json");
    variants.put("zero", path + "%00");
    variants.put("blank", path + "%20");
    variants.put("line", path + "%0a");
    variants.put("overlong slash", "/" + rest.replace("/", "%c0%af"));
    variants.put("unicode escape", path + "%u002f");
    variants.put("wide letters", path.replace("a", "%ef%bd%81"));
    variants.put("broken escape", path + "%z");
    variants.put("cut escape", path + "%2");
    variants.put("query", path + "?");
    variants.put("query of a path", path + "?/api/health");
    variants.put("fragment", path + "#/api/health");
    variants.put("without slash", rest);
    variants.put("absolute", "http://127.0.0.1:" + port + path);
    variants.put("absolute without port", "http://127.0.0.1" + path);
    variants.put("absolute, other scheme", "https://127.0.0.1:" + port + path);
    variants.put("absolute, other host", "http://evil.example" + path);
    variants.put("absolute with user", "http://x@127.0.0.1:" + port + path);
    variants.put("absolute with slash", "http://127.0.0.1:" + port + path + "/");
    return variants;
  }

  @Test
  void noSpellingOfAPathNeedsLessThanTheToken() throws Exception {
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    String host = "127.0.0.1:" + port;
    for (Route route : server.routes()) {
      if (!route.needsToken()) {
        continue;
      }
      String path = route.path().replace("{id}", "x").replace("{name}", "person_01.jpg");
      for (Map.Entry<String, String> variant : variants(path).entrySet()) {
        for (String method : List.of(route.method(), "GET", "HEAD", "get", "OPTIONS", "PATCH")) {
          int status = status(method, variant.getValue(), host, false);
          asked++;
          // 421: an absolute target names another server.
          if (!REFUSALS.contains(status) && status != 421) {
            wrong.add(method + " " + variant.getKey() + ": " + variant.getValue() + " " + status);
          }
        }
      }
    }
    assertThat(asked).isGreaterThan(2000);
    assertThat(wrong).isEmpty();
  }

  @Test
  void otherHostsAreRefusedWithAndWithoutTheToken() throws Exception {
    for (String host :
        List.of(
            "evil.example",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "",
            "[::1",
            "127.1")) {
      for (boolean token : new boolean[] {false, true}) {
        assertThat(status("GET", "/api/info", host, token)).as(host).isIn(400, 421);
        assertThat(status("GET", "/metrics", host, token)).as(host).isIn(400, 421);
      }
    }
    assertThat(status("GET", "/api/info", "127.0.0.1\r\nHost: evil.example", true)).isIn(400, 421);
    assertThat(status("GET", "/metrics", "LOCALHOST.", true)).isIn(400, 421);
  }

  @Test
  void equalSpellingsAreAnsweredAlikeAndOthersByNobody() throws Exception {
    String host = "127.0.0.1:" + port;
    Set<String> equal =
        Set.of("as it is", "query", "letters encoded", "letters encoded, upper", "absolute");
    for (Route route : server.routes()) {
      if (!route.method().equals("GET")
          || route.path().contains("{")
          || route.path().equals("/")
          || route.path().equals("/api/events")) {
        continue;
      }
      for (Map.Entry<String, String> variant : variants(route.path()).entrySet()) {
        if (variant.getValue().equals(route.path()) && !variant.getKey().equals("as it is")) {
          continue; // it has nothing of that kind
        }
        int status = status("GET", variant.getValue(), host, true);
        if (equal.contains(variant.getKey())) {
          assertThat(status).as(variant.toString()).isEqualTo(200);
        } else if (!variant.getKey().equals("query of a path")
            && !variant.getKey().startsWith("absolute")
            && !variant.getKey().equals("fragment")) {
          assertThat(status).as(variant.toString()).isIn(400, 404);
        }
      }
    }
  }
}
