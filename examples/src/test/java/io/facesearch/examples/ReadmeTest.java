package io.facesearch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  @Test
  void theExampleInTheReadmeIsTheOneThatIsCompiled() throws Exception {
    String readme = Files.readString(Path.of("../README.md"));
    String source =
        Files.readString(
            Path.of("src/main/java/io/facesearch/examples/Example01SearchFolder.java"));
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
}
