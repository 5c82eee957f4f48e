package io.facesearch.examples.cli;

import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code index}, {@code search}, {@code verify}, {@code info}, {@code demo}. */
@Command(
    name = "facesearch",
    mixinStandardHelpOptions = true,
    versionProvider = FaceSearchCommand.Version.class,
    description = "Finds similar faces, offline.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      IndexCommand.class,
      SearchCommand.class,
      VerifyCommand.class,
      InfoCommand.class,
      DemoCommand.class
    })
public final class FaceSearchCommand {
  /** Exit status: the photo has no face. */
  static final int NO_FACE = 3;

  private FaceSearchCommand() {}

  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command and returns its exit status: 0 done, 1 failed, 2 wrong usage, 3 no face. */
  static int run(String... args) {
    CommandLine line = new CommandLine(new FaceSearchCommand());
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof FaceSearchException || e instanceof IllegalArgumentException) {
            command.getErr().println("facesearch: " + e.getMessage());
          } else if (e instanceof NoSuchFileException) {
            command.getErr().println("facesearch: there is no file or folder " + e.getMessage());
          } else if (e instanceof IOException) {
            command.getErr().println("facesearch: " + e);
          } else {
            throw e;
          }
          return 1;
        });
    return line.execute(args);
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = FaceSearchCommand.class.getPackage().getImplementationVersion();
      return new String[] {"facesearch " + (version == null ? "(not packaged)" : version)};
    }
  }
}
