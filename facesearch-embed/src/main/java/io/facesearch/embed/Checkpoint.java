package io.facesearch.embed;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.facesearch.DecisionThreshold;
import io.facesearch.InsufficientMemoryException;
import io.facesearch.ModelCard;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.InputFile;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A face network in one file: weights, architecture, preprocessing, model card and fingerprint. The
 * file has the safetensors format, so other tools can read its weights; everything else is JSON in
 * its metadata, under {@code facesearch}.
 *
 * <p>The fingerprint is the SHA-256 of everything that determines the vectors. It is checked when
 * the file is read, so damage anywhere is detected. Immutable and thread-safe; holds the weights on
 * the heap.
 */
public final class Checkpoint {
  static final String KEY = "facesearch";
  private static final int VERSION = 1;

  private final String file;
  private final Architecture architecture;
  private final ModelDescription description;
  private final TensorFile tensors;
  private final String fingerprint;

  private Checkpoint(
      String file, Architecture architecture, ModelDescription description, TensorFile tensors) {
    this.file = file;
    this.architecture = architecture;
    this.description = description;
    this.tensors = tensors;
    fingerprint = fingerprint(architecture, description, tensors);
  }

  /**
   * Returns a builder of a checkpoint with the current weights of a network.
   *
   * @param network the network; still owned by the caller
   * @return a builder
   */
  public static Builder of(FaceNetwork network) {
    return new Builder(network);
  }

  /**
   * Reads a file.
   *
   * @param file written by {@link #write}
   * @return the checkpoint
   * @throws WeightsFormatException if it is damaged, not a checkpoint, or of a newer version
   * @throws InsufficientMemoryException if it does not fit into the heap
   * @throws IOException if it cannot be read
   */
  public static Checkpoint read(Path file) throws IOException {
    try {
      return load(file);
    } catch (OutOfMemoryError e) {
      throw InputFile.tooLarge(file, 3, e);
    }
  }

  /** Reads a file; running out of memory is left to the caller. */
  static Checkpoint load(Path file) throws IOException {
    String name = file.toString();
    InputFile.requireNoPipe(file);
    Safetensors tensors =
        Safetensors.read(
            file,
            metadata -> {
              if (!metadata.containsKey(KEY)) {
                throw new WeightsFormatException(
                    file
                        + ": expected a facesearch checkpoint, but the file holds weights alone;"
                        + " load them into a FaceNetwork and write a Checkpoint of it");
              }
            });
    JsonObject json = ModelDescription.parse(name, tensors.metadata().getOrDefault(KEY, ""));
    ModelDescription description = ModelDescription.fromJson(name, json);
    Architecture architecture = architecture(name, json);
    String expected = ModelDescription.member(name, json, "fingerprint", JsonElement::getAsString);
    checkShapes(name, architecture, tensors);
    Checkpoint checkpoint = new Checkpoint(name, architecture, description, tensors);
    if (!checkpoint.fingerprint.equals(expected)) {
      throw new WeightsFormatException(
          file
              + ": the fingerprint of its content is "
              + checkpoint.fingerprint
              + ", but it says "
              + expected
              + "; the file is damaged or was changed by hand");
    }
    return checkpoint;
  }

  private static Architecture architecture(String file, JsonObject json) {
    try {
      int version = ModelDescription.member(file, json, "version", JsonElement::getAsInt);
      if (version != VERSION) {
        throw new WeightsFormatException(
            file
                + ": expected a checkpoint of version "
                + VERSION
                + ", but found version "
                + version
                + "; use the release of facesearch that wrote it, or a newer one");
      }
      JsonObject shape =
          ModelDescription.member(file, json, "architecture", JsonElement::getAsJsonObject);
      String backbone = ModelDescription.member(file, shape, "backbone", JsonElement::getAsString);
      return new Architecture(
          Arrays.stream(Backbone.values())
              .filter(known -> known.id().equals(backbone))
              .findFirst()
              .orElseThrow(
                  () ->
                      new WeightsFormatException(
                          file
                              + ": expected one of the backbones resnet50 and mobilenet_v2, but"
                              + " found "
                              + backbone)),
          ModelDescription.member(file, shape, "dimension", JsonElement::getAsInt),
          ModelDescription.member(file, shape, "normalised", JsonElement::getAsBoolean),
          shape.has("attributes")
              ? shape.getAsJsonArray("attributes").asList().stream()
                  .map(JsonElement::getAsString)
                  .toList()
              : List.of());
    } catch (IllegalArgumentException
        | IllegalStateException
        | UnsupportedOperationException
        | ClassCastException e) {
      throw new WeightsFormatException(
          file + ": the architecture is not as expected: " + e.getMessage(), e);
    }
  }

