package io.facesearch.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceImage;
import io.facesearch.FaceMatch;
import io.facesearch.FaceQuality;
import io.facesearch.Gallery;
import io.facesearch.PhotoMatches;
import io.facesearch.Search;
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
    description = "Prints the most similar faces of a gallery.")
final class SearchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PHOTO", description = "The largest face in it is searched.")
  private Path photo;

  @Mixin private GalleryOption where;

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
    try (Gallery gallery = where.open(model)) {
      PhotoMatches answer = gallery.search(image, Search.nearest(k));
      if (!(answer instanceof PhotoMatches.Found found)) {
        spec.commandLine().getErr().println("facesearch: no face found in " + photo);
        return FaceSearchCommand.NO_FACE;
      }
      if (found.otherFaces() > 0) {
        out.println("not searched: further faces in the photo: " + found.otherFaces());
      }
      for (FaceQuality.Measure poor : found.face().quality().rejections()) {
        out.printf(
            Locale.ROOT,
            "the photo is ill suited: %s (%.3g, limit %.3g)%n",
            poor.reason(),
            poor.value(),
            poor.limit());
      }
      DecisionThreshold threshold = found.who().threshold();
      out.printf("%8s  %-9s  %-20s  %s%n", "distance", "says", "person", "face");
      for (FaceMatch match : found.result()) {
        out.printf(
            Locale.ROOT,
            "%8.3f  %-9s  %-20s  %s%n",
            match.distance(),
            found.who().decision(match),
            match.face().person().orElse("-"),
            match.face().id());
      }
      printThreshold(out, threshold, gallery.pairThreshold());
      out.flush();
    }
    return 0;
  }

  private static void printThreshold(
      PrintWriter out, DecisionThreshold threshold, DecisionThreshold pairs) {
    if (threshold.falseAcceptRate() == 1) {
      out.println("The model is not calibrated: no distance is known to mean one person.");
      return;
    }
    if (threshold.strangers().isEmpty() && threshold.distance() < pairs.distance()) {
      out.printf(
          Locale.ROOT,
          "SAME: only the same photo. Of this model it is known how often two photos of strangers"
              + " are%ntaken for one person (%.2g at %.3f), not how often that happens among %d"
              + " people;%n'evaluate calibrate --photos FOLDER --save STORE/threshold' finds it, from 20"
              + " people on.%n",
          pairs.falseAcceptRate(),
          pairs.distance(),
          threshold.gallerySize());
      return;
    }
    out.printf(
        Locale.ROOT,
        "SAME: by all faces of the name, at most %.3f from their mean; about %.2g of strangers"
            + " get a%nname among %d people (calibrated on %s).%n",
        threshold.distance(),
        threshold.falseAcceptRate(),
        threshold.gallerySize(),
        threshold.calibratedOn());
  }
}
