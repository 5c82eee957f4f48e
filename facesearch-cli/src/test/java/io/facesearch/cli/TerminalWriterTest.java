package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What may be printed, however it is printed. */
class TerminalWriterTest {
  private static String printed(Consumer<PrintWriter> print) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintWriter out =
        new TerminalWriter(new PrintStream(bytes, true, StandardCharsets.UTF_8))) {
      print.accept(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aNameIsOneLineOfVisibleCharacters() {
    String name =
        "Ann\u001B[2J\nBob: SAME\r\t\u0007\u007F\u009B31m\u202Egpj.exe\u2066\u200F\u2028\u0000";
    String shown =
        "Ann\\u001B[2J\\nBob: SAME\\r\\t\\u0007\\u007F\\u009B31m\\u202Egpj.exe\\u2066\\u200F\\u2028"
            + "\\u0000";
    String end = System.lineSeparator();
    assertThat(TerminalWriter.visible(name)).isEqualTo(shown);
    assertThat(printed(out -> out.println(name))).isEqualTo(shown + end);
    assertThat(printed(out -> out.println((Object) name))).isEqualTo(shown + end);
    assertThat(printed(out -> out.printf("%s|%d%n", name, 7))).isEqualTo(shown + "|7" + end);
    assertThat(printed(out -> out.printf(Locale.ROOT, "%s %.1f%n", Path.of("a\nb"), 0.5)))
        .isEqualTo("a\\nb 0.5" + end);
    assertThat(printed(out -> out.print("\u001B[1mbold\n"))).isEqualTo("\\u001B[1mbold\n");
    assertThat(printed(out -> out.append('\u009B').append("\u202E")).length()).isEqualTo(12);
  }

  @Test
  void namesOfThisWorldStayAsTheyAre() {
    String names = "Nguyễn Thị Ánh, Łukasz, 山田太郎, علی\u200Cرضا, 👩\u200D👧 C:\\faces\\a.jpg";
    assertThat(TerminalWriter.visible(names)).isEqualTo(names);
  }

  @Property(tries = 300)
  void nothingOfAControlCharacterPasses(@ForAll String text) {
    for (Consumer<PrintWriter> print :
        List.<Consumer<PrintWriter>>of(
            out -> out.println(text),
            out -> out.printf("%s%n", text),
            out -> out.println((Object) text),
            out -> out.format("%10s%n", text))) {
      String seen = printed(print);
      assertThat(seen).endsWith(System.lineSeparator());
      assertThat(seen.strip().chars().filter(Character::isISOControl)).isEmpty();
      assertThat(seen)
          .doesNotContainPattern("[\\u061C\\u200E\\u200F\\u2028-\\u202E\\u2066-\\u2069]");
    }
  }
}
