package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The code of all pages of docs compiles as it stands there, and that of TASKS.md is as short as
 * that page says. The code of README.md is an example; see {@link ReadmeTest}.
 */
class SnippetsTest {
  private static final int MOST_LINES = 6;
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path classes;

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignored) {
      return text;
    }
  }

  private static List<String> snippets(Path page) throws Exception {
    List<String> found = new ArrayList<>();
    Matcher code = CODE.matcher(Files.readString(page));
    while (code.find()) {
      found.add(code.group(1));
    }
    return found;
  }

  /** The code of SOLR.md is compiled by facesearch-solr, whose jars come not here. */
  private static boolean isCompiledHere(Path page) {
    return page.toString().endsWith(".md") && !page.endsWith("SOLR.md");
  }

  /** What the code of a page is given. */
  private static String given(Path page) {
    return switch (page.getFileName().toString()) {
      case "STORE.md" ->
          "Path folder, byte[] key, List<EmbeddedFace> faces, FaceRecord record,"
              + " Embedding embedding, Embedding query";
      case "LUCENE.md" -> "Path folder, float[] vector, float[] query, int k";
      default ->
          "Gallery gallery, FaceImage photo, Path file, Path folder, Stream<byte[]> downloads,"
              + " float[] vector, String faceId";
    };
  }

  /** Beside what all pages import. */
  private static String imports(Path page) {
    return page.getFileName().toString().equals("LUCENE.md")
        ? Stream.of(
                "io.facesearch.lucene",
                "org.apache.lucene.codecs",
                "org.apache.lucene.codecs.lucene912",
                "org.apache.lucene.document",
                "org.apache.lucene.index",
                "org.apache.lucene.search",
                "org.apache.lucene.store")
            .map(name -> "import " + name + ".*;")
            .collect(Collectors.joining())
        : "";
  }

  @Test
  void allCodeOfTheDocumentsCompiles() throws Exception {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(Path.of("../docs"))) {
      for (Path page : pages.filter(SnippetsTest::isCompiledHere).toList()) {
        for (String snippet : snippets(page)) {
          String name = "Snippet" + sources.size();
          sources.add(
              new Source(
                  name,
                  "import io.facesearch.*; import io.facesearch.store.FaceStore;"
                      + "import java.nio.file.*; import java.util.*; import java.util.stream.*;"
                      + imports(page)
                      + "class "
                      + name
                      + " { void run("
                      + given(page)
                      + ") throws Exception {\n"
                      + snippet
                      + "}}"));
        }
      }
    }
    assertThat(sources).hasSizeGreaterThanOrEqualTo(14);
    compile(sources);
  }

  private void compile(List<Source> sources) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> options = List.of("-d", classes.toString(), "-proc:none", "-cp", classPath);
    boolean compiled = compiler.getTask(messages, null, null, options, null, sources).call();
    assertThat(compiled).as(messages.toString()).isTrue();
  }

  /** The build runs the examples only with -Pfull, so they are compiled here. */
  @Test
  void theExamplesCompile() throws Exception {
    List<Source> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("../examples"), 5)) {
      for (Path file :
          files
              .filter(f -> f.toString().matches(".*0[1-8]-.*src.main.java.[A-Za-z]+\\.java"))
              .toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        sources.add(new Source(name, Files.readString(file)));
      }
    }
    assertThat(sources).hasSize(8);
    compile(sources);
  }

  @Test
  void eachTaskIsShort() throws Exception {
    for (String snippet : snippets(Path.of("../docs/TASKS.md"))) {
      assertThat(snippet.lines()).as(snippet).hasSizeLessThanOrEqualTo(MOST_LINES);
    }
  }
}
