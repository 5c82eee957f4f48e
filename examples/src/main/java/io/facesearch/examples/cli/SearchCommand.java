package io.facesearch.examples.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceSearch;
import io.facesearch.PhotoMatches;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = "Prints the most similar faces of an index file.")
final class SearchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PHOTO", description = "The largest face in it is searched.")
  private Path photo;

  @Option(
      names = "--index",
      paramLabel = "FILE",
      defaultValue = "faces.fsx",
      description = "The index file (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(
      names = "-k",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many matches (default: ${DEFAULT-VALUE}).")
  private int k;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    FaceSearchCommand.atLeastOne(spec, "-k", k);
    FaceImage image = FaceImage.read(photo);
    try (FaceSearch faces = model.builder().index(FaceSearchCommand.load(file)).build()) {
      PhotoMatches answer = faces.search(image, k);
      if (!(answer instanceof PhotoMatches.Found found)) {
        spec.commandLine().getErr().println("facesearch: no face found in " + photo);
        return FaceSearchCommand.NO_FACE;
      }
      if (found.otherFaces() > 0) {
        out.println("not searched: further faces in the photo: " + found.otherFaces());
      }
      out.printf("%8s  %-20s  %s%n", "distance", "person", "face");
      for (FaceMatch match : found.result()) {
        out.printf(
            Locale.ROOT,
            "%8.3f  %-20s  %s%n",
            match.distance(),
            match.face().person().orElse("-"),
            match.face().id());
      }
      printThreshold(out, faces.model().threshold(), faces.index().size());
      out.flush();
    }
    return 0;
  }

  private static void printThreshold(PrintWriter out, DecisionThreshold threshold, int size) {
    if (threshold.falseAcceptRate() == 1) {
      out.println("The model is not calibrated: no distance is known to mean one person.");
      return;
    }
    out.printf(
        Locale.ROOT,
        "Two photos at most %.3f apart show one person (false accept rate %.2g);%n"
            + "among the %d faces here, expect %.2g strangers that near.%n",
        threshold.distance(),
        threshold.falseAcceptRate(),
        size,
        size * threshold.falseAcceptRate());
  }
}
