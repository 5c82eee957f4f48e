package io.facesearch.cli;

import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.eval.RetrievalEvaluation;
import io.facesearch.train.Distillation;
import io.facesearch.train.FaceChips;
import io.facesearch.train.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--backbone",
      paramLabel = "NAME",
      defaultValue = "MOBILENET_V2",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Backbone backbone;

  @Option(
      names = "--start",
      paramLabel = "FILE",
      description = "A checkpoint to begin with, made at another --size for instance.")
  private @Nullable Path start;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a batch (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    if (options.chips == null) {
      throw new ParameterException(
          spec.commandLine(), "--chips is needed: the file of faces and the teacher's vectors");
    }
    options.setThreads();
    PrintWriter console = Output.of(spec).text();
    try (DatasetOption.OpenDataset open = options.data.read();
        TrainOptions.Parts parts = options.parts(open.dataset(), console)) {
      FaceChips faces = Objects.requireNonNull(parts.chips());
      int[] train = parts.train();
      float[][] vectors = new float[train.length][];
      for (int i = 0; i < train.length; i++) {
        vectors[i] = faces.vector(train[i]);
      }
      try (FaceNetwork network = network(vectors[0].length)) {
        Map<String, RetrievalEvaluation.Result> stages = new LinkedHashMap<>();
        stages.put(
            start == null ? "random weights" : start.getFileName().toString(),
            options.evaluate(options.checkpoint(network, "not trained", parts, null), parts));
        TrainingResult result =
            options.run(
                options.configure(
                    Distillation.of(
                        network, options.preprocessing(), parts.trainImages(), vectors, batch),
                    parts,
                    Distillation.OPTIMIZER),
                console);
        if (!result.finished()) {
          return 1;
        }
        Checkpoint checkpoint =
            options.checkpoint(
                network, "distilled from model " + faces.teacher().substring(0, 12), parts, result);
        stages.put("distilled", options.evaluate(checkpoint, parts));
        options.finish("Distillation", checkpoint, result, stages, parts, console);
      }
    }
    return 0;
  }

  private FaceNetwork network(int dimension) throws java.io.IOException {
    return start == null
        ? FaceNetwork.create(
            new Architecture(backbone, dimension, false), ComputeDevice.cpu(), options.seed)
        : Checkpoint.read(start).network(ComputeDevice.cpu());
  }
}
