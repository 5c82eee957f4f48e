package io.facesearch.embed;

import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.NativeRuntimeException;
import java.util.List;
import java.util.Objects;

/**
 * The 128-d face descriptor network of dlib (ResNet-29), on ONNX Runtime on the CPU, or on PyTorch
 * on a GPU. Its weights come with facesearch-model-dlib ({@code io.facesearch.dlib.DlibModel}).
 *
 * <p>It takes aligned RGB chips of 150x150 pixels (see {@code card().input()}) and gives {@code
 * float[128]} of norm about 1.4, which are compared by L2 distance. Nothing is downloaded.
 *
 * <p>Several chips in one call are distributed over the cores. A single chip is computed by all
 * cores together, which is less efficient, so pass as many at once as you have.
 *
 * <p>Thread-safe: any number of threads may call {@link #embed}; at most {@link Builder#threads}
 * run the network at once. Create one and share it. Whoever created it closes it; {@link #close}
 * waits for calls in progress, then frees all native memory.
 */
public final class DlibFaceEmbedder implements FaceEmbedder {
  private final PooledEmbedder embedder;
  private final String settings;

  private DlibFaceEmbedder(Builder builder) {
    ModelCard card = DlibCard.card(builder.weights, builder.mirrorAverage);
    Safetensors weights = Safetensors.parse("the weights of " + card.name(), builder.weights);
    FoldedNetwork folded = DlibResNet.network(weights);
    ComputeDevice device = PyTorchRuntime.resolve(builder.device);
    Preprocessing preprocessing = DlibCard.preprocessing();
    Network network = Networks.of(card.name(), folded, builder.threads, device, preprocessing);
    int threads = device.isGpu() ? 1 : builder.threads;
    embedder =
        new PooledEmbedder(
            card, network, preprocessing, builder.mirrorAverage, false, threads, builder.batchSize);
    settings = threads + " threads, batches of " + builder.batchSize + ", " + device;
  }

  /**
   * Returns a builder.
   *
   * @param weights the safetensors file of facesearch-model-dlib
   * @return a new builder
   */
  public static Builder builder(byte[] weights) {
    return new Builder(weights);
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
    return "DlibFaceEmbedder[" + card().name() + ", " + settings + "]";
  }

  /** Settings of a {@link DlibFaceEmbedder}. Not thread-safe. */
  public static final class Builder {
    private final byte[] weights;
    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 8;
    private boolean mirrorAverage;
    private ComputeDevice device = ComputeDevice.auto();

    private Builder(byte[] weights) {
      this.weights = Objects.requireNonNull(weights, "weights");
    }

    /**
     * Sets how many batches run at once, each on one core.
     *
     * @param threads at least 1; default the number of cores
     * @return this
     */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException("threads must be at least 1, but is: " + threads);
      }
      this.threads = threads;
      return this;
    }

    /**
     * Sets the maximum number of chips in a batch.
     *
     * @param batchSize 1 to 256; default 8. More take memory (about 2 MB per chip and thread), and
     *     gain little except on a GPU
     * @return this
     */
    public Builder batchSize(int batchSize) {
      if (batchSize < 1 || batchSize > 256) {
        throw new IllegalArgumentException(
            "batchSize must be between 1 and 256, but is: " + batchSize);
      }
      this.batchSize = batchSize;
      return this;
    }

    /**
     * Sets whether a chip and its mirror image are both embedded and averaged, which is slightly
     * more accurate and takes twice as long. This counts as another model, with another
     * fingerprint.
     *
     * @param mirrorAverage default false
     * @return this
     */
    public Builder mirrorAverage(boolean mirrorAverage) {
      this.mirrorAverage = mirrorAverage;
      return this;
    }

    /**
     * Sets where the network runs.
     *
     * @param device default {@link ComputeDevice#auto()}
     * @return this
     */
    public Builder device(ComputeDevice device) {
      this.device = Objects.requireNonNull(device, "device");
      return this;
    }

    /**
     * Loads the model.
     *
     * @return a new embedder; the caller closes it
     * @throws NativeRuntimeException if a native library is missing or does not load, or the heap
     *     is too small
     * @throws DeviceUnavailableException if a requested GPU is not available
     * @throws WeightsFormatException if the weights are damaged or of another network
     */
    public DlibFaceEmbedder build() {
      try {
        return new DlibFaceEmbedder(this);
      } catch (OutOfMemoryError e) {
        throw SmallHeap.exception("dlib's network", weights.length, e);
      }
    }
  }
}
