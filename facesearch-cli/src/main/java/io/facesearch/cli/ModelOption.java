package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import io.facesearch.dlib.DlibEmbedderProvider;
import io.facesearch.dlib.DlibModel;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.sface.SFaceEmbedder;
import io.facesearch.sfacefloat.SFaceFloatEmbedderProvider;
import io.facesearch.sfacefloat.SFaceFloatModel;
import io.facesearch.spi.EmbedderProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which embedding model, and where it runs. */
final class ModelOption {
  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "sface, sface-float or dlib, or a file: a checkpoint of facesearch, or an ONNX or TorchScript file with its description in FILE.json (default: the one of the three that made the gallery, else sface).")
  private @Nullable String model;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "cpu, gpu(N) or auto; SFace runs on the CPU (default: ${DEFAULT-VALUE}).")
  private String device;

  /** The embedder where no index says which; to be closed by the caller. */
  FaceEmbedder open() throws IOException {
    return open(null);
  }

  /** The embedder for a gallery that this model made; to be closed by the caller. */
  FaceEmbedder open(@Nullable String fingerprint) throws IOException {
    String name = model;
    if (name == null) {
      name =
          Stream.of(new DlibEmbedderProvider(), new SFaceFloatEmbedderProvider())
              .filter(provider -> provider.fingerprint().equals(fingerprint))
              .map(EmbedderProvider::name)
              .findFirst()
              .orElse(EmbedderProvider.DEFAULT);
    }
    return named("--model", name);
  }

  /** Another model, on the same device; to be closed by the caller. */
  FaceEmbedder named(String option, String name) throws IOException {
    ComputeDevice where = ComputeDevice.parse(device);
    return switch (name) {
      case "dlib" -> DlibModel.builder().device(where).build();
      case "sface", "sface-float" -> {
        if (device.startsWith("gpu")) {
          throw new FaceSearchException(
              name + " runs on the CPU, but --device is " + device + "; ask for cpu or auto");
        }
        yield name.equals("sface") ? SFaceEmbedder.open() : SFaceFloatModel.open();
      }
      default -> {
        if (!Files.exists(Path.of(name))) {
          throw new FaceSearchException(
              option
                  + " is "
                  + name
                  + ", but there is no such file; models with a name: sface,"
                  + " sface-float, dlib");
        }
        yield ModelFileEmbedder.builder(Path.of(name)).device(where).build();
      }
    };
  }

  /** The parts of an analyzer with that model; where none was named, with that of the gallery. */
  FaceAnalyzer.Builder parts() throws IOException {
    FaceAnalyzer.Builder parts = FaceAnalyzer.builder();
    if (model == null && !device.equals("auto")) {
      ComputeDevice.parse(device); // wrong ones, before anything is opened
    }
    return model == null && !device.startsWith("gpu") ? parts : parts.embedder(open());
  }

  /** The analyzer with that model, where no gallery says which; to be closed by the caller. */
  FaceAnalyzer analyzer() throws IOException {
    return parts().build();
  }

  /** The same with other settings. */
  FaceAnalyzer analyzer(FaceAnalyzer.Builder settings) throws IOException {
    FaceEmbedder embedder = open();
    try {
      return settings.embedder(embedder).build();
    } catch (RuntimeException e) {
      embedder.close();
      throw e;
    }
  }
}
