package io.facesearch.cli;

import io.facesearch.FolderSource;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which subfolders of a folder of photos are people. */
final class FolderPeople {
  @Option(
      names = "--no-person",
      paramLabel = "SUBFOLDER",
      description =
          "A subfolder's name that is no person, such as camera or '20*'; the faces of its photos get no name, and are grouped by likeness. May be repeated; '*' means all.")
  private List<String> none = List.of();

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** The folder, of which some subfolders are no people. */
  FolderSource of(FolderSource source) {
    if (none.isEmpty()) {
      return source;
    }
    List<PathMatcher> patterns = none.stream().map(this::pattern).toList();
    return source.person(
        file -> {
          Path folder = file.getParent();
          return folder == null
                  || patterns.stream().anyMatch(one -> one.matches(folder.getFileName()))
              ? Optional.empty()
              : source.personOf(file);
        });
  }

  private PathMatcher pattern(String text) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + text);
    } catch (PatternSyntaxException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--no-person must be the name of a subfolder or a pattern such as '20*', but is: " + text,
          e);
    }
  }
}
