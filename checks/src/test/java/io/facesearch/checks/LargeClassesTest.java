package io.facesearch.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps CONTRIBUTING.md's table of large classes true. */
class LargeClassesTest {
  private static final int LARGE = 500;
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  @Test
  void eachHasItsReason() throws IOException {
    String page = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
    String part = page.split("## Large classes", 2)[1].split("\n## ", 2)[0];
    Set<String> told =
        Pattern.compile("(?m)^\\| `(\\w+)` \\| \\w")
            .matcher(part)
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> large = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.toList()) {
        Path main = module.resolve("src/main");
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files
                .filter(file -> file.toString().endsWith(".java") && lines(file) > LARGE)
                .map(file -> file.getFileName().toString().replace(".java", ""))
                .forEach(large::add);
          }
        }
      }
    }
    assertThat(large).isNotEmpty().isEqualTo(told);
  }

  private static long lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
