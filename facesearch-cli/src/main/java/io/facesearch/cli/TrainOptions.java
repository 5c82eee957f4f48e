package io.facesearch.cli;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import io.facesearch.detect.SimilarityAligner;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Preprocessing;
import io.facesearch.eval.Calibration;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.internal.NativeFolder;
import io.facesearch.opencv.HaarFaceDetector;
import io.facesearch.train.Augmentation;
import io.facesearch.train.FaceChips;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.IdentitySplit;
import io.facesearch.train.LabeledImages;
import io.facesearch.train.OptimizerSettings;
import io.facesearch.train.TrainingResult;
import io.facesearch.train.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What distillation and triplets share: data, network, optimizer, what is written. */
final class TrainOptions {
  /** Standard deviation of vectors over their length, below which distances are rounding errors. */
  private static final double LEAST_SPREAD = 1e-6;

  private static final int CHIP_SIDE = 112;

  /** Below so many people, a model of one's own is worse than the default one. */
  private static final int FEW_PEOPLE = 1000;

  private static final int EMBEDDED_AT_ONCE = 64;

  @Mixin DatasetOption data;

  @Option(
      names = "--chips",
      paramLabel = "FILE",
      description = {
        "Faces, found and aligned, with the vectors of --model; made if missing, at 112 pixels or",
        "--size if that is more, about 40 KB a photo. Without it, triplets learn from whole photos."
      })
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
      description = {
        "Side of the input (default: 112 with --chips, 218 for whole photos; for triplets that of",
        "--start)."
      })
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
      description = {
        "Learning rate of the head, as a share of that of the backbone (default: 0.03; for",
        "triplets 0.1, for attributes 0.5)."
      })
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
      description = {
        "Share of the people trained on (80 %% of all) that chooses the best weights and"
            + " calibrates",
        "the threshold (default: ${DEFAULT-VALUE})."
      })
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
      description = {
        "At which the threshold of the model card is calibrated, on pairs of the validation people",
        "(default: ${DEFAULT-VALUE})."
      })
  private double falseAcceptRate;

  @Option(
      names = "--license",
      paramLabel = "TEXT",
      description = "For the model card; what the data allows is yours to find out.")
  private @Nullable String license;

  /** Images of each part, and what belongs to them. */
  record Parts(
      FaceDataset dataset,
      IdentitySplit split,
      LabeledImages all,
      int[] train,
      int[] validation,
      int[] test,
      @Nullable FaceChips chips)
      implements AutoCloseable {
    LabeledImages trainImages() {
      return all.subset(train);
    }

    LabeledImages validationImages() {
      return all.subset(validation);
    }

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

  int side() {
    return size > 0 ? size : chips == null ? 218 : CHIP_SIDE;
  }

  Preprocessing preprocessing() {
    return Preprocessing.imageNet(side(), side());
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** People are parted as {@code evaluate retrieval} parts them. */
  Parts parts(FaceDataset whole, PrintWriter console) throws IOException, InterruptedException {
    FaceDataset dataset = (haar ? withHaarFaces(whole) : whole).withIdentitiesOf(2);
    dataset
        .leftOut()
        .forEach(out -> console.println("left out: " + out.count() + " " + out.reason()));
    IdentitySplit split = IdentitySplit.of(dataset, 0.8, seed);
    IdentitySplit inner = IdentitySplit.of(split.train(), 1 - validationShare, seed);
    int people = inner.train().byIdentity().size();
    if (people < FEW_PEOPLE) {
      console.println(
          "facesearch: only "
              + people
              + " people are trained on. So few make no model that is as good as the default one as"
              + " it is: put their photos into a gallery instead, and nothing needs to be trained"
              + " (docs/TRAINING.md tells how much better that is)");
    }
    console.flush();
    FaceChips faces = null;
    if (chips != null) {
      boolean old = Files.exists(chips);
      if (!old) {
        prepare(dataset, chips);
      }
      faces = FaceChips.open(chips);
      try {
        if (old) {
          check(faces);
        }
      } catch (IOException | RuntimeException e) {
        faces.close();
        throw e;
      }
    }
    LabeledImages all = faces == null ? LabeledImages.of(dataset.photos()) : faces;
    return new Parts(
        dataset,
        split,
        all,
        all.indicesOf(inner.train()),
        all.indicesOf(inner.test()),
        all.indicesOf(split.test()),
        faces);
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

  private void prepare(FaceDataset dataset, Path file) throws IOException, InterruptedException {
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
  TrainingRun.Builder configure(TrainingRun.Builder run, Parts parts, OptimizerSettings defaults) {
    return run.steps(steps)
        .seed(seed)
        .augmentation(new Augmentation(flip, erasing, dropout))
        .optimizer(
            new OptimizerSettings(
                optimizer,
                rate > 0 ? rate : defaults.learningRate(),
                decay,
                0.9,
                warmUp,
                clip,
                headRate > 0 ? headRate : defaults.headRate()))
        .validation(parts.validationImages(), validateEvery, patience)
        .state(beside(".state"), Integer.MAX_VALUE, Duration.ofMinutes(saveMinutes))
        .log(beside(".csv"));
  }

  private Path beside(String suffix) {
    return out.resolveSibling(out.getFileName() + suffix);
  }

  /** Runs with a progress bar; Ctrl-C saves the state, from which the same command goes on. */
  TrainingResult run(TrainingRun.Builder builder, PrintWriter console)
      throws IOException, InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stop.set(true);
              try {
                done.await(60, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "facesearch-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try (Progress bar = Output.of(spec).progress("Training", "steps")) {
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
                              "step",
                              r.step() + 1,
                              "loss",
                              r.loss(),
                              "score",
                              r.score(),
                              "seconds",
                              r.seconds());
                    }
                    return !stop.get();
                  })
              .build()
              .run();
      if (!result.finished()) {
        console.println("stopped after " + result.steps() + " steps; run it again to go on");
        console.flush();
      }
      return result;
    } finally {
      done.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The JVM is ending, which is why we are here.
      }
    }
  }

  /** A checkpoint whose threshold is calibrated on the validation people. */
  Checkpoint checkpoint(
      FaceNetwork network, String how, Parts parts, @Nullable TrainingResult result)
      throws IOException {
    Checkpoint.Builder builder = describe(network, how, parts, result, "recall@1");
    Checkpoint plain = builder.build();
    try {
      return builder.threshold(calibrate(plain, parts)).build();
    } catch (IllegalArgumentException e) {
      // What was trained is kept; the card then says that there is no threshold.
      Output.of(spec).error("no threshold was calibrated: " + e.getMessage());
      return plain;
    }
  }

  /** One without a threshold: looks do not tell who it is. */
  Checkpoint attributes(FaceNetwork network, String how, Parts parts, TrainingResult result)
      throws IOException {
    return describe(network, how, parts, result, "share of attributes told right").build();
  }

  private Checkpoint.Builder describe(
      FaceNetwork network, String how, Parts parts, @Nullable TrainingResult result, String score)
      throws IOException {
    FaceDataset data = parts.split().train();
    String card =
        (license == null
                ? "the license of the training data holds (CelebA: non-commercial research only)"
                : license)
            + "; "
            + how
            + " on "
            + data
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

  private DecisionThreshold calibrate(Checkpoint plain, Parts parts) throws IOException {
    List<LabeledFace> faces = embed(plain, parts.all(), parts.validation(), parts.dataset());
    requireSpread(faces);
    return Calibration.ofFaces(faces, "validation people of " + parts.dataset().name(), seed)
        .atFalseAcceptRate(falseAcceptRate);
  }

  /** Rates of a model that gives everybody one vector would look good, but mean nothing. */
  private static void requireSpread(List<LabeledFace> faces) {
    int n = faces.size();
    double[] sums = new double[faces.get(0).embedding().dimension()];
    double squares = 0;
    for (LabeledFace face : faces) {
      float[] vector = face.embedding().toArray();
      for (int j = 0; j < vector.length; j++) {
        sums[j] += vector[j];
        squares += (double) vector[j] * vector[j];
      }
    }
    double ofMean = 0;
    for (double sum : sums) {
      ofMean += sum * sum / n;
    }
    double spread = Math.sqrt(Math.max(0, 1 - ofMean / squares));
    if (!(spread >= LEAST_SPREAD)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the network has collapsed: the vectors of %d faces differ by %.2g of their length;"
                  + " train it longer, or at a lower rate",
              n,
              spread));
    }
  }

  private List<LabeledFace> embed(
      Checkpoint checkpoint, LabeledImages images, int[] which, FaceDataset dataset)
      throws IOException {
    Map<String, Photo> photos = new HashMap<>();
    dataset.photos().forEach(photo -> photos.put(photo.file().toString(), photo));
    Path file =
        Files.createTempFile(NativeFolder.path("the checkpoint"), "checkpoint-", ".safetensors");
    List<LabeledFace> faces = new ArrayList<>();
    try {
      checkpoint.write(file);
      try (ModelFileEmbedder embedder =
          ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
        for (int from = 0; from < which.length; from += EMBEDDED_AT_ONCE) {
          int[] part =
              Arrays.copyOfRange(which, from, Math.min(which.length, from + EMBEDDED_AT_ONCE));
          List<io.facesearch.FaceImage> chipsOf = new ArrayList<>();
          for (int i : part) {
            chipsOf.add(checkpoint.preprocessing().resize(images.image(i)));
          }
          List<Embedding> vectors = embedder.embed(chipsOf);
          for (int i = 0; i < part.length; i++) {
            Photo photo = photos.get(images.name(part[i]));
            faces.add(
                new LabeledFace(
                    images.name(part[i]),
                    images.identity(part[i]),
                    photo == null ? 0 : photo.attributes(),
                    vectors.get(i)));
          }
        }
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return faces;
  }

  /** Retrieval among the held-out 20 % of the people. */
  RetrievalEvaluation.Result evaluate(Checkpoint checkpoint, Parts parts)
      throws IOException, InterruptedException {
    Map<String, LabeledFace> byName = new HashMap<>();
    embed(checkpoint, parts.all(), parts.test(), parts.dataset())
        .forEach(face -> byName.put(face.source(), face));
    IdentitySplit.Retrieval retrieval = parts.split().queryAndGallery(seed);
    return RetrievalEvaluation.of(RetrievalEvaluation.DEFAULT_KS, parts.dataset().attributeNames())
        .run(faces(retrieval.queries(), byName), faces(retrieval.gallery(), byName));
  }

  private static List<LabeledFace> faces(List<Photo> photos, Map<String, LabeledFace> byName) {
    return photos.stream()
        .map(photo -> byName.get(photo.file().toString()))
        .filter(face -> face != null)
        .toList();
  }

  /** Writes the checkpoint and the report. */
  void finish(
      String title,
      Checkpoint checkpoint,
      TrainingResult result,
      Map<String, RetrievalEvaluation.Result> stages,
      Parts parts,
      PrintWriter console)
      throws IOException {
    checkpoint.write(out);
    Report report = TrainingReport.of(title, checkpoint, result, stages, parts);
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
  }
}