  /** Before the network is made: a wrong architecture is told by the names that do not fit. */
  private static void checkShapes(String file, Architecture architecture, TensorFile tensors) {
    Map<String, long[]> expected = FaceNetwork.shapes(architecture);
    for (Map.Entry<String, long[]> entry : expected.entrySet()) {
      String name = entry.getKey();
      String found =
          tensors.names().contains(name) ? Arrays.toString(tensors.shape(name)) : "no such tensor";
      if (!found.equals(Arrays.toString(entry.getValue()))) {
        throw new WeightsFormatException(
            file
                + ": its weights are not of its architecture "
                + architecture
                + ": tensor "
                + name
                + ": expected shape "
                + Arrays.toString(entry.getValue())
                + ", but found "
                + found);
      }
    }
    for (String name : tensors.names()) {
      if (!expected.containsKey(name)) {
        throw new WeightsFormatException(
            file + ": its architecture " + architecture + " has no tensor " + name);
      }
    }
  }

  private static String fingerprint(
      Architecture architecture, ModelDescription description, TensorFile tensors) {
    MessageDigest digest = Sha256.digest();
    digest.update(
        (json(architecture) + description.determinant()).getBytes(StandardCharsets.UTF_8));
    for (String name : new TreeMap<>(FaceNetwork.shapes(architecture)).keySet()) {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update(SafetensorsWriter.bytes(tensors.floats(name, tensors.shape(name))));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static JsonObject json(Architecture architecture) {
    JsonObject json = new JsonObject();
    json.addProperty("backbone", architecture.backbone().id());
    json.addProperty("dimension", architecture.dimension());
    json.addProperty("normalised", architecture.normalized());
    if (!architecture.attributes().isEmpty()) {
      JsonArray names = new JsonArray();
      architecture.attributes().forEach(names::add);
      json.add("attributes", names);
    }
    return json;
  }

  /**
   * Writes the checkpoint. The file is written under another name and then renamed.
   *
   * @param file replaced if it exists
   * @throws IOException if it cannot be written; an existing file is then unchanged
   */
  public void write(Path file) throws IOException {
    JsonObject json = description.toJson();
    json.addProperty("version", VERSION);
    json.add("architecture", json(architecture));
    json.addProperty("fingerprint", fingerprint);
    Map<String, String> metadata = Map.of("format", "pt", KEY, json.toString());
    Map<String, long[]> shapes = FaceNetwork.shapes(architecture);
    SafetensorsWriter.write(
        file,
        shapes,
        name -> tensors.floats(name, Objects.requireNonNull(shapes.get(name))),
        new TreeMap<>(metadata));
  }

  /**
   * Writes the network as an ONNX file (opset 13) for other programs, with batch normalization
   * folded. It has one input, {@code input}, N x 3 x height x width, and one output, {@code
   * embedding}, N x dimension.
   *
   * @param file replaced if it exists
   * @throws IOException if it cannot be written
   */
  public void exportOnnx(Path file) throws IOException {
    try (NativeBuffer model = OnnxWriter.write(fold())) {
      AtomicFile.write(
          file,
          channel -> {
            for (ByteBuffer bytes = model.bytes(); bytes.hasRemaining(); ) {
              channel.write(bytes);
            }
          });
    }
  }

  /**
   * Creates the network, for further training.
   *
   * @param device where its parameters are kept
   * @return a network; the caller closes it
   */
  public FaceNetwork network(ComputeDevice device) {
    FaceNetwork network = FaceNetwork.create(architecture, device);
    try {
      network.load(Weights.of(file, tensors), true);
      return network;
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  /** For inference, without starting PyTorch. */
  FoldedNetwork fold() {
    return FaceNetwork.fold(architecture, tensors);
  }

  ModelDescription description() {
    return description;
  }

  /** {@return the shape of the network} */
  public Architecture architecture() {
    return architecture;
  }

  /** {@return how the network expects its pixels} */
  public Preprocessing preprocessing() {
    return description.preprocessing();
  }

  /** {@return the model card, as {@link ModelFileEmbedder} gives it} */
  public ModelCard card() {
    return new ModelCard(
        description.name(),
        architecture.dimension(),
        description.alignment(),
        description.license(),
        fingerprint,
        description.threshold());
  }

  @Override
  public String toString() {
    return "Checkpoint[" + description.name() + ", " + architecture + "]";
  }

  /** Everything in a checkpoint apart from the weights. Not thread-safe. */
  public static final class Builder extends DescribedBuilder<Builder> {
    private final FaceNetwork network;

    private Builder(FaceNetwork network) {
      this.network = network;
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Creates the checkpoint with a copy of the weights.
     *
     * @return the checkpoint
     * @throws IllegalArgumentException if alignment and preprocessing differ in size
     */
    public Checkpoint build() {
      String called = or(name, network.architecture().backbone().id());
      Preprocessing pixels = or(preprocessing, Preprocessing.imageNet(218, 218));
      ModelDescription description =
          new ModelDescription(
              called,
              or(license, ModelDescription.NO_LICENSE),
              pixels,
              or(alignment, ModelDescription.box(pixels.width(), pixels.height())),
              or(threshold, DecisionThreshold.NOT_CALIBRATED));
      Map<String, float[]> values = new LinkedHashMap<>();
      network.parameters().forEach((key, p) -> values.put(key, p.getArray().toFloatArray()));
      TensorFile tensors =
          new HeapTensors(called, FaceNetwork.shapes(network.architecture()), values);
      return new Checkpoint(called, network.architecture(), description, tensors);
    }
  }
}
