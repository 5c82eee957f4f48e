package io.facesearch.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.facesearch.DecisionThreshold;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.Rate;
import io.facesearch.StrangerRates;
import io.facesearch.eval.Calibration;
import io.facesearch.eval.EmbeddedPhoto;
import io.facesearch.eval.ErrorVersusReject;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.eval.StrangerCalibration;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.IdentitySplit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "calibrate",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the threshold at a wanted error rate on labeled photos.",
      "Half of the people calibrate, the other half check; then all people give the threshold."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch evaluate calibrate --photos people --save faces/threshold",
      "  facesearch evaluate calibrate --photos celeba --groups Male,Young --json"
    })
final class EvaluateCalibrateCommand implements Callable<Integer> {
  private static final double[] FARS = {1e-1, 1e-2, 1e-3, 1e-4};
  private static final double[] FPIRS = {0.1, 0.05, 0.01};
  private static final int[] GALLERIES = {10, 100, 1000};

  /** Distances of the curve, in hundredths. */
  private static final int CURVE_FROM = 20;

  private static final int CURVE_TO = 150;

  /** Of one person, so that few people do not rule the curve of quality. */
  private static final int MOST_PHOTOS = 20;

  @Mixin private DatasetOption data;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      defaultValue = "0.001",
      description = "Wanted rate of the threshold that is saved (default: ${DEFAULT-VALUE}).")
  private double rate;

  @Option(
      names = "--people",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "1: --rate is the false accept rate of two photos; more: the false positive identification rate of a search among N people (default: ${DEFAULT-VALUE}).")
  private int people;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Where the threshold goes; STORE/threshold is used with the store STORE.")
  private @Nullable Path save;

  @Option(
      names = "--curve",
      paramLabel = "FILE",
      description = "Writes the rates at all distances, JSON, as the query page shows them.")
  private @Nullable Path curve;

  @Option(
      names = "--groups",
      paramLabel = "NAMES",
      split = ",",
      description =
          "Also the rates within groups, by attributes of the photos, such as Male,Young,Pale_Skin of CelebA.")
  private List<String> groups = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of halves and pairs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--splits",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Repeat the check with N random halves and count how often the prediction holds (default: ${DEFAULT-VALUE}).")
  private int splits;

  @Mixin private EvaluationOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    FaceSearchCommand.atLeastOne(spec, "--people", people);
    FaceSearchCommand.atLeastOne(spec, "--splits", splits);
    try (DatasetOption.OpenDataset open = data.read()) {
      FaceDataset dataset = open.dataset();
      Report report = new Report("Calibration on " + dataset.name());
      EvaluationOptions.describe(dataset, report);
      FaceChoice choice =
          data.layout() == DatasetOption.Layout.LFW ? FaceChoice.MOST_CENTRAL : FaceChoice.LARGEST;
      try (FaceAnalyzer faces = options.open(choice)) {
        List<Path> files = dataset.photos().stream().map(Photo::file).toList();
        Map<Path, EmbeddedPhoto> embedded = options.embed(faces, files, report);
        IdentitySplit halves = IdentitySplit.of(dataset, 0.5, seed);
        Calibration known = calibration(halves.train(), embedded, "half of the people");
        Calibration other = calibration(halves.test(), embedded, "the other half");
        check(report, known, other);
        if (splits > 1) {
          coverage(report, dataset, embedded);
        }
        Calibration all = calibration(dataset, embedded, dataset.name());
        DecisionThreshold threshold =
            people == 1
                ? withStrangers(all.atFalseAcceptRate(rate), dataset, embedded, report)
                : all.atFalsePositiveIdentificationRate(rate, people);
        show(report, threshold);
        if (!groups.isEmpty()) {
          List<LabeledFace> labeled = EvaluationOptions.label(dataset.photos(), embedded);
          GroupReport.add(
              report, labeled, dataset.attributeNames(), groups, threshold.distance(), seed);
        }
        if (curve != null) {
          Files.writeString(curve, curve(all, faces.model().fingerprint(), threshold));
          report.note("rates saved to " + curve);
        }
        QualityReport.add(report, genuine(dataset, embedded), threshold.distance());
        QualityReport.counts(
            report, embedded.values().stream().flatMap(p -> p.quality().stream()).toList());
        if (save != null) {
          threshold.save(save, faces.model().fingerprint());
          report.note("threshold saved to " + save);
        }
      }
      options.finish(report);
      return 0;
    }
  }

  private Calibration calibration(
      FaceDataset dataset, Map<Path, EmbeddedPhoto> embedded, String name) {
    List<LabeledFace> faces = EvaluationOptions.label(dataset.photos(), embedded);
    return Calibration.ofFaces(faces, name, seed);
  }

  private DecisionThreshold withStrangers(
      DecisionThreshold pairs,
      FaceDataset dataset,
      Map<Path, EmbeddedPhoto> embedded,
      Report report) {
    Optional<StrangerRates> rates =
        StrangerCalibration.of(EvaluationOptions.label(dataset.photos(), embedded), seed);
    if (rates.isEmpty()) {
      report.note("too few people to tell how often strangers would get a name in a gallery");
      return pairs;
    }
    List<List<Object>> rows = new ArrayList<>();
    for (StrangerRates.Curve curve : rates.get().curves()) {
      curve.points().forEach(p -> rows.add(List.of(curve.photos(), p.distance(), p.rate())));
    }
    report.table(
        new Report.Table(
            "Strangers that are so near to one person",
            List.of("photos of the person", "distance to their mean", "rate"),
            rows));
    return pairs.withStrangers(rates.get());
  }

  /** All pairs of photos of one person. */
  private static List<ErrorVersusReject.QualityPair> genuine(
      FaceDataset dataset, Map<Path, EmbeddedPhoto> embedded) {
    List<ErrorVersusReject.QualityPair> pairs = new ArrayList<>();
    for (List<Photo> person : dataset.byIdentity().values()) {
      List<EmbeddedPhoto> photos =
          person.stream()
              .map(photo -> embedded.get(photo.file()))
              .filter(photo -> photo.embedding().isPresent())
              .limit(MOST_PHOTOS)
              .toList();
      for (int i = 0; i < photos.size(); i++) {
        for (int j = i + 1; j < photos.size(); j++) {
          EmbeddedPhoto a = photos.get(i);
          EmbeddedPhoto b = photos.get(j);
          pairs.add(
              new ErrorVersusReject.QualityPair(
                  a.embedding().orElseThrow().distanceTo(b.embedding().orElseThrow()),
                  a.quality().orElseThrow(),
                  b.quality().orElseThrow()));
        }
      }
    }
    return pairs;
  }

  private static void check(Report report, Calibration known, Calibration other) {
    List<String> columns =
        List.of(
            "wanted rate",
            "gallery",
            "threshold",
            "predicted by one half",
            "observed on the other",
            "observed in predicted interval",
            "other half's false reject rate");
    List<List<Object>> rows = new ArrayList<>();
    for (double far : FARS) {
      try {
        DecisionThreshold t = known.atFalseAcceptRate(far);
        rows.add(
            row(
                far,
                t,
                known.predictedFalseAccept(t.distance()),
                other.falseAccept(t.distance()),
                other));
      } catch (IllegalArgumentException e) {
        rows.add(refused(far, 1, e));
      }
    }
    for (int n : GALLERIES) {
      for (double fpir : FPIRS) {
        try {
          DecisionThreshold t = known.atFalsePositiveIdentificationRate(fpir, n);
          rows.add(
              row(
                  fpir,
                  t,
                  t.falseAccept().orElseThrow(),
                  other.falsePositiveIdentification(t.distance(), n),
                  other));
        } catch (IllegalArgumentException e) {
          rows.add(refused(fpir, n, e));
        }
      }
    }
    report.table(new Report.Table("Half of the people predicts the other half", columns, rows));
  }

  private static List<Object> row(
      double wanted, DecisionThreshold t, Rate predicted, Rate observed, Calibration other) {
    return List.of(
        wanted,
        t.gallerySize(),
        t.distance(),
        predicted,
        observed,
        predicted.holds(observed.value()) ? "yes" : "NO",
        other.falseReject(t.distance()));
  }

  /** How often what one half predicts holds on the other, over many halves. */
  private void coverage(Report report, FaceDataset dataset, Map<Path, EmbeddedPhoto> embedded) {
    int[] measured = new int[FARS.length];
    int[] held = new int[FARS.length];
    for (int s = 0; s < splits; s++) {
      IdentitySplit halves = IdentitySplit.of(dataset, 0.5, seed + s);
      Calibration known = calibration(halves.train(), embedded, "half of the people");
      Calibration other = calibration(halves.test(), embedded, "the other half");
      for (int f = 0; f < FARS.length; f++) {
        try {
          double distance = known.atFalseAcceptRate(FARS[f]).distance();
          double observed = other.falseAccept(distance).value();
          measured[f]++;
          held[f] += known.predictedFalseAccept(distance).holds(observed) ? 1 : 0;
        } catch (IllegalArgumentException e) {
          // Too few pairs for this rate: not counted, as the table says.
        }
      }
    }
    List<List<Object>> rows = new ArrayList<>();
    for (int f = 0; f < FARS.length; f++) {
      rows.add(List.of(FARS[f], measured[f], held[f]));
    }
    report.table(
        new Report.Table(
            "False accept rate predicted, over random halves",
            List.of("wanted rate", "halves", "observed in predicted interval"),
            rows));
  }

  private static List<Object> refused(double wanted, int n, IllegalArgumentException e) {
    return List.of(wanted, n, Double.NaN, "-", "-", "refused: " + e.getMessage(), "-");
  }

  private static String curve(Calibration all, String model, DecisionThreshold threshold) {
    JsonArray points = new JsonArray();
    for (int i = CURVE_FROM; i <= CURVE_TO; i++) {
      double distance = i / 100.0;
      JsonObject point = new JsonObject();
      point.addProperty("distance", distance);
      point.addProperty("falseAccept", all.falseAccept(distance).value());
      point.addProperty("falseReject", all.falseReject(distance).value());
      points.add(point);
    }
    JsonObject json = new JsonObject();
    json.addProperty("model", model);
    json.addProperty("calibratedOn", threshold.calibratedOn());
    json.add("points", points);
    return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
  }

  private static void show(Report report, DecisionThreshold t) {
    report.table(
        new Report.Table(
            "Threshold",
            List.of("what", "value"),
            List.of(
                List.of("SAME up to (L2 distance)", t.distance()),
                List.of("DIFFERENT beyond (L2 distance)", t.differentBeyond()),
                List.of("people in the gallery", t.gallerySize()),
                List.of("wanted rate", t.falseAcceptRate()),
                List.of("false accept rate, measured", t.falseAccept().orElseThrow()),
                List.of("false reject rate of DIFFERENT", t.falseReject().orElseThrow()),
                List.of("calibrated on", t.calibratedOn()))));
  }
}
