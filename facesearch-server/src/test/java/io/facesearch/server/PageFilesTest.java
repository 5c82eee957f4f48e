package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.facesearch.Decision;
import io.facesearch.FaceQuality;
import io.facesearch.SearchPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the page, as they are served and as they are written. */
class PageFilesTest {
  private static final Path PAGE = Path.of("src/main/resources/io/facesearch/server/page");

  @TempDir private static Path folder;
  private static TestServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start(folder, 0);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void thePageComesInTheLanguageOfTheBrowser() throws Exception {
    for (Map.Entry<String, String> entry :
        Map.of(
                "vi", "vi",
                "vi-VN,vi;q=0.9,en;q=0.8", "vi",
                "fr,vi;q=0.5,en;q=0.2", "vi",
                "en-US,en;q=0.9,vi;q=0.8", "en",
                "fr", "en",
                ";;;q=", "en")
            .entrySet()) {
      TestServer.Answer answer = server.get("/", "Accept-Language", entry.getKey());
      assertThat(answer.text()).contains("<html lang=\"" + entry.getValue() + "\">");
      assertThat(answer.header("Content-Language")).isEqualTo(entry.getValue());
      assertThat(answer.header("Vary")).contains("Accept-Language");
    }
    assertThat(server.get("/").text()).contains("<html lang=\"en\">");
  }

  @Test
  void allFilesAreServedWithTypesAndTags() throws Exception {
    try (Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = PAGE.relativize(file).toString();
        if (name.equals("index.html")) {
          continue;
        }
        TestServer.Answer answer = server.get("/assets/" + name);
        assertThat(answer.status()).as(name).isEqualTo(200);
        assertThat(answer.response().body()).isEqualTo(Files.readAllBytes(file));
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        TestServer.Answer again =
            server.get("/assets/" + name, "If-None-Match", answer.header("ETag"));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.response().body()).isEmpty();
      }
    }
  }

  @Test
  void nothingIsInlineAndNothingComesFromElsewhere() throws Exception {
    TestServer.Answer page = server.get("/");
    assertThat(page.header("Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe", "http", "*");
    assertThat(page.text())
        .doesNotContainPattern("<script(?![^>]* src=)")
        .doesNotContainPattern("(?i)<style|\\sstyle=|\\son[a-z]+=");
    try (Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file).replace("http://www.w3.org/", ""))
            .as(file.toString())
            .doesNotContain("http://", "https://", "innerHTML", "eval(", "@import", "url(");
      }
    }
  }

  /** Nothing is built or shrunk: what is read here is what is sent. */
  @Test
  void thePageIsSmall() throws Exception {
    try (Stream<Path> files = Files.walk(PAGE)) {
      long bytes = 0;
      for (Path file : files.filter(f -> f.toString().matches(".*\\.(html|css|js)")).toList()) {
        bytes += Files.size(file);
      }
      assertThat(bytes).as("HTML, CSS and JavaScript").isBetween(10_000L, 150_000L);
    }
  }

  private static JsonObject messages(String language) throws Exception {
    return JsonParser.parseString(Files.readString(PAGE.resolve("messages/" + language + ".json")))
        .getAsJsonObject();
  }

  private static Map<String, Set<String>> placeholders(JsonObject messages) {
    Map<String, Set<String>> result = new TreeMap<>();
    for (Map.Entry<String, JsonElement> entry : messages.entrySet()) {
      Set<String> names = new TreeSet<>();
      Matcher matcher = Pattern.compile("\\{(\\w+)\\}").matcher(entry.getValue().toString());
      while (matcher.find()) {
        names.add(matcher.group(1));
      }
      result.put(entry.getKey(), names);
    }
    return result;
  }

  @Test
  void bothLanguagesHaveTheSameTexts() throws Exception {
    JsonObject english = messages("en");
    JsonObject vietnamese = messages("vi");
    assertThat(placeholders(vietnamese)).isEqualTo(placeholders(english));
    for (String key : english.keySet()) {
      assertThat(vietnamese.get(key).isJsonObject())
          .as(key)
          .isEqualTo(english.get(key).isJsonObject());
      if (english.get(key).isJsonObject()) {
        assertThat(english.getAsJsonObject(key).keySet()).containsExactly("one", "other");
        assertThat(vietnamese.getAsJsonObject(key).keySet()).containsExactly("other");
      }
    }
  }

  @Test
  void everyTextThatIsUsedIsThere() throws Exception {
    Set<String> used = new TreeSet<>();
    try (Stream<Path> files = Files.list(PAGE)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Matcher matcher =
            Pattern.compile(
                    "data-t(?:-placeholder|-label|-alt)?=\"([^\"]+)\"|\\bt\\(\\s*\"([^\"]+)\"|\\? \"([a-z]+\\.[a-z-]+)\"|: \"([a-z]+\\.[a-z-]+)\"")
                .matcher(Files.readString(file));
        while (matcher.find()) {
          for (int i = 1; i <= 4; i++) {
            if (matcher.group(i) != null) {
              used.add(matcher.group(i));
            }
          }
        }
      }
    }
    assertThat(used).hasSizeGreaterThan(60);
    assertThat(messages("en").keySet()).containsAll(used);
  }

  @Test
  void everyProblemAndReasonHasAText() throws Exception {
    Set<String> keys = messages("en").keySet();
    for (var reason : FaceQuality.Reason.values()) {
      assertThat(keys).contains("bad." + reason);
    }
    for (var decision : Decision.values()) {
      assertThat(keys).contains("decision." + decision);
    }
    for (var plan : SearchPlan.values()) {
      assertThat(keys).contains("plan." + plan);
    }
  }
}
