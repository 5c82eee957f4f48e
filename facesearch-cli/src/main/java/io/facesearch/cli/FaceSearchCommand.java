package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/**
 * The command line: {@code index}, {@code search}, {@code forget}, {@code import}, {@code reembed},
 * {@code verify}, {@code info}, {@code demo}, {@code serve}, {@code evaluate}, {@code train}.
 */
@Command(
    name = "facesearch",
    mixinStandardHelpOptions = true,
    versionProvider = FaceSearchCommand.Version.class,
    description = "Finds similar faces, offline.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      IndexCommand.class,
      SearchCommand.class,
      ForgetCommand.class,
      ImportCommand.class,
      ReembedCommand.class,
      VerifyCommand.class,
      InfoCommand.class,
      DemoCommand.class,
      ServeCommand.class,
      EvaluateCommand.class,
      TrainCommand.class,
      HelpCommand.class
    })
public final class FaceSearchCommand {
  /** Lines of descriptions are broken for it. */
  private static final int HELP_WIDTH = 120;

  /** Megabytes that small galleries are at ease with. */
  private static final int LEAST_HEAP = 256;

  /** Exit status: the photo has no face. */
  static final int NO_FACE = 3;

  /** Exit status: stopped by Ctrl-C, as shells say it. */
  static final int STOPPED = 130;

  private FaceSearchCommand() {}

  public static void main(String[] args) {
    if (args.length == 0 || !args[0].equals("serve")) {
      // No command but serve needs names of machines; Java's fonts, for one, would look up our own.
      System.setProperty("jdk.net.hosts.file", File.separatorChar == '/' ? "/dev/null" : "NUL");
    }
    System.exit(run(args));
  }

  /** To Java an empty path is the working folder; to a shell it is a variable that was not set. */
  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("a path is empty; a dot means the working folder");
    }
    return Path.of(text);
  }

  /**
   * Runs a command and returns its exit status: 0 done, 1 failed, 2 wrong usage, 3 no face, 130
   * stopped.
   */
  static int run(String... args) {
    CommandLine line =
        new CommandLine(new FaceSearchCommand())
            .setUsageHelpWidth(HELP_WIDTH)
            .setOut(new TerminalWriter(System.out))
            .setErr(new TerminalWriter(System.err))
            .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
            .registerConverter(Path.class, FaceSearchCommand::path);
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          Optional<String> heap = tooSmallHeap(e);
          if (heap.isPresent()) {
            command.getErr().println("facesearch: " + heap.get());
          } else if (e instanceof FaceSearchException || e instanceof IllegalArgumentException) {
            command.getErr().println("facesearch: " + e.getMessage());
          } else if (e instanceof UncheckedIOException wrapped) {
            command
                .getErr()
                .println("facesearch: " + describe(Objects.requireNonNull(wrapped.getCause())));
          } else if (e instanceof IOException io) {
            command.getErr().println("facesearch: " + describe(io));
          } else {
            throw e;
          }
          return 1;
        });
    try {
      return line.execute(args);
    } catch (OutOfMemoryError e) {
      line.getErr().println("facesearch: " + tooSmallHeap(e).orElseThrow());
      return 1;
    }
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
