package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
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
  void theExampleInTheReadmeIsTheOneThatIsRun() throws Exception {
    String code =
        Files.readString(Path.of("../examples/01-search-folder/src/main/java/SearchFolder.java"));
    assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + code + "```");
  }

  /** The build runs copies of the examples with the path of the samples given. */
  @Test
  void theExamplesFindTheSamplesAndThisVersion() throws Exception {
    String version = first("revision", Files.readString(Path.of("../pom.xml")));
    assertThat(first("version", Files.readString(Path.of("../README.md")))).isEqualTo(version);
    int found = 0;
    try (DirectoryStream<Path> poms = Files.newDirectoryStream(Path.of("../examples"), "[01]*")) {
      for (Path example : poms) {
        String pom = Files.readString(example.resolve("pom.xml"));
        assertThat(first("facesearch.version", pom)).isEqualTo(version);
        Matcher samples = Pattern.compile("<samples>(.*)</samples>").matcher(pom);
        if (samples.find()) {
          found++;
          assertThat(example.resolve(samples.group(1)).resolve("gallery")).isDirectory();
        }
      }
    }
    assertThat(found).isEqualTo(9);
  }

  /** No module that is published is missing in the bom. */
  @Test
  void theBomHasWhatIsPublished() throws Exception {
    String bom = Files.readString(Path.of("../facesearch-bom/pom.xml"));
    String parent = Files.readString(Path.of("../pom.xml"));
    Matcher modules = Pattern.compile("<module>(.*)</module>").matcher(parent);
    List<String> published = new ArrayList<>();
    while (modules.find()) {
      String pom = Files.readString(Path.of("..", modules.group(1), "pom.xml"));
      if (!pom.contains("<skip>true</skip>")
          && !pom.contains("<maven.deploy.skip>true<")
          && !modules.group(1).equals("facesearch-bom")) {
        published.add(modules.group(1));
      }
    }
    Matcher managed =
        Pattern.compile(
                "<groupId>io.facesearch</groupId>\\s*<artifactId>(.*)</artifactId>\\s*<version>\\$\\{project")
            .matcher(bom);
    assertThat(managed.results().map(result -> result.group(1)).toList())
        .containsExactlyInAnyOrderElementsOf(published);
    assertThat(bom)
        .as("the contracts, which docs/COMPATIBILITY.md calls public")
        .containsPattern("<artifactId>facesearch-core</artifactId>\\s*<type>test-jar</type>");
  }

  /** A jar travels alone: each has the license, and says whom its models are of. */
  @Test
  void eachModuleHasItsTerms() throws Exception {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    int modules = 0;
    for (String entry : path.split(File.pathSeparator)) {
      Path file = Path.of(entry);
      String name = entry.replace(File.separatorChar, '/');
      if (!name.matches(".*/facesearch[a-z-]*(/target/classes|-[0-9][^/]*(?<!-tests)\\.jar)")) {
        continue;
      }
      modules++;
      for (String terms : List.of("LICENSE", "NOTICE")) {
        try (FileSystem jar = Files.isDirectory(file) ? null : FileSystems.newFileSystem(file)) {
          Path inside = jar == null ? file : jar.getPath("/");
          assertThat(inside.resolve("META-INF").resolve(terms))
              .hasSameBinaryContentAs(Path.of("..", terms));
        }
      }
    }
    assertThat(modules).isGreaterThan(14);
  }

  private static String first(String tag, String pom) {
    Matcher value = Pattern.compile("<" + tag + ">(.*)</" + tag + ">").matcher(pom);
    assertThat(value.find()).isTrue();
    return value.group(1);
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
    for (String folder : List.of("..", "../docs", "../examples", "../benchmarks/native")) {
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
