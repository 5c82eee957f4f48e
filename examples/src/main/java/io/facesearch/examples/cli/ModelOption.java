package io.facesearch.examples.cli;

import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearch;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.DefaultFaceEmbedder;
import io.facesearch.embed.DjlFaceEmbedder;
import io.facesearch.sface.SFaceEmbedder;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which embedding model, and where it runs. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      defaultValue = "dlib",
      description = {
        "dlib or sface, or a file: a checkpoint of facesearch, or an ONNX or",
        "TorchScript file with its description in FILE.json (default: ${DEFAULT-VALUE})."
      })
  private String model;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "cpu, gpu(N) or auto (default: ${DEFAULT-VALUE}).")
  private String device;

  /** The embedder, to be closed by the caller. */
  FaceEmbedder open() throws IOException {
    ComputeDevice where = ComputeDevice.parse(device);
    return switch (model) {
      case "dlib" -> DefaultFaceEmbedder.builder().device(where).build();
      case "sface" -> SFaceEmbedder.open();
      default -> DjlFaceEmbedder.builder(Path.of(model)).device(where).build();
    };
  }

  /** The pipeline's builder with that model. */
  FaceSearch.Builder builder() throws IOException {
    return FaceSearch.builder().embedder(open());
  }
}
