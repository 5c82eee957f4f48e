package io.facesearch.embed;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.NativeRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The bundled default model: the 128-d face descriptor network of dlib (ResNet-29) on PyTorch, on
 * the CPU.
 *
 * <p>It takes aligned RGB chips of 150x150 pixels (see {@code card().input()}) and gives {@code
 * float[128]} of norm about 1.4, to be compared by L2 distance. Nothing is downloaded; the first
 * start unpacks PyTorch's library (450 MB) to DJL's cache folder.
 *
 * <p>Thread-safe: any number of threads may call {@link #embed}; at most {@link Builder#threads}
 * run the network at once, and a list that needs several batches is spread over them. Make one and
 * share it. Whoever made it closes it; {@link #close} waits for calls in progress, then frees all
 * native memory at once.
 */
public final class DefaultFaceEmbedder implements FaceEmbedder {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ModelCard card;
  private final int threads;
  private final int batchSize;
  private final NDManager manager;
  private final ArrayBlockingQueue<EmbeddingWorker> workers;
  private final ExecutorService helpers;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private DefaultFaceEmbedder(Builder builder) {
    threads = builder.threads;
    batchSize = builder.batchSize;
    byte[] bytes = DefaultModel.weights();
    card = DefaultModel.card(bytes, builder.mirrorAverage);
    Safetensors weights = Safetensors.parse(DefaultModel.WEIGHTS, bytes);
    Engine engine = PyTorchRuntime.engine();
    manager = engine.newBaseManager(ai.djl.Device.cpu());
    try {
      DlibResNet network = new DlibResNet(manager, weights);
      workers = new ArrayBlockingQueue<>(threads);
      int capacity = builder.mirrorAverage ? 2 * batchSize : batchSize;
      for (int i = 0; i < threads; i++) {
        workers.add(new EmbeddingWorker(manager, network, capacity, builder.mirrorAverage));
      }
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
    int number = NUMBER.incrementAndGet();
    helpers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(
                threads - 1,
                task -> {
                  Thread thread = new Thread(task, "facesearch-embed-" + number);
                  thread.setDaemon(true);
                  return thread;
                });
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
    List<FaceImage> input = new ArrayList<>(chips);
    for (int i = 0; i < input.size(); i++) {
      check(input.get(i), i, input.size());
    }
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the embedder " + card.name() + " is closed");
      }
      return run(input);
    } finally {
      lock.readLock().unlock();
    }
  }

  private void check(FaceImage chip, int i, int n) {
    Objects.requireNonNull(chip, "chip");
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
              + " with FaceAligner");
    }
  }

  private List<Embedding> run(List<FaceImage> chips) {
    int n = chips.size();
    // Never larger batches than it takes to keep every thread busy.
    int batch = Math.max(1, Math.min(batchSize, (n + threads - 1) / threads));
    int batches = (n + batch - 1) / batch;
    Embedding[] results = new Embedding[n];
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int b = next.getAndIncrement(); b < batches; b = next.getAndIncrement()) {
            int from = b * batch;
            float[][] vectors = runBatch(chips.subList(from, Math.min(n, from + batch)));
            for (int i = 0; i < vectors.length; i++) {
              results[from + i] = Embedding.of(card.fingerprint(), vectors[i]);
            }
          }
        };
    List<Future<?>> helping = new ArrayList<>();
    for (int i = 1; i < Math.min(threads, batches); i++) {
      helping.add(helpers.submit(work));
    }
    try {
      work.run();
    } finally {
      // A failure ends the loop of the others at their next batch.
      if (!helping.isEmpty()) {
        next.set(batches);
      }
    }
    for (Future<?> help : helping) {
      await(help);
    }
    return List.of(results);
  }

  private float[][] runBatch(List<FaceImage> chips) {
    EmbeddingWorker worker = take();
    try {
      return worker.embed(chips);
    } catch (RuntimeException e) {
      throw new NativeRuntimeException(
          "PyTorch failed on a batch of " + chips.size() + " chips: " + e.getMessage(), e);
    } finally {
      workers.add(worker);
    }
  }

  private EmbeddingWorker take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return workers.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void await(Future<?> help) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          help.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof RuntimeException cause) {
            throw cause;
          }
          throw new NativeRuntimeException("embedding failed", e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        if (helpers != null) {
          helpers.shutdown();
        }
        workers.forEach(EmbeddingWorker::close);
        manager.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "DefaultFaceEmbedder["
        + card.name()
        + ", "
        + threads
        + " threads, batches of "
        + batchSize
        + "]";
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
