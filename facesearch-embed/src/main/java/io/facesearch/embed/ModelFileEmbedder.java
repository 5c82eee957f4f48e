package io.facesearch.embed;

import com.google.gson.JsonElement;
import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.NativeRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * An embedder of a model in a file: a facesearch {@link Checkpoint}, an ONNX file, or a TorchScript
 * file, recognized by its content. TorchScript, and everything on a GPU, runs on DJL's PyTorch;
 * checkpoints and ONNX files on the CPU run on ONNX Runtime, which was twice as fast there.
 *
 * <p>A checkpoint specifies how it expects its pixels. For other models this is set here, or in a
 * file beside the model with the same name plus {@code .json} (see docs/MODELS.md). The network
 * must have one input of N x 3 x height x width or N x height x width x 3 floats, and its first
 * output must be N x dimension. Vectors are compared by L2 distance as the network gives them;
 * {@link Builder#normalize} divides them by their norm, which ArcFace networks need.
 *
 * <p>Thread-safe: any number of threads may call {@link #embed}; at most {@link Builder#threads}
 * run the network at once, each on chips of its own; a single chip is computed by all cores.
 * Whoever created it closes it; {@link #close} waits for calls in progress, then frees all native
 * memory.
 *
 * <p>Open only files from sources that you trust: the engine runs ONNX and TorchScript files like
 * programs.
 */
public final class ModelFileEmbedder implements FaceEmbedder {
  private final PooledEmbedder embedder;
  private final String settings;

  private ModelFileEmbedder(PooledEmbedder embedder, String settings) {
    this.embedder = embedder;
    this.settings = settings;
  }

  /**
   * Opens a model with default settings.
   *
   * @param model a checkpoint, or a model with its {@code .json} beside it
   * @return a new embedder; the caller closes it
   * @throws WeightsFormatException if the file is damaged or of another format
   * @throws NativeRuntimeException if a native library is missing or does not load
   * @throws IOException if it cannot be read
   */
  public static ModelFileEmbedder open(Path model) throws IOException {
    return builder(model).build();
  }

  /**
   * Returns a builder.
   *
   * @param model a checkpoint, an ONNX file or a TorchScript file
   * @return a new builder
   */
  public static Builder builder(Path model) {
    return new Builder(model);
  }

  @Override
  public ModelCard card() {
    return embedder.card();
  }

  @Override
  public List<Embedding> embed(List<FaceImage> chips) {
    return embedder.embed(chips);
  }

  @Override
  public void close() {
    embedder.close();
  }

  @Override
  public String toString() {
    return "ModelFileEmbedder[" + card().name() + ", " + settings + "]";
  }

  /** Settings of a {@link ModelFileEmbedder}. Not thread-safe. */
  public static final class Builder extends DescribedBuilder<Builder> {
    private final Path file;
    private boolean normalize;
    private boolean mirrorAverage;
    private ComputeDevice device = ComputeDevice.auto();
    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 8;

    private Builder(Path file) {
      this.file = Objects.requireNonNull(file, "model");
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets whether vectors are divided by their L2 norm, after averaging with the mirror image.
     * This counts as another model, with another fingerprint.
     *
     * @param value default false, or what the {@code .json} says
     * @return this
     */
    public Builder normalize(boolean value) {
      normalize = value;
      return this;
    }

    /**
     * Sets whether a chip and its mirror image are both embedded and averaged, which is often
     * slightly more accurate and takes twice as long. This counts as another model.
     *
     * @param value default false
     * @return this
     */
    public Builder mirrorAverage(boolean value) {
      mirrorAverage = value;
      return this;
    }

    /**
     * Sets where the network runs.
     *
     * @param value default {@link ComputeDevice#auto()}
     * @return this
     */
    public Builder device(ComputeDevice value) {
      device = Objects.requireNonNull(value, "device");
      return this;
    }

    /**
     * Sets how many batches run at once, each on one core; on a GPU one batch runs at a time.
     *
     * @param value at least 1; default the number of cores
     * @return this
     */
    public Builder threads(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("threads must be at least 1, but is: " + value);
      }
      threads = value;
      return this;
    }

    /**
     * Sets the maximum number of chips in a batch.
     *
     * @param value 1 to 256; default 8
     * @return this
     */
    public Builder batchSize(int value) {
      if (value < 1 || value > 256) {
        throw new IllegalArgumentException("batchSize must be between 1 and 256, but is: " + value);
      }
      batchSize = value;
      return this;
    }

    /**
     * Loads the model and runs it once.
     *
     * @return a new embedder; the caller closes it
     * @throws WeightsFormatException if the file is damaged or of another format, or the network
     *     does not accept the declared input
     * @throws DeviceUnavailableException if a requested GPU is not available
     * @throws NativeRuntimeException if a native library is missing or does not load, or the heap
     *     is too small
     * @throws IOException if it cannot be read
     */
    public ModelFileEmbedder build() throws IOException {
      try {
        return load();
      } catch (OutOfMemoryError e) {
        throw SmallHeap.exception("the model " + file, Files.size(file), e);
      }
    }

    private ModelFileEmbedder load() throws IOException {
      if (Weights.isSafetensors(file)) {
        return checkpoint();
      }
      Beside beside = Beside.of(file);
      boolean unit = normalize || beside.normalize();
      ModelDescription description = describe(beside);
      Preprocessing pixels = description.preprocessing();
      if (isTorchScript()) {
        ComputeDevice where = PyTorchRuntime.resolve(device);
        byte[] bytes = Weights.bytes(file);
        return build(
            description,
            new TorchScriptNetwork(file, where, pixels.shape()),
            Fingerprint.of(bytes, determinant(description, unit)),
            where,
            unit);
      }
      ComputeDevice where = OnnxDevices.resolve(device);
      byte[] bytes = Weights.bytes(file);
      return build(
          description,
          new OnnxNetwork(file.toString(), ByteBuffer.wrap(bytes), threads, where, pixels.shape()),
          Fingerprint.of(bytes, determinant(description, unit)),
          where,
          unit);
    }

    private ModelFileEmbedder checkpoint() throws IOException {
      Checkpoint checkpoint = Checkpoint.load(file);
      if (preprocessing != null || alignment != null) {
        throw new IllegalArgumentException(
            file + " is a checkpoint, which declares its preprocessing and alignment itself");
      }
      ModelDescription own = checkpoint.description();
      ModelDescription description =
          new ModelDescription(
              or(name, own.name()),
              or(license, own.license()),
              own.preprocessing(),
              own.alignment(),
              or(threshold, own.threshold()));
      ComputeDevice where = PyTorchRuntime.resolve(device);
      Network network =
          Networks.of(
              file.toString(), checkpoint.fold(), threads, where, description.preprocessing());
      String fingerprint = checkpoint.card().fingerprint();
      String options = options(normalize);
      return build(
          description,
          network,
          options.isEmpty()
              ? fingerprint
              : Fingerprint.of((fingerprint + options).getBytes(StandardCharsets.UTF_8)),
          where,
          normalize);
    }

    private ModelFileEmbedder build(
        ModelDescription description,
        Network network,
        String fingerprint,
        ComputeDevice where,
        boolean unit) {
      ModelCard card =
          new ModelCard(
              description.name(),
              network.dimension(),
              description.alignment(),
              description.license(),
              fingerprint,
              description.threshold());
      int workers = where.isGpu() ? 1 : threads;
      PooledEmbedder pooled =
          new PooledEmbedder(
              card, network, description.preprocessing(), mirrorAverage, unit, workers, batchSize);
      return new ModelFileEmbedder(
          pooled, workers + " threads, batches of " + batchSize + ", " + where);
    }

    private byte[] determinant(ModelDescription description, boolean unit) {
      return (description.determinant() + options(unit)).getBytes(StandardCharsets.UTF_8);
    }

    private String options(boolean unit) {
      return (mirrorAverage ? "; mean of chip and mirror" : "") + (unit ? "; L2 norm 1" : "");
    }

    /** What the {@code .json} beside a model says; null if there is none. */
    private record Beside(Path file, @Nullable ModelDescription description, boolean normalize) {
      /** A key that is misspelled would be ignored in silence, and vectors be other ones. */
      private static final List<String> KEYS =
          List.of(
              "name",
              "license",
              "licence",
              "alignment",
              "normalize",
              "normalise",
              "preprocessing",
              "threshold");

      static Beside of(Path model) throws IOException {
        Path file = Path.of(model + ".json");
        if (!Files.isRegularFile(file) || Files.size(file) >= 1 << 20) {
          return new Beside(file, null, false);
        }
        String name = file.toString();
        String text;
        try {
          text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
          throw new WeightsFormatException(
              name + " is not UTF-8 text, as JSON is; describe the model there, or delete it", e);
        }
        var json = ModelDescription.parse(name, text);
        for (String key : json.keySet()) {
          if (!KEYS.contains(key)) {
            throw new WeightsFormatException(
                name + ": \"" + key + "\" says nothing of a model; expected " + KEYS);
          }
        }
        String key = json.has("normalise") ? "normalise" : "normalize"; // both are written
        boolean normalize =
            json.has(key) && ModelDescription.member(name, json, key, JsonElement::getAsBoolean);
        return new Beside(file, ModelDescription.fromJson(name, json), normalize);
      }
    }

    private ModelDescription describe(Beside beside) {
      ModelDescription found = beside.description();
      Preprocessing pixels =
          preprocessing != null ? preprocessing : found == null ? null : found.preprocessing();
      if (pixels == null) {
        throw new WeightsFormatException(
            file
                + ": a model of this kind does not say how it wants its pixels; declare it by"
                + " Builder.preprocessing, or in the file "
                + beside.file()
                + " (docs/MODELS.md shows one)");
      }
      AlignmentTemplate template =
          alignment != null || found == null ? alignment : found.alignment();
      AlignmentTemplate standard = ModelDescription.box(pixels.width(), pixels.height());
      return new ModelDescription(
          or(name, found == null ? file.getFileName().toString() : found.name()),
          or(license, found == null ? ModelDescription.NO_LICENSE : found.license()),
          pixels,
          or(template, standard),
          or(threshold, found == null ? DecisionThreshold.NOT_CALIBRATED : found.threshold()));
    }

    /** TorchScript is a zip archive with code; a state dict is one without. */
    private boolean isTorchScript() throws IOException {
      byte[] start = new byte[2];
      try (var in = Files.newInputStream(file)) {
        in.readNBytes(start, 0, 2);
      }
      boolean legacy = (start[0] & 0xff) == 0x80 && start[1] == 2;
      if (!legacy && (start[0] != 'P' || start[1] != 'K')) {
        return false;
      }
      if (!legacy) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
          if (zip.stream().anyMatch(entry -> entry.getName().contains("/code/"))) {
            return true;
          }
        } catch (ZipException | IllegalArgumentException e) { // the latter: names
          throw new WeightsFormatException(
              file + ": expected a sound zip archive: " + e.getMessage(), e);
        }
      }
      throw new WeightsFormatException(
          file
              + ": expected a checkpoint, ONNX or TorchScript, but these are weights without a"
              + " network; load them into a FaceNetwork and write a Checkpoint of it");
    }
  }
}
