package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.NativeRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The bundled default model: the 128-d face descriptor network of dlib (ResNet-29) on PyTorch, on
 * the CPU.
 *
 * <p>It takes aligned RGB chips of 150x150 pixels (see {@code card().input()}) and gives {@code
 * float[128]} of norm about 1.4, to be compared by L2 distance. Nothing is downloaded; the first
 * start unpacks PyTorch's library (450 MB) to DJL's cache folder.
 *
 * <p>A chip alone takes more than twice the time of one in a batch of eight, since PyTorch
 * rearranges the weights for each batch: hand over as many at once as there are.
 *
 * <p>Thread-safe: any number of threads may call {@link #embed}; at most {@link Builder#threads}
 * run the network at once, and a list that needs several batches is spread over them. Make one and
 * share it. Whoever made it closes it; {@link #close} waits for calls in progress, then frees all
 * native memory at once.
 */
public final class DefaultFaceEmbedder implements FaceEmbedder {
  private final ModelCard card;
  private final String settings;
  private final NDManager manager;
  private final WorkerPool pool;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private DefaultFaceEmbedder(Builder builder) {
    byte[] bytes = DefaultModel.weights();
    card = DefaultModel.card(bytes, builder.mirrorAverage);
    settings = builder.threads + " threads, batches of " + builder.batchSize;
    Safetensors weights = Safetensors.parse(DefaultModel.WEIGHTS, bytes);
    manager = PyTorchRuntime.engine().newBaseManager(Device.cpu());
    try {
      DlibResNet network = new DlibResNet(manager, weights);
      int inputs = builder.mirrorAverage ? 2 * builder.batchSize : builder.batchSize;
      List<EmbeddingWorker> workers = new ArrayList<>();
      for (int i = 0; i < builder.threads; i++) {
        workers.add(new EmbeddingWorker(manager, network, inputs, builder.mirrorAverage));
      }
      pool = new WorkerPool(workers, builder.batchSize);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Opens the default model with default settings.
   *
   * @return a new embedder that the caller closes
   * @throws NativeRuntimeException if PyTorch's libraries are missing or do not load
   */
  public static DefaultFaceEmbedder open() {
    return builder().build();
  }

  /**
   * Settings to choose from.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ModelCard card() {
    return card;
  }

  @Override
  public List<Embedding> embed(List<FaceImage> chips) {
    List<FaceImage> input = List.copyOf(chips);
    for (int i = 0; i < input.size(); i++) {
      check(input.get(i), i, input.size());
    }
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the embedder " + card.name() + " is closed");
      }
      List<Embedding> embeddings = new ArrayList<>(input.size());
      for (float[] vector : pool.embed(input)) {
        embeddings.add(Embedding.of(card.fingerprint(), vector));
      }
      return List.copyOf(embeddings);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void check(FaceImage chip, int i, int n) {
    if (chip.width() != DlibResNet.SIZE || chip.height() != DlibResNet.SIZE) {
      throw new IllegalArgumentException(
          "chip "
              + (i + 1)
              + " of "
              + n
              + " must be "
              + DlibResNet.SIZE
              + "x"
              + DlibResNet.SIZE
              + " pixels, but is "
              + chip.width()
              + "x"
              + chip.height()
              + "; align the photo to the template "
              + card.input().name()
              + " with a FaceAligner");
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        pool.close();
        manager.close();
        NativeAllocator.trim();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "DefaultFaceEmbedder[" + card.name() + ", " + settings + "]";
  }

  /** Settings of a {@link DefaultFaceEmbedder}. Not thread-safe. */
  public static final class Builder {
    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 8;
    private boolean mirrorAverage;

    private Builder() {}

    /**
     * How many batches run at once, each on one core.
     *
     * @param threads at least 1; default: the number of cores
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
     * Most chips that run through the network together.
     *
     * @param batchSize 1 to 256; default: 8. More costs memory (about 2 MB a chip and thread) and
     *     gains little
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
     * Whether a chip and its mirror image are both embedded, and their mean is the result: a little
     * more accurate, twice the time. The vectors are of another model (another fingerprint) than
     * those without.
     *
     * @param mirrorAverage default: false
     * @return this
     */
    public Builder mirrorAverage(boolean mirrorAverage) {
      this.mirrorAverage = mirrorAverage;
      return this;
    }

    /**
     * Loads the model.
     *
     * @return a new embedder that the caller closes
     * @throws NativeRuntimeException if PyTorch's libraries are missing or do not load
     */
    public DefaultFaceEmbedder build() {
      return new DefaultFaceEmbedder(this);
    }
  }
}
