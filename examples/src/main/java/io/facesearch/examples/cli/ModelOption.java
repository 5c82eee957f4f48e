package io.facesearch.examples.cli;

import io.facesearch.DecisionThreshold;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearch;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.DefaultFaceEmbedder;
import io.facesearch.embed.DjlFaceEmbedder;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which embedding model, and where it runs. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = {
        "A checkpoint of facesearch, or an ONNX or TorchScript file with its description in",
        "FILE.json (default: the bundled model)."
      })
  private Path file;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "cpu, gpu(N) or auto (default: ${DEFAULT-VALUE}).")
  private String device;

  /** The pipeline's builder with that model. */
  FaceSearch.Builder builder() throws IOException {
    return FaceSearch.builder().embedder(embedder());
  }

  /** The pipeline on an index file, with the threshold calibrated for it if there is one. */
  FaceSearch open(Path indexFile) throws IOException {
    SigmoidTreeIndex index = FaceSearchCommand.load(indexFile);
    FaceEmbedder embedder = embedder();
    try {
      FaceSearch.Builder builder = FaceSearch.builder().embedder(embedder).index(index);
      Path threshold = indexFile.resolveSibling(indexFile.getFileName() + ".threshold");
      if (Files.exists(threshold)) {
        builder.threshold(DecisionThreshold.load(threshold, embedder.card().fingerprint()));
      }
      return builder.build();
    } catch (IOException | RuntimeException e) {
      embedder.close();
      throw e;
    }
  }

  private FaceEmbedder embedder() throws IOException {
    ComputeDevice where = ComputeDevice.parse(device);
    return file == null
        ? DefaultFaceEmbedder.builder().device(where).build()
        : DjlFaceEmbedder.builder(file).device(where).build();
  }
}
