package io.facesearch.facade;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.IndexingReport;
import io.facesearch.PhotoSource;
import io.facesearch.store.FaceStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Names that Java cannot represent, in processes of several locales; with the real models. */
@Tag("slow")
@DisabledOnOs(
    value = {OS.WINDOWS, OS.MAC},
    disabledReason = "names are no bytes there")
class FileNamesTest {
  @TempDir private Path folder;

  /** Indexes a folder into a store and prints what it holds, encoded. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) throws Exception {
      try (FaceStore store = FaceStore.open(Path.of(args[1]));
          Gallery search = Gallery.builder().storage(store).open()) {
        IndexingReport report = search.addAll(PhotoSource.folder(Path.of(args[0])));
        print("images " + report.images() + " before " + report.alreadyIndexed());
        report.broken().forEach(file -> print("broken " + file.reason()));
        for (EmbeddedFace face : store.faces()) {
          print(
              face.face().id()
                  + " "
                  + face.face().person().orElse("-")
                  + " "
                  + store.photoOf(face.face()).isPresent());
        }
      }
    }

    private static void print(String line) {
      System.out.println(
          "LINE " + Base64.getEncoder().encodeToString(line.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private List<String> index(String locale) throws Exception {
    ProcessBuilder java =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx400m",
            Child.class.getName(),
            "photos",
            "store");
    java.directory(folder.toFile());
    java.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    java.environment().put("LC_ALL", locale);
    java.redirectErrorStream(true);
    Process process = java.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output
        .lines()
        .filter(line -> line.startsWith("LINE "))
        .map(line -> Base64.getDecoder().decode(line.substring(5)))
        .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
        .toList();
  }

  /** As another program writes them: Latin-1, UTF-8, and a byte that is nothing. */
  private void photos() throws Exception {
    Path photos = Files.createDirectory(folder.resolve("photos"));
    int photo = 1;
    for (String name : List.of("Ren\\303\\251e", "Ren\\351e", "Ren\\350e", "plain")) {
      Path sample = RealParts.sample(photo, 1);
      shell(
          "d=$(printf '"
              + name
              + "') && mkdir \"$d\" && cat '"
              + sample
              + "' > \"$d\"/$(printf '\\377').jpg",
          photos);
      photo++;
    }
  }

  private static void shell(String script, Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("sh", "-c", script).directory(directory.toFile()).inheritIO().start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0).isTrue();
  }

  /** Whatever the locale, all photos are found, under the same names. */
  @Test
  void everyNameIsDistinctAndTheSameInAllLocales() throws Exception {
    photos();
    String[] faces = {
      "photos/Ren%E8e/%FF.jpg#0 Ren%E8e true",
      "photos/Ren%E9e/%FF.jpg#0 Ren%E9e true",
      "photos/Ren\u00e9e/%FF.jpg#0 Ren\u00e9e true",
      "photos/plain/%FF.jpg#0 plain true"
    };
    assertThat(index("C")).startsWith("images 4 before 0").contains(faces).hasSize(5);
    assertThat(index("C.UTF-8")).startsWith("images 0 before 4").contains(faces).hasSize(5);
    assertThat(index("POSIX")).startsWith("images 0 before 4").contains(faces).hasSize(5);
  }
}
