package io.facesearch.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Modules that are built again in a folder of another path, at a place with another time zone,
 * language and umask, give the jars that this build gave. All that is published, with its Javadoc
 * and bills of materials, is compared by {@code release.sh}.
 */
@Tag("slow")
class ReproducibleBuildIT {
  private static final Path ROOT = Path.of("..");
  private static final List<String> MODULES = List.of("facesearch-core", "facesearch-onnx");

  @TempDir private Path temp;

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "needs a shell with umask")
  void aBuildElsewhereGivesTheSameJars() throws Exception {
    Path copy = temp.resolve("elsewhere, in a longer path");
    copy(copy);
    Path log = temp.resolve("log");
    ProcessBuilder build =
        new ProcessBuilder(
                "sh",
                "-c",
                "umask 077; exec \"$0\" \"$@\"",
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "-o", // All that it needs this build has fetched.
                "-B",
                "-q",
                "package",
                "-pl",
                String.join(",", MODULES),
                "-Dmaven.repo.local=" + System.getProperty("maven.repo.local"),
                "-Dmaven.test.skip",
                "-Dmaven.javadoc.skip",
                "-Dspotless.check.skip")
            .directory(copy.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    build
        .environment()
        .putAll(
            Map.of(
                "JAVA_HOME", System.getProperty("java.home"),
                "TZ", "Pacific/Auckland",
                "LC_ALL", "C.UTF-8",
                "MAVEN_OPTS", "-Duser.language=tr"));
    Process maven = build.start();
    boolean ended = maven.waitFor(10, TimeUnit.MINUTES);
    maven.destroyForcibly().waitFor();
    assertThat(ended && maven.exitValue() == 0).as("%s", Files.readString(log)).isTrue();

    for (String module : MODULES) {
      for (String kind : List.of("", "-sources")) {
        Path again = jar(copy.resolve(module), kind);
        Path here = jar(ROOT.resolve(module), kind);
        assertThat(here).as("which `mvn -Pfull verify` makes").exists();
        assertThat(again).hasSameBinaryContentAs(here);
        System.out.println(here.getFileName() + ": equal, " + Files.size(here) + " bytes");
      }
    }
  }

  private static Path jar(Path module, String kind) throws IOException {
    String name = module.toRealPath().getFileName().toString();
    return module
        .resolve("target")
        .resolve(name + "-" + System.getProperty("project.version") + kind + ".jar");
  }

  /** The poms of all modules, as the build reads them, and the sources of those that are built. */
  private static void copy(Path to) throws IOException {
    Path root = ROOT.toRealPath();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            boolean left =
                name.equals("target")
                    || name.equals(".git")
                    || name.equals("src")
                        && !MODULES.contains(root.relativize(folder).getName(0).toString());
            return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(root.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
