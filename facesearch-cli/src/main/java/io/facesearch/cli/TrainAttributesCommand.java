package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.train.AttributeLabels;
import io.facesearch.train.AttributeTraining;
import io.facesearch.train.TrainingParts;
import io.facesearch.train.TrainingRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "attributes",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a model for a search for looks from labeled attributes: hair, age, glasses.",
      "It is no model of persons: see docs/TRAINING.md for when to use which.",
      "80 %% of the people are trained on; the rest is tested, as in 'evaluate retrieval'."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch train attributes --photos celeba --start weights.pth --out looks.safetensors",
      "  facesearch train attributes --photos people --start w.pth --labels l.csv --out"
          + " l.safetensors"
    })
final class TrainAttributesCommand implements Callable<Integer> {
  @Mixin private TrainOptions options;

  @Mixin private TrainedLayers layers;

  @Option(
      names = "--start",
      paramLabel = "FILE",
      required = true,
      description =
          "A checkpoint, whose backbone is taken, or weights of torchvision or timm (ImageNet) for --backbone. The head starts random.")
  private Path start;

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      defaultValue = "MOBILENET_V2",
      description = "Of --start: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Backbone backbone;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "CSV: 'photo' and names of attributes, then one line a photo, named relative to --photos, with 1 or yes, 0 or no, or nothing where it is not known (default: the attributes of CelebA).")
  private @Nullable Path labels;

  @Mixin private BatchOption batch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    options.requireFiles(start, labels);
    options.setThreads();
    PrintWriter console = Output.of(spec).text();
    try (DatasetOption.OpenDataset open = options.data.read();
        TrainOptions.Data data = options.prepare(open.dataset(), console)) {
      TrainingParts parts = data.parts();
      AttributeLabels known =
          labels == null
              ? AttributeLabels.of(parts.dataset())
              : AttributeLabels.ofCsv(labels, options.data.folder());
      try (FaceNetwork network = network(known)) {
        TrainingRun.Builder run =
            AttributeTraining.of(
                network, options.preprocessing(), parts.train(), known, batch.size);
        return options.train(
            "Training by attributes",
            layers.configure(options.configure(run, data), console),
            data,
            Map.of(),
            "by attributes",
            result ->
                options.attributes(
                    network, "trained by attributes from " + start.getFileName(), data, result));
      }
    }
  }

  private FaceNetwork network(AttributeLabels known) throws IOException {
    return StartWeights.network(
        Architecture.ofAttributes(backbone, known.names()), options.seed, start);
  }
}
