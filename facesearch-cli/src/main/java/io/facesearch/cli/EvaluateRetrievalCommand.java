package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.eval.EmbeddedPhoto;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.eval.RetrievalEvaluation.AttributesAtK;
import io.facesearch.eval.RetrievalEvaluation.IdentityAtK;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.IdentitySplit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "retrieval",
    mixinStandardHelpOptions = true,
    description = {
      "Searches one photo of each test person among all other test photos.",
      "People are parted 80/20 by --seed; the 20 %% are tested."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch evaluate retrieval --photos people",
      "  facesearch evaluate retrieval --photos celeba --test-share 1 --out report"
    })
final class EvaluateRetrievalCommand implements Callable<Integer> {
  private static final int SAMPLES = 12;

  @Mixin private DatasetOption data;

  @Option(
      names = "--test-share",
      paramLabel = "SHARE",
      defaultValue = "0.2",
      description = "Share of the people that is tested; 1 tests all (default: ${DEFAULT-VALUE}).")
  private double testShare;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of split and queries (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--beside",
      paramLabel = "MODEL",
      description =
          "A second model, as for --model, whose vectors stand behind those of the first; both weigh the same. Its vectors are kept in the file of --cache with .beside behind its name.")
  private @Nullable String beside;

  @Mixin private EvaluationOptions options;

  @Override
  public Integer call() throws Exception {
    try (DatasetOption.OpenDataset open = data.read()) {
      Report report = new Report("Retrieval on " + open.dataset().name());
      FaceDataset dataset = open.dataset().withIdentitiesOf(2);
      EvaluationOptions.describe(dataset, report);
      FaceDataset tested =
          testShare == 1 ? dataset : IdentitySplit.of(dataset, 1 - testShare, seed).test();
      IdentitySplit.Retrieval parts = IdentitySplit.queryAndGallery(tested, seed);
      try (FaceAnalyzer faces = options.open(FaceChoice.LARGEST)) {
        List<Path> files = tested.photos().stream().map(Photo::file).toList();
        Map<Path, EmbeddedPhoto> embedded = options.embed(faces, files, report);
        List<LabeledFace> queries = EvaluationOptions.label(parts.queries(), embedded);
        List<LabeledFace> gallery = EvaluationOptions.label(parts.gallery(), embedded);
        report.note(
            String.format(
                Locale.ROOT,
                "tested: %d people, %d of %d queries and %d of %d gallery photos have a face",
                tested.byIdentity().size(),
                queries.size(),
                parts.queries().size(),
                gallery.size(),
                parts.gallery().size()));
        String name = faces.model().name();
        if (beside != null) {
          try (FaceAnalyzer second = options.open(FaceChoice.LARGEST, "--beside", beside)) {
            JoinedFaces joined =
                new JoinedFaces(
                    gallery,
                    EvaluationOptions.label(
                        tested.photos(), options.embedBeside(second, files, report)));
            queries = joined.join(queries);
            gallery = joined.join(gallery);
            name += " and " + second.model().name();
          }
        }
        RetrievalEvaluation.Result result =
            RetrievalEvaluation.of(RetrievalEvaluation.DEFAULT_KS, dataset.attributeNames())
                .run(queries, gallery);
        double seconds = EvaluationOptions.embedSeconds(tested.photos(), embedded);
        fill(report, name, result, seconds);
        samples(report, result, files);
      }
      options.finish(report);
      return 0;
    }
  }

