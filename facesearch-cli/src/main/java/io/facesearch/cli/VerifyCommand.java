package io.facesearch.cli;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Verification;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Tells whether two photos show one person, by the largest face of each.")
final class VerifyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A", description = "A photo.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Another photo.")
  private Path second;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    FaceImage a = FaceImage.read(first);
    FaceImage b = FaceImage.read(second);
    try (FaceAnalyzer faces = model.analyzer()) {
      Verification answer = faces.verify(a, b);
      if (answer instanceof Verification.NoFace none) {
        if (none.first()) {
          spec.commandLine().getErr().println("facesearch: no face found in " + first);
        }
        if (none.second()) {
          spec.commandLine().getErr().println("facesearch: no face found in " + second);
        }
        return FaceSearchCommand.NO_FACE;
      }
      Verification.Compared compared = (Verification.Compared) answer;
      PrintWriter out = spec.commandLine().getOut();
      if (compared.threshold().falseAcceptRate() == 1) {
        out.printf(
            Locale.ROOT,
            "undecided, as the model is not calibrated: distance %.3f%n",
            compared.distance());
      } else {
        out.printf(
            Locale.ROOT,
            "%s: distance %.3f, threshold %.3f (false accept rate %.2g; calibrated on %s)%n",
            switch (compared.decision()) {
              case SAME -> "same person";
              case UNSURE -> "unsure";
              case DIFFERENT -> "different people";
            },
            compared.distance(),
            compared.threshold().distance(),
            compared.threshold().falseAcceptRate(),
            compared.threshold().calibratedOn());
      }
      out.flush();
      warnOfOthers(first, compared.first(), compared.firstOthers());
      warnOfOthers(second, compared.second(), compared.secondOthers());
      return 0;
    }
  }

  /** In a photo of several people, another may be the one who is meant. */
  private void warnOfOthers(Path photo, DetectedFace face, int others) {
    if (others == 0) {
      return;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        Locale.ROOT,
        "facesearch: of the %d faces in %s only the largest was compared, %.0f x %.0f pixels at"
            + " %.0f, %.0f; if another is meant, cut the photo to it%n",
        others + 1,
        photo,
        face.box().width(),
        face.box().height(),
        face.box().x(),
        face.box().y());
    err.flush();
  }
}
