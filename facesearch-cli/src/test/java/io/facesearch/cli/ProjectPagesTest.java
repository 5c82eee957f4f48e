package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the project's pages and its forge's files say of tests, files and the build is so. */
class ProjectPagesTest {
  private static final Path ROOT = Path.of("..");

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(f -> f.toString().matches(".*/src/(test|main)/.*"))
          .filter(f -> !f.toString().contains("/target/"))
          .filter(Files::isRegularFile)
          .toList();
    }
  }

  /** {@code SomeTest} and {@code SomeTest.method} in the pages that promise something. */
  @Test
  void testsThatPagesNameAreThere() throws Exception {
    List<Path> tests =
        sources(ROOT).stream().filter(f -> f.toString().endsWith("Test.java")).toList();
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String page :
        List.of("SECURITY.md", "docs/PRIVACY.md", "docs/COMPATIBILITY.md", "docs/TESTING.md")) {
      Matcher test =
          Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`")
              .matcher(Files.readString(ROOT.resolve(page)));
      while (test.find()) {
        named++;
        String method = test.group(2);
        boolean found = false;
        for (Path file : tests) {
          found |=
              file.endsWith(test.group(1) + ".java")
                  && (method == null || Files.readString(file).contains("void " + method + "("));
        }
        if (!found) {
          missing.add(page + ": " + test.group());
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(named).isGreaterThan(40);
  }

  /** Every file that the page on compatibility says is kept. */
  @Test
  void goldenFilesAreKept() throws Exception {
    Set<String> there = new HashSet<>();
    for (Path file : sources(ROOT)) {
      there.add(file.getFileName().toString());
      for (Path folder = file.getParent(); !ROOT.equals(folder); folder = folder.getParent()) {
        there.add(folder.getFileName() + "/");
      }
    }
    String page = Files.readString(ROOT.resolve("docs/COMPATIBILITY.md"));
    Set<String> missing = new TreeSet<>();
    int files = 0;
    for (String row : page.lines().filter(line -> line.matches("\\|.*`\\w+Test`.*")).toList()) {
      Matcher file = Pattern.compile("`([\\w./-]+)`").matcher(row.split("\\|")[3]);
      while (file.find()) {
        files++;
        if (!there.contains(file.group(1))) {
          missing.add(file.group(1));
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(files).isGreaterThan(10);
  }

  @Test
  void theForgeRunsWhatCiRuns() throws Exception {
    String workflow = Files.readString(ROOT.resolve(".github/workflows/ci.yml"));
    String linux = workflow.substring(workflow.indexOf("  linux:"), workflow.indexOf("  others:"));
    assertThat(Pattern.compile("(?m)^ +- run: (.*)$").matcher(linux).results())
        .extracting(run -> run.group(1))
        .containsExactly(".ci/run");
    assertThat(workflow).contains("[macos-latest, windows-latest]");
    assertThat(workflow.split("java: \\['17', '21', '25']", -1)).hasSize(3);
    assertThat(Files.isExecutable(ROOT.resolve(".ci/run"))).isTrue();
    assertThat(Files.readString(ROOT.resolve(".github/ISSUE_TEMPLATE/bug.yml")))
        .contains("facesearch doctor");
  }
}