  private void fill(
      Report report, String model, RetrievalEvaluation.Result result, double embedSeconds) {
    List<AttributesAtK> at = result.attributes();
    List<String> columns = new ArrayList<>(List.of("model"));
    List<Object> row = new ArrayList<>(List.of(model));
    boolean attributes = at.get(0).accuracy().isPresent();
    double mean = 0;
    double meanTime = 0;
    for (AttributesAtK a : at) {
      double accuracy = attributes ? a.accuracy().orElseThrow().value() : Double.NaN;
      double seconds = a.queryTime().toNanos() / 1e9;
      columns.add("k=" + a.k());
      row.add(cell(accuracy, a.distance(), seconds));
      mean += accuracy / at.size();
      meanTime += seconds / at.size();
    }
    columns.addAll(List.of("mean", "embed s"));
    row.add(cell(mean, 2 * (1 - mean), meanTime));
    row.add(String.format(Locale.ROOT, "%.1f", embedSeconds));
    report.table(
        new Report.Table(
            "Attribute accuracy % / distance / time of all queries s", columns, List.of(row)));
    List<List<Object>> times = new ArrayList<>();
    for (AttributesAtK a : at) {
      times.add(
          List.of(
              a.k(),
              attributes ? a.accuracy().orElseThrow() : "-",
              a.distance(),
              a.queryTime().toNanos() / 1e9,
              a.queryTime().toNanos() / 1e6 / result.queries()));
    }
    report.table(
        new Report.Table(
            "By k",
            List.of("k", "attribute accuracy", "attribute distance", "all queries s", "a query ms"),
            times));
    result.identity().ifPresent(identity -> identity(report, identity));
    if (attributes) {
      report.table(
          new Report.Table(
              "Attributes at k=10",
              List.of("attribute", "accuracy", "by chance"),
              result.perAttribute().stream()
                  .map(a -> List.<Object>of(a.name(), a.accuracy(), a.chance()))
                  .toList()));
      double[] ks = at.stream().mapToDouble(AttributesAtK::k).toArray();
      report.chart(
          new Report.Chart(
              "Attribute accuracy by k",
              "retrieved photos k (logarithmic)",
              "attributes that agree (%)",
              true,
              List.of(
                  new Report.Line(
                      model,
                      ks,
                      at.stream()
                          .mapToDouble(a -> 100 * a.accuracy().orElseThrow().value())
                          .toArray()))));
      report.chart(
          new Report.Chart(
              "Attribute distance by k",
              "retrieved photos k (logarithmic)",
              "mean attribute distance (0 to 2)",
              true,
              List.of(
                  new Report.Line(
                      model, ks, at.stream().mapToDouble(AttributesAtK::distance).toArray()))));
    }
  }

  private static String cell(double accuracy, double distance, double seconds) {
    return Double.isNaN(accuracy)
        ? String.format(Locale.ROOT, "- / - / %.3f", seconds)
        : String.format(Locale.ROOT, "%.2f / %.4f / %.3f", 100 * accuracy, distance, seconds);
  }

  private static void identity(Report report, RetrievalEvaluation.Identity identity) {
    report.table(
        new Report.Table(
            "Identity",
            List.of("metric", "value"),
            List.of(
                List.of("queries whose person is in the gallery", identity.queries()),
                List.of("mean average precision", identity.meanAveragePrecision()),
                List.of("R-precision", identity.rPrecision()),
                List.of("mean reciprocal rank", identity.meanReciprocalRank()))));
    report.table(
        new Report.Table(
            "Identity by k",
            List.of("k", "recall@k", "precision@k", "CMC (person found among k)"),
            identity.atK().stream()
                .map(a -> List.<Object>of(a.k(), a.recall(), a.precision(), a.cmc()))
                .toList()));
    double[] cmc = identity.cmc();
    report.chart(
        new Report.Chart(
            "Cumulative match characteristic (CMC)",
            "rank (logarithmic)",
            "queries whose person is found by then (%)",
            true,
            List.of(
                new Report.Line(
                    "CMC",
                    IntStream.rangeClosed(1, cmc.length).asDoubleStream().toArray(),
                    IntStream.range(0, cmc.length).mapToDouble(i -> 100 * cmc[i]).toArray()))));
    double[] ks = identity.atK().stream().mapToDouble(IdentityAtK::k).toArray();
    report.chart(
        new Report.Chart(
            "Recall and precision by k",
            "retrieved photos k (logarithmic)",
            "%",
            true,
            List.of(
                new Report.Line(
                    "recall@k",
                    ks,
                    identity.atK().stream().mapToDouble(a -> 100 * a.recall().value()).toArray()),
                new Report.Line(
                    "precision@k",
                    ks,
                    identity.atK().stream()
                        .mapToDouble(a -> 100 * a.precision().value())
                        .toArray()))));
  }

  /** Files may lie in a zip file, so they are not made of their names. */
  private void samples(Report report, RetrievalEvaluation.Result result, List<Path> files) {
    Map<String, Path> byName = new HashMap<>();
    files.forEach(file -> byName.put(file.toString(), file));
    List<RetrievalEvaluation.Found> found = new ArrayList<>(result.found());
    Collections.shuffle(found, new Random(seed));
    for (RetrievalEvaluation.Found f : found.subList(0, Math.min(SAMPLES, found.size()))) {
      List<Report.Photo> photos = new ArrayList<>();
      for (int i = 0; i < f.matches().size(); i++) {
        LabeledFace match = f.matches().get(i);
        photos.add(
            new Report.Photo(
                Objects.requireNonNull(byName.get(match.source())),
                String.format(Locale.ROOT, "%.3f", f.distances().get(i)),
                match.identity().equals(f.query().identity())));
      }
      report.sample(
          new Report.Sample(
              Objects.requireNonNull(byName.get(f.query().source())),
              f.query().identity(),
              photos));
    }
  }
}
