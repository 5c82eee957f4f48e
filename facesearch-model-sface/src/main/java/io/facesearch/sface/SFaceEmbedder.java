package io.facesearch.sface;

import io.facesearch.Embedding;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.ModelCard;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.AlignedChips;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The SFace recognition network on ONNX Runtime, on the CPU: aligned chips of 112x112 pixels (see
 * {@code card().input()}) become unit vectors of 128 numbers, compared by L2 distance (distance² =
 * 2 - 2 cosine). Nothing is downloaded.
 *
 * <p>The bundled network computes in int8; the same network in float (facesearch-model-sface-float,
 * {@link Builder#model}) takes longer. Their vectors differ slightly, so they are different models
 * with different fingerprints, and an index holds vectors of only one of them.
 *
 * <p>A vector depends only on its chip, not on the number of threads or on what else is embedded in
 * the same call.
 *
 * <p>Thread-safe: any number of threads may call {@link #embed}. Create one and share it. Whoever
 * created it closes it; {@link #close} waits for calls in progress, then frees all native memory.
 *
 * @see <a href="https://doi.org/10.1109/TIP.2020.3048632">Zhong et al., SFace: Sigmoid-Constrained
 *     Hypersphere Loss for Robust Face Recognition, IEEE TIP 2021</a>
 */
public final class SFaceEmbedder implements FaceEmbedder {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ModelCard card;
  private final boolean mirrorAverage;
  private final int threads;
  private final SFaceNetwork network;
  private final ConcurrentLinkedQueue<SFaceNetwork.Runner> idle = new ConcurrentLinkedQueue<>();
  private final ExecutorService executor;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private SFaceEmbedder(Builder builder, String name, byte[] model) {
    mirrorAverage = builder.mirrorAverage;
    threads = builder.threads;
    card = SFaceModel.card(name, model, mirrorAverage);
    network = new SFaceNetwork(name, model);
    int number = NUMBER.incrementAndGet();
    executor =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              // Nothing of the first caller is inherited: it would never be collected.
              Thread thread = new Thread(null, task, "facesearch-sface-" + number, 0, false);
              thread.setContextClassLoader(SFaceEmbedder.class.getClassLoader());
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Opens the bundled network with default settings.
   *
   * @return a new embedder; the caller closes it
   * @throws NativeRuntimeException if ONNX Runtime is missing or does not load
   */
  public static SFaceEmbedder open() {
    Builder builder = builder();
    return new SFaceEmbedder(builder, SFaceModel.INT8, SFaceModel.bundled());
  }

  /** {@return a new builder} */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ModelCard card() {
    return card;
  }

  @Override
  public List<Embedding> embed(List<FaceImage> chips) {
    List<FaceImage> input = AlignedChips.ofSize(chips, card.input());
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the embedder " + card.name() + " is closed");
      }
      return embedAll(input);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** The caller works, too; further threads help where there are several chips. */
  private List<Embedding> embedAll(List<FaceImage> chips) {
    Embedding[] embeddings = new Embedding[chips.size()];
    AtomicInteger next = new AtomicInteger();
    Runnable work =
        () -> {
          for (int i = next.getAndIncrement(); i < embeddings.length; i = next.getAndIncrement()) {
            embeddings[i] = embed(chips.get(i));
          }
        };
    List<CompletableFuture<Void>> helpers = new ArrayList<>();
    for (int t = 1; t < Math.min(threads, chips.size()); t++) {
      helpers.add(CompletableFuture.runAsync(work, executor));
    }
    RuntimeException failure = null;
    try {
      work.run();
    } catch (RuntimeException e) {
      next.set(embeddings.length);
      failure = e;
    }
    // After a failure, too: nothing runs on when the caller is told of it.
    for (CompletableFuture<Void> helper : helpers) {
      try {
        helper.join();
      } catch (CompletionException e) {
        failure = failure == null ? typed(Objects.requireNonNullElse(e.getCause(), e)) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return List.of(embeddings);
  }

  private static RuntimeException typed(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof FaceSearchException known
        ? known
        : new NativeRuntimeException("SFace failed: " + failure.getMessage(), failure);
  }

  private Embedding embed(FaceImage chip) {
    SFaceNetwork.Runner runner = idle.poll();
    if (runner == null) {
      runner = network.new Runner();
    }
    try {
      float[] vector = normalized(runner.run(chip, false));
      if (mirrorAverage) {
        float[] mirror = normalized(runner.run(chip, true));
        for (int d = 0; d < vector.length; d++) {
          vector[d] += mirror[d];
        }
        normalized(vector);
      }
      return Embedding.of(card.fingerprint(), vector);
    } finally {
      idle.add(runner);
    }
  }

  private static float[] normalized(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float factor = (float) (1 / Math.max(Math.sqrt(squares), 1e-12));
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
    return vector;
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        executor.shutdown();
        idle.forEach(SFaceNetwork.Runner::close);
        network.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public String toString() {
    return "SFaceEmbedder[" + card.name() + ", " + threads + " threads]";
  }

  /** Settings of a {@link SFaceEmbedder}. Not thread-safe. */
  public static final class Builder {
    private int threads = Runtime.getRuntime().availableProcessors();
    private boolean mirrorAverage;
    private @Nullable Path model;
    private String name = "";
    private byte @Nullable [] weights;

    private Builder() {}

    /**
     * Sets how many threads work on the chips of one call, including the calling thread.
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
     * Sets whether a chip and its mirror image are both embedded and averaged, which takes twice as
     * long. This counts as another model, with another fingerprint.
     *
     * @param value true to average; default false
     * @return this
     */
    public Builder mirrorAverage(boolean value) {
      mirrorAverage = value;
      return this;
    }

    /**
     * Sets another file of the same network, such as {@code sface_float.onnx}. It counts as another
     * model, with another fingerprint.
     *
     * @param value an ONNX file from a source that you trust: ONNX Runtime runs it like a program
     * @return this
     */
    public Builder model(Path value) {
      model = Objects.requireNonNull(value, "model");
      weights = null;
      return this;
    }

    /**
     * Sets other weights of the same network; see {@link #model(Path)}.
     *
     * @param file the name of their file, such as {@code sface_float.onnx}
     * @param onnx the bytes of the file; not copied, so do not change them until {@link #build} has
     *     returned
     * @return this
     */
    public Builder model(String file, byte[] onnx) {
      name = Objects.requireNonNull(file, "file");
      weights = Objects.requireNonNull(onnx, "onnx");
      model = null;
      return this;
    }

    /**
     * Loads the network.
     *
     * @return a new embedder; the caller closes it
     * @throws FaceSearchException if the file is damaged, or of another network
     * @throws NativeRuntimeException if ONNX Runtime is missing or does not load
     * @throws IOException if the file cannot be read
     */
    public SFaceEmbedder build() throws IOException {
      if (weights != null) {
        return new SFaceEmbedder(this, name, weights);
      }
      if (model == null) {
        return new SFaceEmbedder(this, SFaceModel.INT8, SFaceModel.bundled());
      }
      byte[] read = SFaceModel.read(model);
      return new SFaceEmbedder(this, SFaceModel.name(model), read);
    }
  }
}
