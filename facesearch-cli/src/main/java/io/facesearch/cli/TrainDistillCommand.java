package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.train.Distillation;
import io.facesearch.train.FaceChips;
import io.facesearch.train.TrainingParts;
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
    name = "distill",
    mixinStandardHelpOptions = true,
    description = {
      "Teaches a network the vectors of --model, from faces alone.",
      "80 %% of the people are trained on; the rest is tested, as in 'evaluate retrieval'."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch train distill --photos people --chips faces.fsc --out small.safetensors",
      "  facesearch train distill --photos people --chips faces.fsc --model dlib --out"
          + " s.safetensors"
    })
final class TrainDistillCommand implements Callable<Integer> {
  @Mixin private TrainOptions options;

  /** Where the network comes from, if its weights are not random. */
  private static final class Start {
    @Option(
        names = "--start",
        paramLabel = "FILE",
        description = "A checkpoint to begin with, made at another --size for instance.")
    private @Nullable Path checkpoint;

    @Option(
        names = "--imagenet",
        paramLabel = "FILE",
        description = "Weights of torchvision or timm for --backbone; the head starts random.")
    private @Nullable Path imageNet;
  }

  @ArgGroup private Start start = new Start();

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      defaultValue = "MOBILENET_V2",
      description = "Without --start: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Backbone backbone;

  @Mixin private BatchOption batch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (options.chips == null) {
      throw new ParameterException(
          spec.commandLine(), "--chips is needed: the file of faces and the teacher's vectors");
    }
    options.requireFiles(start.checkpoint, start.imageNet);
    options.setThreads();
    PrintWriter console = Output.of(spec).text();
    try (DatasetOption.OpenDataset open = options.data.read();
        TrainOptions.Data data = options.prepare(open.dataset(), console)) {
      TrainingParts parts = data.parts();
      FaceChips faces = Objects.requireNonNull(data.chips());
      float[][] vectors = parts.teacherVectors(faces);
      try (FaceNetwork network = network(vectors[0].length)) {
        RetrievalEvaluation.Result before =
            parts.evaluate(options.checkpoint(network, "not trained", data, null));
        return options.train(
            "Distillation",
            options.configure(
                Distillation.of(
                    network, options.preprocessing(), parts.train(), vectors, batch.size),
                data),
            data,
            Map.of(startName(), before),
            "distilled",
            result ->
                options.checkpoint(
                    network,
                    "distilled from model " + faces.teacher().substring(0, 12),
                    data,
                    result));
      }
    }
  }

  private String startName() {
    Path file = start.checkpoint == null ? start.imageNet : start.checkpoint;
    return file == null ? "random weights" : file.getFileName().toString();
  }

  private FaceNetwork network(int dimension) throws IOException {
    if (start.checkpoint != null) {
      return Checkpoint.read(start.checkpoint).network(ComputeDevice.cpu());
    }
    Architecture architecture = new Architecture(backbone, dimension, false);
    return start.imageNet == null
        ? FaceNetwork.create(architecture, ComputeDevice.cpu(), options.seed)
        : StartWeights.network(architecture, options.seed, start.imageNet);
  }
}
