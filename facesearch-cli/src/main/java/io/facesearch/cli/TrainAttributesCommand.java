package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.train.AttributeLabels;
import io.facesearch.train.AttributeTraining;
import io.facesearch.train.TrainingResult;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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
    })
final class TrainAttributesCommand implements Callable<Integer> {
  @Mixin private TrainOptions options;

  @Mixin private TrainedLayers layers;

  @Option(
      names = "--start",
      paramLabel = "FILE",
      required = true,
      description = {
        "A checkpoint, whose backbone is taken, or weights of torchvision or timm (ImageNet) for",
        "--backbone. The head starts random."
      })
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
      description = {
        "CSV: 'photo' and names of attributes, then one line a photo, named relative to --photos,"
            + " with",
        "1 or yes, 0 or no, or nothing where it is not known (default: the attributes of CelebA)."
      })
  private @Nullable Path labels;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a batch (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    options.setThreads();
    PrintWriter console = spec.commandLine().getOut();
    try (DatasetOption.OpenDataset open = options.data.read();
        TrainOptions.Parts parts = options.parts(open.dataset(), console)) {
      AttributeLabels known =
          labels == null
              ? AttributeLabels.of(parts.dataset())
              : AttributeLabels.ofCsv(labels, options.data.folder());
      try (FaceNetwork network = network(known)) {
        TrainingResult result =
            options.run(
                layers.configure(
                    options.configure(
                        AttributeTraining.of(
                            network, options.preprocessing(), parts.trainImages(), known, batch),
                        parts,
                        AttributeTraining.OPTIMIZER),
                    console),
                console);
        if (!result.finished()) {
          return 1;
        }
        Checkpoint checkpoint =
            options.attributes(
                network, "trained by attributes from " + start.getFileName(), parts, result);
        Map<String, RetrievalEvaluation.Result> stages = new LinkedHashMap<>();
        stages.put("by attributes", options.evaluate(checkpoint, parts));
        options.finish("Training by attributes", checkpoint, result, stages, parts, console);
      }
    }
    return 0;
  }

  private FaceNetwork network(AttributeLabels known) throws IOException {
    FaceNetwork network =
        FaceNetwork.create(
            Architecture.ofAttributes(backbone, known.names()), ComputeDevice.cpu(), options.seed);
    try {
      StartWeights.load(network, start);
      return network;
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
  }
}
