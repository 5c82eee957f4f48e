package io.facesearch.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceSearchException;
import io.facesearch.StrangerRates;
import io.facesearch.eval.EmbeddedPhoto;
import io.facesearch.eval.IdentificationEvaluation;
import io.facesearch.eval.IdentificationEvaluation.Outcome;
import io.facesearch.eval.IdentificationEvaluation.Score;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.eval.StrangerCalibration;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.IdentitySplit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "identify",
    mixinStandardHelpOptions = true,
    description = {
      "Who is it? Galleries of people of a data set, further photos of them, and strangers.",
      "Half of the people calibrate; galleries and strangers are of the other half."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch evaluate identify --photos people --people 100",
      "  facesearch evaluate identify --photos celeba --lfw-strangers lfw --json"
    })
final class EvaluateIdentifyCommand implements Callable<Integer> {
  private static final int[] PHOTOS = {1, 2, 4};

  @Mixin private DatasetOption data;

  @Option(
      names = "--people",
      paramLabel = "N",
      split = ",",
      defaultValue = "100,500,2000",
      description = "People of a gallery, separated by commas (default: ${DEFAULT-VALUE}).")
  private int[] people;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      defaultValue = "0.01",
      description = "Wanted share of strangers that get a name (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "5",
      description = "Galleries that are drawn (default: ${DEFAULT-VALUE}).")
  private int draws;

  @Option(
      names = "--lfw-strangers",
      paramLabel = "FOLDER",
      description = "Strangers are those of this LFW folder, instead of the data set's.")
  private @Nullable Path lfw;

  @Option(
      names = "--own",
      description = "Calibrate on half of the people; without it the model's own rates are used.")
  private boolean own;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of halves and galleries (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private EvaluationOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    FaceSearchCommand.atLeastOne(spec, "--draws", draws);
    for (int size : people) {
      FaceSearchCommand.atLeastOne(spec, "--people", size);
    }
    try (DatasetOption.OpenDataset open = data.read()) {
      FaceDataset dataset = open.dataset();
      Report report = new Report("Identification on " + dataset.name());
      EvaluationOptions.describe(dataset, report);
      try (FaceAnalyzer faces = options.open(FaceChoice.LARGEST)) {
        List<LabeledFace> all = embed(faces, dataset, report);
        DecisionThreshold pairs = faces.threshold();
        if (own) {
          IdentitySplit halves = IdentitySplit.of(dataset, 0.5, seed);
          StrangerRates rates =
              StrangerCalibration.of(of(halves.train(), all), seed)
                  .orElseThrow(
                      () -> new FaceSearchException("too few people to calibrate on: " + dataset));
          pairs = pairs.withStrangers(rates);
          all = of(halves.test(), all);
        }
        IdentificationEvaluation evaluation =
            lfw == null
                ? IdentificationEvaluation.of(all, seed)
                : IdentificationEvaluation.of(
                    all, embed(faces, FaceDataset.ofLfw(lfw), report), seed);
        report.table(table(evaluation, pairs));
      }
      options.finish(report);
      return 0;
    }
  }

  private List<LabeledFace> embed(FaceAnalyzer faces, FaceDataset dataset, Report report)
      throws Exception {
    List<Path> files = dataset.photos().stream().map(Photo::file).toList();
    Map<Path, EmbeddedPhoto> embedded = options.embed(faces, files, report);
    return EvaluationOptions.label(dataset.photos(), embedded);
  }

  private static List<LabeledFace> of(FaceDataset part, List<LabeledFace> faces) {
    Set<String> people = part.byIdentity().keySet(); // made anew by each call
    return faces.stream().filter(f -> people.contains(f.identity())).toList();
  }

  private Report.Table table(IdentificationEvaluation evaluation, DecisionThreshold pairs) {
    List<List<Object>> rows = new ArrayList<>();
    for (int size : people) {
      for (int photos : PHOTOS) {
        for (Score score : Score.values()) {
          try {
            rows.add(row(size, photos, score, evaluation, pairs));
          } catch (FaceSearchException e) {
            rows.add(
                List.of(size, photos, score.name(), "-", "-", "-", "-", e.getMessage(), "-", "-"));
          }
        }
      }
    }
    return new Report.Table(
        "Who is it? At most " + rate + " of strangers shall get a name",
        List.of(
            "people",
            "photos",
            "score",
            "threshold",
            "strangers' photos",
            "FPIR",
            "wanted in interval, draws",
            "TPIR",
            "right person first",
            "known: wrong / unsure"),
        rows);
  }

  private List<Object> row(
      int size,
      int photos,
      Score score,
      IdentificationEvaluation evaluation,
      DecisionThreshold pairs) {
    Outcome outcome = evaluation.run(size, photos, score, pairs, rate, draws);
    return List.of(
        size,
        photos,
        score.name(),
        outcome.threshold().distance(),
        outcome.strangers(),
        outcome.falsePositive(),
        outcome.drawsThatHold() + " of " + outcome.draws(),
        outcome.truePositive(),
        outcome.rightFirst(),
        String.format(Locale.ROOT, "%.4f / %.3f", outcome.wrong(), outcome.unsure()));
  }
}
