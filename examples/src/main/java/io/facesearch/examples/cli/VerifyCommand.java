package io.facesearch.examples.cli;

import io.facesearch.FaceImage;
import io.facesearch.FaceSearch;
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
    description = "Tells whether two photos show one person.")
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
    try (FaceSearch faces = model.builder().build()) {
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
      return 0;
    }
  }
}
