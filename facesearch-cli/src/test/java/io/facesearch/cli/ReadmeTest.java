package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  /** A link or picture whose target is no address. */
  private static final Pattern LINK =
      Pattern.compile("(?:\\]\\(|src=\")(?!https?:)([^)\"\\s]+)[)\"]");

  @Test
  void theExampleInTheReadmeIsTheOneThatIsCompiled() throws Exception {
    String readme = Files.readString(Path.of("../README.md"));
    String source =
        Files.readString(
            Path.of("../examples/src/main/java/io/facesearch/examples/Example01SearchFolder.java"));
    String code = source.substring(source.indexOf("// readme:start\n") + 16);
    code = code.substring(0, code.indexOf("// readme:end"));
    assertThat(readme).contains("```java\n" + code + "```");
  }

  @Test
  void ciRunsTheTestCommandOfTheReadme() throws Exception {
    String command = "mvn -B -ntp -Pfull verify";
    assertThat(Files.readString(Path.of("../README.md"))).contains("\n" + command + "\n");
    assertThat(Files.readString(Path.of("../.ci/run"))).contains("\n" + command + "\n");
  }

  @Test
  void theReadmeIsShort() throws Exception {
    assertThat(Files.size(Path.of("../README.md"))).isLessThanOrEqualTo(8192);
  }

  /** Files and headings that the pages lead to are there. */
  @Test
  void linksOfThePagesLeadSomewhere() throws Exception {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        links++;
        String[] to = link.group(1).split("#", 2);
        Path file = to[0].isEmpty() ? page : page.resolveSibling(to[0]);
        if (!Files.exists(file) || (to.length == 2 && !headings(file).contains(to[1]))) {
          broken.add(page.getFileName() + " -> " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(50);
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String folder : List.of("..", "../docs", "../benchmarks/native")) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), "*.md")) {
        files.forEach(pages::add);
      }
    }
    return pages;
  }

  /** The anchors of a page's headings, as forges make them. */
  private static List<String> headings(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }
}
