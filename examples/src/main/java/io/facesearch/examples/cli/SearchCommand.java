package io.facesearch.examples.cli;

import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceSearch;
import io.facesearch.PhotoMatches;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    FaceImage image = FaceImage.read(photo);
    try (FaceSearch faces = FaceSearch.open(SigmoidTreeIndex.load(file))) {
      PhotoMatches answer = faces.search(image, k);
      if (!(answer instanceof PhotoMatches.Found found)) {
        spec.commandLine().getErr().println("facesearch: no face found in " + photo);
        return FaceSearchCommand.NO_FACE;
      }
      if (found.otherFaces() > 0) {
        out.println(found.otherFaces() + " further faces in the photo were not searched");
      }
      double threshold = faces.model().threshold().distance();
      out.printf("%8s  %-9s  %-20s  %s%n", "distance", "decision", "person", "face");
      for (FaceMatch match : found.result()) {
        out.printf(
            "%8.3f  %-9s  %-20s  %s%n",
            match.distance(),
            match.distance() <= threshold ? "same" : "different",
            match.face().person().orElse("-"),
            match.face().id());
      }
    }
    return 0;
  }
}
