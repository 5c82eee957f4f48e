package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.train.LabeledImages;
import io.facesearch.train.TrainingParts;
import io.facesearch.train.TrainingRun;
import io.facesearch.train.TripletLoss;
import io.facesearch.train.TripletTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "triplet",
    mixinStandardHelpOptions = true,
    description = {
      "Fine-tunes the last layers of a network by triplets.",
      "80 %% of the people are trained on; the rest is tested, as in 'evaluate retrieval'."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch train triplet --photos people --start small.safetensors --out"
          + " tuned.safetensors",
      "  facesearch train triplet --photos people --start small.safetensors --out t.safetensors"
          + " --json"
    })
final class TrainTripletCommand implements Callable<Integer> {
  @Mixin private TrainOptions options;

  /** Where the network comes from. */
  private static final class Start {
    @Option(
        names = "--start",
        paramLabel = "FILE",
        description = "A checkpoint, such as 'train distill' makes.")
    private @Nullable Path checkpoint;

    @Option(
        names = "--imagenet",
        paramLabel = "FILE",
        description = "Weights of torchvision or timm for --backbone; the head starts random.")
    private @Nullable Path imageNet;
  }

  @ArgGroup(multiplicity = "1")
  private Start start;

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      defaultValue = "MOBILENET_V2",
      description = "Of --imagenet: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Backbone backbone;

  @Option(
      names = "--normalize",
      description = "With --imagenet: vectors are divided by their L2 norm.")
  private boolean normalize;

  @Mixin private TrainedLayers layers;

  @Option(
      names = "--mining",
      paramLabel = "KIND",
      defaultValue = "SEMI_HARD",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private TripletLoss.Mining mining;

  @Option(
      names = "--margin",
      paramLabel = "A",
      defaultValue = "0.2",
      description = "Margin of the loss (default: ${DEFAULT-VALUE}).")
  private double margin;

  @Option(names = "--plain-distance", description = "L2 distance instead of the squared one.")
  private boolean plain;

  @Option(
      names = "--batch-people",
      paramLabel = "P",
      defaultValue = "32",
      description = "In a batch; with --mining RANDOM the triplets (default: ${DEFAULT-VALUE}).")
  private int people;

  @Option(
      names = "--batch-images",
      paramLabel = "K",
      defaultValue = "4",
      description = "Images of each of them (default: ${DEFAULT-VALUE}).")
  private int each;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    options.requireFiles(start.checkpoint, start.imageNet);
    if (start.checkpoint != null) {
      Checkpoint before = Checkpoint.read(start.checkpoint);
      if (options.chips == null && before.card().input().anchors() > 0) {
        throw new ParameterException(
            spec.commandLine(),
            start.checkpoint + " was trained on aligned faces: name their file with --chips");
      }
      if (options.size == 0) {
        options.size = before.preprocessing().width();
      }
    }
    options.setThreads();
    PrintWriter console = Output.of(spec).text();
    try (DatasetOption.OpenDataset open = options.data.read();
        TrainOptions.Data data = options.prepare(open.dataset(), console);
        FaceNetwork network = network()) {
      TrainingParts parts = data.parts();
      RetrievalEvaluation.Result before =
          parts.evaluate(options.checkpoint(network, "start", data, null));
      TripletLoss loss = new TripletLoss(margin, !plain, mining);
      LabeledImages images = parts.train();
      TrainingRun.Builder run =
          mining == TripletLoss.Mining.RANDOM
              ? TripletTraining.random(network, options.preprocessing(), images, loss, people)
              : TripletTraining.mined(network, options.preprocessing(), images, loss, people, each);
      return options.train(
          "Triplet fine-tuning",
          layers.configure(options.configure(run, data), console),
          data,
          Map.of("before", before),
          "fine-tuned",
          result ->
              options.checkpoint(
                  network, "fine-tuned by triplets from " + startName(), data, result));
    }
  }

  private Path startName() {
    Path file = start.checkpoint == null ? start.imageNet : start.checkpoint;
    return Objects.requireNonNull(file).getFileName();
  }

  private FaceNetwork network() throws IOException {
    if (start.checkpoint != null) {
      return Checkpoint.read(start.checkpoint).network(ComputeDevice.cpu());
    }
    return StartWeights.network(
        new Architecture(backbone, 128, normalize),
        options.seed,
        Objects.requireNonNull(start.imageNet));
  }
}
