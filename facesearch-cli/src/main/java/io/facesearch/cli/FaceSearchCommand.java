package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line: its commands, the options that all of them have, and how they end. What is
 * printed goes through {@link Output}.
 */
@Command(
    name = "facesearch",
    mixinStandardHelpOptions = true,
    versionProvider = FaceSearchCommand.Version.class,
    description = "Finds similar faces, offline.",
    synopsisSubcommandLabel = "COMMAND",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch index --photos photos", "  facesearch identify who.jpg"})
public final class FaceSearchCommand {
  /** Above the examples of each command's help. */
  static final String EXAMPLES = "%nExamples:%n";

  /** Lines of descriptions are broken for it. */
  private static final int HELP_WIDTH = 120;

  /** Megabytes that small galleries are at ease with. */
  private static final int LEAST_HEAP = 256;

  /** Exit status: the photo has no face. */
  static final int NO_FACE = 3;

  /** Exit status: stopped by Ctrl-C, as shells say it. */
  static final int STOPPED = 130;

  /** Exit status of verify: two people. */
  static final int DIFFERENT = 4;

  /** Exit status of verify: it cannot be told. */
  static final int UNSURE = 5;

  /** In the order of the help. */
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("index", IndexCommand.class);
    COMMANDS.put("identify", IdentifyCommand.class);
    COMMANDS.put("search", SearchCommand.class);
    COMMANDS.put("verify", VerifyCommand.class);
    COMMANDS.put("detect", DetectCommand.class);
    COMMANDS.put("add", AddCommand.class);
    COMMANDS.put("list", ListCommand.class);
    COMMANDS.put("people", PeopleCommand.class);
    COMMANDS.put("sort", SortCommand.class);
    COMMANDS.put("watch", WatchCommand.class);
    COMMANDS.put("forget", ForgetCommand.class);
    COMMANDS.put("import", ImportCommand.class);
    COMMANDS.put("export", ExportCommand.class);
    COMMANDS.put("backup", BackupCommand.class);
    COMMANDS.put("reembed", ReembedCommand.class);
    COMMANDS.put("info", InfoCommand.class);
    COMMANDS.put("doctor", DoctorCommand.class);
    COMMANDS.put("demo", DemoCommand.class);
    COMMANDS.put("serve", ServeCommand.class);
    COMMANDS.put("evaluate", EvaluateCommand.class);
    COMMANDS.put("train", TrainCommand.class);
  }

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Print data as JSON, one object a line (docs/COMMAND-LINE.md).")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      scope = ScopeType.INHERIT,
      description = "Print results and errors only: no notes, no progress.")
  private boolean quiet;

  FaceSearchCommand() {}

  boolean json() {
    return json;
  }

  boolean quiet() {
    return quiet;
  }

  public static void main(String[] args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      // No command but serve needs names of machines; Java's fonts, for one, would look up our own.
      System.setProperty("jdk.net.hosts.file", File.separatorChar == '/' ? "/dev/null" : "NUL");
    }
    System.exit(
        run(new StandardOutput(new FileOutputStream(FileDescriptor.out)), System.err, args));
  }

  /** To Java an empty path is the working folder; to a shell it is a variable that was not set. */
  static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("a path is empty; a dot means the working folder");
    }
    return Path.of(text);
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "expected a day as year-month-day, such as 2024-01-31, but it is: " + text);
    }
  }

  /** All commands with their options, to be run or described. */
  static CommandLine commandLine() {
    return commandLine(COMMANDS.keySet());
  }

  /**
   * Some of the commands with their options, of the others what is said of them in the help:
   * looking at the options of all takes longer than many a command.
   *
   * @param whole names of those with their options; others may be among them
   */
  private static CommandLine commandLine(Collection<String> whole) {
    CommandLine line = new CommandLine(new FaceSearchCommand());
    boolean one = false;
    for (String name : COMMANDS.keySet()) {
      one |= whole.contains(name);
    }
    for (Map.Entry<String, Class<?>> command : COMMANDS.entrySet()) {
      if (whole.contains(command.getKey())) {
        line.addSubcommand(command.getKey(), command.getValue());
      } else if (!one || whole.contains("help")) {
        CommandSpec told = CommandSpec.create().name(command.getKey());
        told.usageMessage()
            .description(command.getValue().getAnnotation(Command.class).description());
        line.addSubcommand(command.getKey(), told);
      }
    }
    line.addSubcommand(new HelpCommand());
    line.addSubcommand(new ManPages());
    return line.setUsageHelpWidth(HELP_WIDTH)
        .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .registerConverter(Path.class, FaceSearchCommand::path)
        .registerConverter(LocalDate.class, FaceSearchCommand::day);
  }

  /** Runs a command and returns its exit status; they are in docs/COMMAND-LINE.md. */
  static int run(String... args) {
    return run(System.out, System.err, args);
  }

  private static int run(OutputStream out, OutputStream err, String... args) {
    CommandLine line =
        commandLine(List.of(args)).setOut(new TerminalWriter(out)).setErr(new TerminalWriter(err));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          command.getErr().println("facesearch: " + words(e).orElseThrow(() -> e));
          return 1;
        });
    line.setParameterExceptionHandler((e, words) -> wrongUsage(e));
    try {
      return line.execute(args);
    } catch (OutputFailedError e) {
      line.getErr().println("facesearch: " + e.words());
      return e.status();
    } catch (OutOfMemoryError e) {
      line.getErr().println("facesearch: " + tooSmallHeap(e).orElseThrow());
      return 1;
    }
  }

  /** Says what is wrong with the arguments, and what would be right. */
  private static int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println(
        "facesearch: "
            + String.valueOf(e.getMessage())
                .replace("is not an int", "is not a whole number up to " + Integer.MAX_VALUE)
                .replace("is not a long", "is not a whole number up to " + Long.MAX_VALUE)
                .replace("is not a double", "is not a number"));
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      ("Usage: " + command.getHelp().synopsis("Usage: ".length()).strip())
          .lines()
          .forEach(err::println);
      err.println("'" + command.getCommandSpec().qualifiedName() + " --help' explains it");
    }
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** What a user is told of a failure; empty for one that nobody foresaw. */
  static Optional<String> words(Exception e) {
    Optional<String> heap = tooSmallHeap(e);
    if (heap.isPresent()) {
      return heap;
    }
    if (e instanceof FaceSearchException || e instanceof IllegalArgumentException) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    if (e instanceof UncheckedIOException wrapped) {
      return Optional.of(describe(Objects.requireNonNull(wrapped.getCause())));
    }
    return e instanceof IOException io ? Optional.of(describe(io)) : Optional.empty();
  }

  /** Says it if that was it: work in threads of its own wraps the error. */
  private static Optional<String> tooSmallHeap(Throwable e) {
    if (e instanceof FaceSearchException && e.getClass() != FaceSearchException.class) {
      return Optional.empty(); // has its own words for it
    }
    Throwable cause = e;
    for (int i = 0; i < 10 && cause != null; i++, cause = cause.getCause()) {
      if (cause instanceof OutOfMemoryError) {
        long heap = Runtime.getRuntime().maxMemory() >> 20;
        return Optional.of(
            "the heap of "
                + heap
                + " MB is too small for this ("
                + cause.getMessage()
                + "); start java with a larger one, such as -Xmx"
                + Math.max(LEAST_HEAP, 2 * heap)
                + "m");
      }
    }
    return Optional.empty();
  }

  private static String describe(IOException e) {
    if (e instanceof NoSuchFileException missing) {
      return "there is no file or folder " + missing.getFile();
    }
    if (e instanceof NotDirectoryException file) {
      return file.getFile() + " is not a folder";
    }
    if (e instanceof AccessDeniedException denied) {
      return "no permission for " + denied.getFile();
    }
    return String.valueOf(e.getMessage());
  }

  /** Refuses an empty name as wrong usage. */
  static void notEmpty(CommandSpec spec, String option, String value) {
    if (value.isBlank()) {
      throw new ParameterException(spec.commandLine(), option + " must not be empty");
    }
  }

  /** Refuses a number that makes no sense as wrong usage. */
  static void atLeastOne(CommandSpec spec, String option, int value) {
    if (value < 1) {
      throw new ParameterException(
          spec.commandLine(), option + " must be at least 1, but is: " + value);
    }
  }

  /** Refuses a number that makes no sense as wrong usage. */
  static void inRange(CommandSpec spec, String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(),
          option + " must be between " + least + " and " + most + ", but is: " + value);
    }
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = FaceSearchCommand.class.getPackage().getImplementationVersion();
      return new String[] {"facesearch " + (version == null ? "(not packaged)" : version)};
    }
  }
}
