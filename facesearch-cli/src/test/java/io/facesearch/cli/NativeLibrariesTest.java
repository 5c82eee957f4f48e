package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.internal.Collectors;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No native library that facesearch brings along knows a collector of its maker, on no platform. An
 * update that brings one back fails the build. {@code -Dfacesearch.test.libraries=JAR} looks
 * through that jar instead, to see the check find something.
 */
@Tag("slow")
class NativeLibrariesTest {
  private static final Pattern LIBRARY =
      Pattern.compile(".*\\.(so|so\\.[0-9.]+|dll|dylib|jnilib)(\\.gz)?");

  @Test
  void knowNoCollector() throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    String other = System.getProperty("facesearch.test.libraries");
    List<String> seen = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (String entry : (other == null ? classPath : other).split(File.pathSeparator, -1)) {
      if (entry.endsWith(".jar") && Files.isRegularFile(Path.of(entry))) {
        look(Path.of(entry), seen, found);
      }
    }
    assertThat(found).isEmpty();
    for (String name :
        List.of("onnxruntime", "opencv_java", "torch", "sqlitejdbc", "jnidispatch")) {
      assertThat(seen).as("what is looked for").anyMatch(path -> path.contains(name));
    }
  }

  private static void look(Path jar, List<String> seen, List<String> found) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
        ZipEntry entry = all.nextElement();
        // Symbols for debuggers are not loaded, but tell as much.
        if (LIBRARY.matcher(entry.getName()).matches() && !entry.isDirectory()) {
          seen.add(entry.getName());
          try (InputStream in = zip.getInputStream(entry)) {
            Optional<String> collector = Collectors.find(in);
            collector.ifPresent(
                name -> found.add(jar.getFileName() + "!" + entry.getName() + " contains " + name));
          }
        }
      }
    }
  }
}
