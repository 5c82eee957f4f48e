package io.facesearch.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Parameters;

/** Writes what shells and man know of the commands; for the build. */
@Command(
    name = "man-pages",
    mixinStandardHelpOptions = true,
    hidden = true,
    description = "Writes man pages and the completion of bash and zsh.",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch man-pages share", "  facesearch man-pages /usr/local/share"})
final class ManPages implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "Where share/man is, and what is beside it.")
  private Path folder;

  @Override
  public Integer call() throws Exception {
    CommandLine all = FaceSearchCommand.commandLine();
    all.getCommandSpec().removeSubcommand("man-pages");
    Path completions = Files.createDirectories(folder.resolve("bash-completion/completions"));
    Files.writeString(completions.resolve("facesearch"), AutoComplete.bash("facesearch", all));
    write(all, Files.createDirectories(folder.resolve("man/man1")));
    return 0;
  }

  private static void write(CommandLine command, Path man) throws IOException {
    String name = command.getCommandSpec().qualifiedName("-");
    if (command.getCommandSpec().name().equals("help")) {
      return;
    }
    Help help = command.getHelp();
    List<String> page = new ArrayList<>();
    page.add(".TH " + name.toUpperCase(java.util.Locale.ROOT) + " 1 \"\" facesearch");
    page.add(".SH NAME");
    page.add(escaped(name) + " \\- " + text(String.join(" ", description(command))));
    section(page, "SYNOPSIS", help.fullSynopsis());
    section(page, "PARAMETERS", help.parameterList());
    section(page, "OPTIONS", help.optionList());
    section(page, "COMMANDS", help.commandList());
    section(page, "EXAMPLES", String.join("\n", command.getCommandSpec().usageMessage().footer()));
    Files.write(man.resolve(name + ".1"), page, StandardCharsets.UTF_8);
    for (Map.Entry<String, CommandLine> sub : command.getSubcommands().entrySet()) {
      write(sub.getValue(), man);
    }
  }

  private static String[] description(CommandLine command) {
    return command.getCommandSpec().usageMessage().description();
  }

  /** As it stands in the help, which is broken into lines already. */
  private static void section(List<String> page, String title, String text) {
    if (!text.isBlank()) {
      page.add(".SH " + title);
      page.add(".nf");
      text.stripTrailing().lines().map(ManPages::escaped).forEach(page::add);
      page.add(".fi");
    }
  }

  private static String text(String description) {
    return escaped(description.replace("%%", "%"));
  }

  /** A dot at the beginning of a line would be a request, a minus another sign. */
  private static String escaped(String line) {
    String safe = line.replace("\\", "\\e").replace("-", "\\-");
    return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
  }
}
