package io.facesearch.cli;

import io.facesearch.AlignmentTemplate;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import io.facesearch.eval.Report;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.opencv.HaarFaceDetector;
import io.facesearch.train.Augmentation;
import io.facesearch.train.FaceChips;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.OptimizerSettings;
import io.facesearch.train.TrainingParts;
import io.facesearch.train.TrainingRecipe;
import io.facesearch.train.TrainingResult;
import io.facesearch.train.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What distillation and triplets share: data, network, optimizer, what is written. */
final class TrainOptions {
  private static final int CHIP_SIDE = 112;

  /** Below so many people, a model of one's own is worse than the default one. */
  private static final int FEW_PEOPLE = 1000;

  @Mixin DatasetOption data;

  @Option(
      names = "--chips",
      paramLabel = "FILE",
      description =
          "Faces, found and aligned, with the vectors of --model; made if missing, at 112 pixels or --size if that is more, about 40 KB a photo. Without it, triplets learn from whole photos.")
  @Nullable Path chips;

  @Mixin ModelOption teacher;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The checkpoint; report and log are written beside it.")
  private Path out;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description =
          "Side of the input (default: 112 with --chips, 218 for whole photos; for triplets that of --start).")
  int size;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Batches (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description =
          "Highest learning rate (default: 0.004; for triplets 0.0005, for attributes 0.001).")
  private double rate;

  @Option(
      names = "--head-learning-rate",
      paramLabel = "SHARE",
      description =
          "Learning rate of the head, as a share of that of the backbone (default: 0.03; for triplets 0.1, for attributes 0.5).")
  private double headRate;

  @Option(
      names = "--optimizer",
      paramLabel = "KIND",
      defaultValue = "ADAMW",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private OptimizerSettings.Kind optimizer;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      defaultValue = "0.01",
      description = "Not of batch normalization and biases (default: ${DEFAULT-VALUE}).")
  private double decay;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "50",
      description = "Steps of rising learning rate (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--clip",
      paramLabel = "NORM",
      defaultValue = "5",
      description = "Longest gradient (default: ${DEFAULT-VALUE}).")
  private double clip;

  @Option(
      names = "--flip",
      paramLabel = "P",
      defaultValue = "0.5",
      description = "Probability of mirroring (default: ${DEFAULT-VALUE}).")
  private double flip;

  @Option(
      names = "--erasing",
      paramLabel = "P",
      defaultValue = "0",
      description = "Probability of random erasing (default: ${DEFAULT-VALUE}).")
  private double erasing;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0",
      description = "Probability of coarse dropout (default: ${DEFAULT-VALUE}).")
  private double dropout;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of split, batches and weights (default: ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = "--haar",
      description = "Leave out photos in which the Haar cascade finds no face, and count them.")
  private boolean haar;

  @Option(
      names = "--validation-share",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Share of the people trained on (80 %% of all) that chooses the best weights and calibrates the threshold (default: ${DEFAULT-VALUE}).")
  private double validationShare;

  @Option(
      names = "--validate-every",
      paramLabel = "N",
      defaultValue = "100",
      description = "Steps between validations (default: ${DEFAULT-VALUE}).")
  private int validateEvery;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "10",
      description = "Validations without a gain that end the run (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--save-minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "Minutes between saved states (default: ${DEFAULT-VALUE}).")
  private int saveMinutes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Of PyTorch (default: number of processors).")
  private int threads;

  @Option(
      names = "--false-accept-rate",
      paramLabel = "R",
      defaultValue = "0.001",
      description =
          "At which the threshold of the model card is calibrated, on pairs of the validation people (default: ${DEFAULT-VALUE}).")
  private double falseAcceptRate;

  @Option(
      names = "--license",
      paramLabel = "TEXT",
      description = "For the model card; what the data allows is yours to find out.")
  private @Nullable String license;

  /** The people in their parts, and their faces, if they are aligned. */
  record Data(TrainingParts parts, @Nullable FaceChips chips) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      if (chips != null) {
        chips.close();
      }
    }
  }

  /** Call before anything starts PyTorch. */
  void setThreads() {
    int n = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    if (threads > 0 || System.getProperty("ai.djl.pytorch.num_threads") == null) {
      System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(n));
    }
  }

  /**
   * Refuses files that are missing, or would be overwritten by what is learned.
   *
   * @param read files that the training begins with; null for none
   * @throws IOException if files cannot be compared
   */
  void requireFiles(@Nullable Path... read) throws IOException {
    for (Path file : read) {
      if (file != null && !Files.isRegularFile(file)) {
        throw new ParameterException(spec.commandLine(), file + " is missing, or is not a file");
      }
    }
    List<@Nullable Path> all = new ArrayList<>(Arrays.asList(read));
    all.add(chips);
    for (Path file : all) {
      if (file != null && Files.exists(file) && Files.exists(out) && Files.isSameFile(file, out)) {
        throw new ParameterException(
            spec.commandLine(),
            "--out would overwrite " + file + ", which is read; name another file");
      }
    }
  }

  int side() {
    return size > 0 ? size : chips == null ? 218 : CHIP_SIDE;
  }

  Preprocessing preprocessing() {
    return Preprocessing.imageNet(side(), side());
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  TrainingRecipe recipe() {
    return TrainingRecipe.builder()
        .steps(steps)
        .seed(seed)
        .augmentation(new Augmentation(flip, erasing, dropout))
        .optimizer(
            its ->
                new OptimizerSettings(
                    optimizer,
                    rate > 0 ? rate : its.learningRate(),
                    decay,
                    its.momentum(),
                    warmUp,
                    clip,
                    headRate > 0 ? headRate : its.headRate()))
        .validation(validationShare, validateEvery, patience)
        .build();
  }

  Data prepare(FaceDataset whole, PrintWriter console) throws IOException, InterruptedException {
    TrainingParts parts = recipe().parts(haar ? withHaarFaces(whole) : whole);
    parts
        .dataset()
        .leftOut()
        .forEach(out -> console.println("left out: " + out.count() + " " + out.reason()));
    if (parts.people() < FEW_PEOPLE) {
      console.println(
          "facesearch: only "
              + parts.people()
              + " people are trained on. So few make no model that is as good as the default one as"
              + " it is: put their photos into a gallery instead, and nothing needs to be trained"
              + " (docs/TRAINING.md tells how much better that is)");
    }
    console.flush();
    if (chips == null) {
      return new Data(parts, null);
    }
    boolean old = Files.exists(chips);
    if (!old) {
      align(parts.dataset(), chips);
    }
    FaceChips faces = FaceChips.open(chips);
    try {
      if (old) {
        check(faces);
      }
    } catch (IOException | RuntimeException e) {
      faces.close();
      throw e;
    }
    return new Data(parts.withImages(faces), faces);
  }

  private FaceDataset withHaarFaces(FaceDataset whole) throws IOException, InterruptedException {
    try (HaarFaceDetector detector = HaarFaceDetector.create();
        Progress bar = Output.of(spec).progress("Haar", "photos")) {
      return whole.withFaces(detector, done -> bar.report(done, whole.photos().size(), ""));
    }
  }

  /** The file may be of another run. */
  private void check(FaceChips faces) throws IOException {
    try (FaceEmbedder model = teacher.open()) {
      String fingerprint = model.card().fingerprint();
      if (!fingerprint.equals(faces.teacher())) {
        throw new FaceSearchException(
            "the vectors in "
                + chips
                + " are of the model "
                + faces.teacher()
                + ", but --model is "
                + fingerprint
                + "; name another file with --chips, and it is made");
      }
    }
    if (side() > Math.max(faces.width(), faces.height())) {
      throw new FaceSearchException(
          "the faces in "
              + chips
              + " have "
              + faces.width()
              + "x"
              + faces.height()
              + " pixels, too few for --size "
              + side()
              + "; name another file with --chips, and it is made");
    }
  }

  private void align(FaceDataset dataset, Path file) throws IOException, InterruptedException {
    int chipSide = Math.max(CHIP_SIDE, side()); // fit for a later stage of more pixels
    try (FaceAnalyzer pipeline = teacher.analyzer();
        Progress bar = Output.of(spec).progress("Aligning", "photos")) {
      FaceChips.prepare(
          dataset.photos(),
          pipeline,
          new SimilarityAligner(),
          pipeline.model().input().resized(chipSide, chipSide),
          file,
          done -> {
            bar.report(done, dataset.photos().size(), "");
            return true; // Ctrl-C ends the program; the same command goes on
          });
    }
  }

  /** Fills in what the options say. */
  TrainingRun.Builder configure(TrainingRun.Builder run, Data data) {
    return recipe()
        .configure(run, data.parts())
        .state(beside(".state"), Integer.MAX_VALUE, Duration.ofMinutes(saveMinutes))
        .log(beside(".csv"));
  }

  private Path beside(String suffix) {
    return out.resolveSibling(out.getFileName() + suffix);
  }

  /** Runs with a progress bar; Ctrl-C saves the state, from which the same command goes on. */
  private TrainingResult run(TrainingRun.Builder builder, PrintWriter console)
      throws IOException, InterruptedException {
    try (OrderlyEnd end = new OrderlyEnd(60, "the state of the training");
        Progress bar = Output.of(spec).progress("Training", "steps")) {
      TrainingResult result =
          builder
              .listener(
                  r -> {
                    bar.report(
                        r.step() + 1,
                        steps,
                        String.format(
                            Locale.ROOT,
                            "loss %.4f, %.0f images/s",
                            r.loss(),
                            r.imagesPerSecond()));
                    if (!Double.isNaN(r.score())) {
                      console.printf(
                          Locale.ROOT,
                          "step %d: loss %.4f, validation score %.4f, %.0f s%n",
                          r.step() + 1,
                          r.loss(),
                          r.score(),
                          r.seconds());
                      console.flush();
                      Output.of(spec)
                          .json(
                              "step",
                              Output.object(
                                  "step", r.step() + 1,
                                  "loss", r.loss(),
                                  "score", r.score(),
                                  "seconds", r.seconds()));
                    }
                    return !end.isAsked();
                  })
              .build()
              .run();
      if (!result.finished()) {
        console.println("stopped after " + result.steps() + " steps; run it again to go on");
        console.flush();
      }
      return result;
    }
  }

  /** A checkpoint whose threshold is calibrated on the validation people. */
  Checkpoint checkpoint(FaceNetwork network, String how, Data data, @Nullable TrainingResult result)
      throws IOException {
    Checkpoint.Builder builder = describe(network, how, data, result, "recall@1");
    Checkpoint plain = builder.build();
    try {
      return builder.threshold(data.parts().calibrate(plain, falseAcceptRate)).build();
    } catch (IllegalArgumentException e) {
      // What was trained is kept; the card then says that there is no threshold.
      Output.of(spec).error("no threshold was calibrated: " + e.getMessage());
      return plain;
    }
  }

  /** One without a threshold: looks do not tell who it is. */
  Checkpoint attributes(FaceNetwork network, String how, Data data, TrainingResult result)
      throws IOException {
    return describe(network, how, data, result, "share of attributes told right").build();
  }

  private Checkpoint.Builder describe(
      FaceNetwork network, String how, Data parted, @Nullable TrainingResult result, String score)
      throws IOException {
    String card =
        (license == null
                ? "the license of the training data holds (CelebA: non-commercial research only)"
                : license)
            + "; "
            + how
            + " on "
            + parted.parts().known()
            + (result == null
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; %d steps, validation %s %.3f",
                    result.steps(),
                    score,
                    result.bestScore()));
    Checkpoint.Builder builder =
        Checkpoint.of(network)
            .name(out.getFileName().toString().replaceFirst("\\.safetensors$", ""))
            .license(card)
            .preprocessing(preprocessing());
    if (chips != null) {
      try (FaceAnalyzer pipeline = teacher.analyzer()) {
        AlignmentTemplate template = pipeline.model().input();
        builder.alignment(template.resized(side(), side()));
      }
    }
    return builder;
  }

  /** What a training makes of a network. */
  interface Model {
    Checkpoint of(TrainingResult result) throws IOException;
  }

  /**
   * Trains, tests what came of it beside the stages before, and writes checkpoint and report.
   *
   * @param stage what the model is in the report
   * @return the exit status
   */
  int train(
      String title,
      TrainingRun.Builder run,
      Data data,
      Map<String, RetrievalEvaluation.Result> before,
      String stage,
      Model model)
      throws IOException, InterruptedException {
    PrintWriter console = Output.of(spec).text();
    TrainingResult result = run(run, console);
    if (!result.finished()) {
      return 1;
    }
    Checkpoint checkpoint = model.of(result);
    Map<String, RetrievalEvaluation.Result> stages = new LinkedHashMap<>(before);
    stages.put(stage, data.parts().evaluate(checkpoint));
    checkpoint.write(out);
    Report report = TrainingReport.of(title, checkpoint, result, stages, data.parts());
    report.note("checkpoint: " + out.toAbsolutePath());
    report.print(console);
    EvaluationOptions.print(report, Output.of(spec));
    Path folder = beside("-report");
    report.write(folder);
    console.println();
    console.println("report: " + folder.resolve("report.html").toAbsolutePath());
    console.flush();
    Output.of(spec).json("written", "file", out.toAbsolutePath());
    Output.of(spec).json("written", "file", folder.resolve("report.html").toAbsolutePath());
    return 0;
  }
}
