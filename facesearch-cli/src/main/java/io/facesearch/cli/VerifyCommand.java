package io.facesearch.cli;

import io.facesearch.Decision;
import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Verification;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Tells whether two photos show one person, by the largest face of each.",
      "Of more photos, each is compared with the first. Status 0: the same person, 4: another, 5:"
          + " it",
      "cannot be told."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch verify passport.jpg camera.jpg",
      "  facesearch verify passport.jpg 'door/*.jpg' --json"
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private PhotoArguments photos;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    List<PhotoArguments.@Nullable Given> given = photos.find(spec, out);
    if (given.size() < 2) {
      throw new ParameterException(
          spec.commandLine(), "two photos are compared, but there is one: " + given.size());
    }
    PhotoArguments.Given first = given.get(0);
    if (first == null || given.stream().filter(Objects::nonNull).count() < 2) {
      return 1;
    }
    FaceImage one = first.read();
    try (FaceAnalyzer faces = model.analyzer()) {
      int[] statuses = new int[FaceSearchCommand.UNSURE + 1];
      int status =
          PhotoArguments.each(
              given.subList(1, given.size()),
              out,
              second -> {
                int said = verify(faces, first, one, second, out);
                statuses[said]++;
                return said;
              });
      // Of several: one that is another person is what must be known.
      return status == FaceSearchCommand.UNSURE && statuses[FaceSearchCommand.DIFFERENT] > 0
          ? FaceSearchCommand.DIFFERENT
          : status;
    }
  }

  private static int verify(
      FaceAnalyzer faces,
      PhotoArguments.Given first,
      FaceImage one,
      PhotoArguments.Given second,
      Output out)
      throws IOException {
    Verification answer = faces.verify(one, second.read());
    if (answer instanceof Verification.NoFace none) {
      int status = 0;
      if (none.first()) {
        status = PhotoArguments.noFace(first, out);
      }
      return none.second() ? PhotoArguments.noFace(second, out) : status;
    }
    Verification.Compared compared = (Verification.Compared) answer;
    boolean calibrated = Thresholds.isCalibrated(compared.threshold());
    Decision decision = calibrated ? compared.decision() : Decision.UNSURE;
    String words =
        switch (decision) {
          case SAME -> "same person";
          case UNSURE -> "unsure";
          case DIFFERENT -> "different people";
        };
    out.text().println(Thresholds.comparison(words, compared.distance(), compared.threshold()));
    out.text().flush();
    out.json(
        "verification",
        Output.object(
            "first", first.name(),
            "second", second.name(),
            "decision", decision,
            "distance", compared.distance(),
            "threshold", Thresholds.json(compared.threshold()),
            "firstBox", compared.first().box(),
            "secondBox", compared.second().box(),
            "firstOthers", compared.firstOthers(),
            "secondOthers", compared.secondOthers()));
    warnOfOthers(first, compared.first(), compared.firstOthers(), out);
    warnOfOthers(second, compared.second(), compared.secondOthers(), out);
    return switch (decision) {
      case SAME -> 0;
      case UNSURE -> FaceSearchCommand.UNSURE;
      case DIFFERENT -> FaceSearchCommand.DIFFERENT;
    };
  }

  /** In a photo of several people, another may be the one who is meant. */
  private static void warnOfOthers(
      PhotoArguments.Given photo, DetectedFace face, int others, Output out) {
    if (others > 0) {
      out.note(
          String.format(
              java.util.Locale.ROOT,
              "of the %d faces in %s only the largest was compared, %.0f x %.0f pixels at %.0f,"
                  + " %.0f; if another is meant, cut the photo to it",
              others + 1,
              photo.name(),
              face.box().width(),
              face.box().height(),
              face.box().x(),
              face.box().y()));
    }
  }
}
