package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What the page on compatibility says of public types: which packages hold them, and that those
 * which came after 0.1 bear {@code @since}. {@code public-types-0.1.txt} lists those of 0.1; until
 * it is released, a new type gets a line there, and after that {@code @since} and no line.
 */
class PublicTypesTest {
  private static final Path ROOT = Path.of("..");

  private static final Path OF_THE_FIRST =
      Path.of("src/test/resources/io/facesearch/cli/public-types-0.1.txt");

  private static final Pattern TYPE =
      Pattern.compile(
          "(?m)^public (?:(?:abstract|final|sealed|non-sealed|strictfp) )*"
              + "(?:class|interface|record|enum|@interface) (\\w+)");

  /** The packages that the page calls public, but those of the tests. */
  private static Set<String> packagesOfThePage() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/COMPATIBILITY.md"));
    Set<String> packages = new TreeSet<>();
    for (String row :
        page.lines()
            .filter(line -> line.matches("\\|.*\\| for (applications|plug-ins);.*"))
            .toList()) {
      Matcher name = Pattern.compile("`(io)?(\\.?[\\w.]+)`").matcher(row.split("\\|")[1]);
      while (name.find()) {
        packages.add((name.group(1) == null ? "io.facesearch" : "io") + name.group(2));
      }
    }
    return packages;
  }

  /** The folders of main sources of the modules that are published. */
  private static List<Path> sources() throws IOException {
    List<Path> folders = new ArrayList<>();
    Matcher module =
        Pattern.compile(
                "<groupId>io.facesearch</groupId>\\s*<artifactId>(.*)</artifactId>\\s*<version>\\$\\{project")
            .matcher(Files.readString(ROOT.resolve("facesearch-bom/pom.xml")));
    while (module.find()) {
      folders.add(ROOT.resolve(module.group(1)).resolve("src/main/java"));
    }
    return folders;
  }

  /** The sources of the public types, by name. */
  private static SortedMap<String, String> types() throws IOException {
    TreeMap<String, String> types = new TreeMap<>();
    for (Path folder : sources()) {
      for (String each : packagesOfThePage()) {
        Path there = folder.resolve(each.replace('.', '/'));
        if (!Files.isDirectory(there)) {
          continue;
        }
        try (Stream<Path> files = Files.list(there)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
            String source = Files.readString(file);
            Matcher type = TYPE.matcher(source);
            if (type.find()) {
              types.put(each + "." + type.group(1), source);
            }
          }
        }
      }
    }
    return types;
  }

  private static boolean released() throws IOException {
    Matcher revision =
        Pattern.compile("<revision>(.*)</revision>")
            .matcher(Files.readString(ROOT.resolve("pom.xml")));
    assertThat(revision.find()).isTrue();
    return !revision.group(1).matches("0\\.1\\.0(-.*)?");
  }

  @Test
  void packagesThatAreExportedAreThoseOfThePage() throws Exception {
    Set<String> exported = new TreeSet<>();
    for (Path folder : sources()) {
      Path module = folder.resolve("module-info.java");
      if (Files.exists(module)) {
        Pattern.compile("(?m)^ *exports ([\\w.]+);")
            .matcher(Files.readString(module))
            .results()
            .forEach(line -> exported.add(line.group(1)));
      }
    }
    // An automatic module, since Solr's jars are.
    exported.add("io.facesearch.solr");
    assertThat(packagesOfThePage()).isEqualTo(exported);
    assertThat(exported).hasSizeGreaterThan(10);
  }

  @Test
  void whatCameAfterTheFirstReleaseSaysSince() throws Exception {
    Set<String> first = new TreeSet<>(Files.readAllLines(OF_THE_FIRST));
    Map<String, String> types = types();
    assertThat(types).hasSizeGreaterThan(100);
    if (!released()) {
      assertThat(first).as("lines of " + OF_THE_FIRST.getFileName()).isEqualTo(types.keySet());
    }
    Set<String> without = new TreeSet<>();
    Set<String> wrong = new TreeSet<>();
    types.forEach(
        (name, source) -> {
          boolean since = ofType(source).contains("\n * @since ");
          if (since == first.contains(name)) {
            (since ? wrong : without).add(name);
          }
        });
    assertThat(without).as("came after 0.1 and do not say so").isEmpty();
    assertThat(wrong).as("are as old as 0.1 and say that they are younger").isEmpty();
  }

  /** What stands above the type: its Javadoc, and before that what is imported. */
  private static String ofType(String source) {
    Matcher type = TYPE.matcher(source);
    assertThat(type.find()).isTrue();
    return source.substring(0, type.start());
  }
}
