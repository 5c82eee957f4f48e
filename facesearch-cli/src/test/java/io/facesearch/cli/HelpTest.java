package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What every command tells of itself. */
class HelpTest {
  private static final Pattern WORD = Pattern.compile("((?:'[^']*'|\\\\'|[^\\s'\\\\])+)");

  /** What a POSIX shell makes of a line, but for double quotes. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line.strip());
    while (word.find()) {
      words.add(word.group(1).replace("'\\''", "\u0000").replace("'", "").replace('\u0000', '\''));
    }
    return words;
  }

  private static List<CommandLine> commands(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    for (Map.Entry<String, CommandLine> one : line.getSubcommands().entrySet()) {
      if (!List.of("help", "man-pages").contains(one.getKey())) {
        all.addAll(commands(one.getValue()));
      }
    }
    return all;
  }

  private static List<CommandLine> commands() {
    return commands(FaceSearchCommand.commandLine());
  }

  @Test
  void numbersOutOfRangeAreToldInWordsOfPeople() {
    for (String wrong : List.of("99999999999", "many", "0.5")) {
      Run run = Run.run("serve", "--forget-after", wrong);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.text())
          .contains("--forget-after", wrong, "is not a whole number up to 2147483647")
          .doesNotContain("not an int");
    }
  }

  @Test
  void aDayThatIsNoneIsToldInWordsOfPeople() {
    Run run = Run.run("search", "who.jpg", "--taken-from", "31.1.2024");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.text())
        .contains("--taken-from", "expected a day as year-month-day", "2024-01-31", "31.1.2024")
        .contains("'facesearch search --help' explains it")
        .contains("Usage: facesearch search [")
        .doesNotContain("java", "--gallery=PATH    ", "\\n");
  }

  /** picocli breaks lines by itself: what was broken in the source would be broken twice. */
  @Test
  void descriptionsOfOptionsAreBrokenOnce() {
    for (CommandLine command : commands()) {
      for (CommandLine.Model.ArgSpec arg : command.getCommandSpec().args()) {
        assertThat(arg.description()).as(command.getCommandName() + arg).hasSizeLessThan(2);
      }
    }
  }

  @Test
  void everyHelpEndsWithTwoExamplesThatAreRight() {
    assertThat(commands()).hasSizeGreaterThan(25);
    for (CommandLine command : commands()) {
      String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
      String[] parts = help.split("\n\nExamples:\n");
      assertThat(parts).as(help).hasSize(2);
      List<String> examples = parts[1].lines().toList();
      assertThat(examples).as(help).hasSize(2);
      for (String example : examples) {
        String name = command.getCommandSpec().qualifiedName();
        assertThat(example).startsWith("  facesearch ");
        if (command.getSubcommands().isEmpty()) {
          assertThat(example + " ").startsWith("  " + name + " ");
        }
        List<String> words = words(example);
        FaceSearchCommand.commandLine()
            .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
      }
    }
  }

  @Test
  void everyCommandHasTheCommonOptions() {
    for (CommandLine command : commands()) {
      assertThat(command.getCommandSpec().optionsMap())
          .as(command.getCommandName())
          .containsKeys("--json", "--quiet", "-q", "--help", "-h", "--version");
    }
  }

  /** None is left out, none is told of that is not there. */
  @Test
  void thePageTellsOfEveryCommand() throws Exception {
    String page = Files.readString(Path.of("../docs/COMMAND-LINE.md"));
    List<String> told =
        Stream.concat(
                Pattern.compile("(?m)^\\| `([a-z]+(?: [a-z]+)?)").matcher(page).results(),
                Stream.of())
            .map(match -> match.group(1))
            .toList();
    for (CommandLine command : commands()) {
      String name = command.getCommandSpec().qualifiedName().replaceFirst("facesearch ?", "");
      if (!name.isEmpty() && command.getSubcommands().isEmpty()) {
        assertThat(told).as("commands in the table").contains(name);
      }
    }
  }
}
