package io.facesearch.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a {@link FaceNetwork} on the CPU, built by {@link Distillation}, {@link
 * TripletTraining} or {@link AttributeTraining}. Frozen first layers run in inference mode and
 * without gradients; only the last ones and the head change.
 *
 * <p>A run is reproducible: the same seed, data, settings and number of PyTorch threads give the
 * same weights, bit for bit, even if the run was stopped and resumed. The number of PyTorch threads
 * is set by {@code -Dai.djl.pytorch.num_threads} before PyTorch starts.
 *
 * <p>PyTorch can record only one gradient at a time in a process, so a second run at the same time
 * is rejected. Not thread-safe.
 */
public final class TrainingRun {
  private static final ReentrantLock ONE_AT_A_TIME = new ReentrantLock();

  /** Images that a random head is fitted to. */
  private static final int FITTED_TO = 512;

  private final Builder settings;
  private final FaceNetwork network;
  private final NDManager manager;
  private final PixelInputs pixels;
  private final Objective objective;
  private @Nullable Block trunk;
  private Inputs inputs;
  private @Nullable Inputs validation;
  private GradientSteps optimizer;
  private Samplers.Sampler sampler;
  private RunProgress progress;
  private Inference inference;
  private boolean used;

  // prepare does the rest before the first step.
  @SuppressWarnings("NullAway.Init")
  private TrainingRun(Builder settings) {
    this.settings = settings;
    network = settings.network;
    manager = first(network).getManager().newSubManager();
    pixels = new PixelInputs(settings.images, settings.preprocessing, settings.augmentation);
    objective = settings.task.objective(pixels);
  }

  private static NDArray first(FaceNetwork network) {
    return network.parameters().values().iterator().next().getArray();
  }

  /**
   * Trains until the last step, until nothing improves any more, or until asked to stop. Afterwards
   * the state is saved, if a file was set, and the network has its best weights.
   *
   * @return the result
   * @throws TrainingException if it diverged or collapsed
   * @throws IllegalStateException if this run was started before, or another one is running in this
   *     process
   * @throws IOException if images cannot be read, or files cannot be written
   * @throws InterruptedException if interrupted while it waits for images
   */
  public TrainingResult run() throws IOException, InterruptedException {
    if (!ONE_AT_A_TIME.tryLock()) {
      throw new IllegalStateException(
          "another training is running in this process, and PyTorch records one gradient at a time;"
              + " wait for it, or start another process");
    }
    try {
      if (used) {
        throw new IllegalStateException("a run runs once; build another");
      }
      used = true;
      prepare();
      return loop();
    } finally {
      try {
        close(inputs);
        close(validation);
      } finally {
        manager.close();
        ONE_AT_A_TIME.unlock();
      }
    }
  }

  private static void close(@Nullable Inputs inputs) throws IOException {
    if (inputs instanceof TrunkCache cache) {
      cache.close();
    }
  }

  private void prepare() throws IOException {
    network.trainLast(settings.layers());
    trunk = network.trunk().getChildren().isEmpty() ? null : network.trunk();
    optimizer = new GradientSteps(settings.optimizer, network.parameters());
    progress = new RunProgress(network, optimizer);
    sampler = settings.task.sampler(pixels, settings.seed);
    inputs = pixels;
    PixelInputs watched =
        settings.validation == null
            ? null
            : new PixelInputs(settings.validation, settings.preprocessing, Augmentation.NONE);
    validation = watched;
    boolean resumed = settings.state != null && Files.exists(settings.state);
    if (resumed) {
      progress.resume(Objects.requireNonNull(settings.state), settings.describe());
    }
    if (settings.cache != null && trunk != null) {
      Path file = settings.cache;
      inputs = TrunkCache.open(file, network, pixels, settings.views, settings.seed);
      if (watched != null) {
        Path other = file.resolveSibling(file.getFileName() + ".validation");
        validation = TrunkCache.open(other, network, watched, 1, settings.seed);
      }
      trunk = null;
    }
    inference = new Inference(manager, trunk);
    if (!resumed) {
      settings.task.start(network, objective, this::features);
    }
  }

  /** Of images drawn by the seed, without augmentation. */
  private float[][] features() throws IOException {
    int n = inputs.size();
    int[] images =
        n <= FITTED_TO
            ? IntStream.range(0, n).toArray()
            : new SplittableRandom(settings.seed).ints(0, n).distinct().limit(FITTED_TO).toArray();
    return inference.run(network.features(), inputs, images);
  }

  private TrainingResult loop() throws IOException, InterruptedException {
    List<StepReport> reports = new ArrayList<>();
    long start = System.nanoTime();
    long saved = start;
    boolean more = true;
    try (BatchLoader loader =
            new BatchLoader(
                manager, inputs, sampler, settings.seed, settings.steps, settings.workers);
        NDArray gradient =
            manager.create(
                new Shape(sampler.size(), network.architecture().dimension()), DataType.FLOAT32);
        StepLog log = new StepLog(settings.log, progress.step())) {
      while (progress.step() < settings.steps && more && !stoppedEarly()) {
        long from = System.nanoTime();
        StepReport report = step(loader.batch(progress.step()), gradient, from, start);
        progress.nextStep();
        long step = progress.step();
        if (validation != null && (step % settings.validateEvery == 0 || step == settings.steps)) {
          report = report.withScore(score(validation));
        }
        reports.add(report);
        log.write(report);
        more = settings.listener.test(report) && !Thread.currentThread().isInterrupted();
        boolean due =
            step % settings.saveSteps == 0
                || System.nanoTime() - saved >= settings.saveTime.toNanos();
        if (settings.state != null && (due || !more)) {
          progress.save(settings.state, settings.describe());
          saved = System.nanoTime();
        }
      }
    }
    boolean finished = progress.step() >= settings.steps || stoppedEarly();
    if (finished) {
      if (settings.state != null) {
        progress.save(settings.state, settings.describe());
      }
      progress.takeBest();
    }
    return new TrainingResult(
        progress.step(),
        finished,
        progress.bestScore(),
        progress.bestStep(),
        (System.nanoTime() - start) / 1e9,
        reports);
  }

  private boolean stoppedEarly() {
    return progress.sinceBest() >= settings.patience;
  }

  private StepReport step(BatchLoader.Batch batch, NDArray gradient, long from, long start)
      throws IOException {
    long step = progress.step();
    int n = batch.images().length;
    int dimension = network.architecture().dimension();
    float[] vectors;
    Objective.Outcome outcome;
    try (NDManager scope = manager.newSubManager()) {
      ParameterStore store = new ParameterStore(scope, false);
      NDArray x = scope.create(batch.bytes(), shape(n), DataType.FLOAT32);
      if (trunk != null) {
        x = trunk.forward(store, new NDList(x), false).singletonOrThrow();
      }
      try (GradientCollector collector = scope.getEngine().newGradientCollector()) {
        NDArray y = network.tail().forward(store, new NDList(x), true).singletonOrThrow();
        vectors = y.toFloatArray();
        outcome = objective.evaluate(batch.images(), vectors, dimension);
        requireFinite(outcome.loss(), batch);
        GradientSteps.memory(gradient).put(0, outcome.gradient());
        // The gradient of sum(y * g) by the weights is g carried back.
        collector.backward(y.mul(gradient).sum());
      }
    }
    double rate = settings.optimizer.rate(step, settings.steps);
    double norm = optimizer.step(step, rate);
    requireFinite(norm, batch);
    progress.collapse().look(step, outcome, objective.collapsed());
    long now = System.nanoTime();
    return new StepReport(
        step,
        outcome.loss(),
        outcome.active(),
        outcome.positive(),
        outcome.negative(),
        variance(vectors, dimension),
        norm,
        rate,
        n / ((now - from) / 1e9),
        (now - start) / 1e9,
        Double.NaN);
  }

  private Shape shape(int n) {
    long[] one = inputs.shape();
    return new Shape(n, one[0], one[1], one[2]);
  }

  private void requireFinite(double value, BatchLoader.Batch batch) {
    if (Double.isFinite(value)) {
      return;
    }
    String names =
        IntStream.of(batch.images())
            .limit(8)
            .mapToObj(inputs::name)
            .reduce((a, b) -> a + ", " + b)
            .orElse("");
    throw new TrainingException(
        "step "
            + progress.step()
            + ": loss or gradient is "
            + value
            + ", and the weights were not moved; the batch of "
            + batch.images().length
            + " images begins with "
            + names
            + "; use a lower learning rate, more warm-up or a smaller clip norm, and go on from the"
            + " last saved state");
  }

  private static double variance(float[] vectors, int dimension) {
    int n = vectors.length / dimension;
    double total = 0;
    for (int d = 0; d < dimension; d++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double x = vectors[i * dimension + d];
        sum += x;
        squares += x * x;
      }
      total += Math.max(0, squares / n - sum / n * (sum / n));
    }
    return total;
  }

  private double score(Inputs images) throws IOException {
    int[] all = IntStream.range(0, images.size()).toArray();
    double score = settings.task.score(images, inference.run(network.tail(), images, all));
    progress.score(score);
    return score;
  }

  /** Settings of a run. Not thread-safe. */
  public static final class Builder {
    private final TrainingTask task;
    private final String name;
    private final FaceNetwork network;
    private final Preprocessing preprocessing;
    private final LabeledImages images;
    private Augmentation augmentation = Augmentation.NONE;
    private OptimizerSettings optimizer;
    private long steps = 1000;
    private long seed = 42;
    private int layers;
    private int workers = Runtime.getRuntime().availableProcessors();
    private @Nullable LabeledImages validation;
    private int validateEvery = 100;
    private int patience = Integer.MAX_VALUE;
    private @Nullable Path state;
    private int saveSteps = 500;
    private Duration saveTime = Duration.ofMinutes(10);
    private @Nullable Path log;
    private @Nullable Path cache;
    private int views = 1;
    private Predicate<StepReport> listener = report -> true;

    Builder(
        TrainingTask task,
        String name,
        FaceNetwork network,
        Preprocessing preprocessing,
        LabeledImages images,
        int layers,
        OptimizerSettings optimizer) {
      this.task = task;
      this.name = name;
      this.network = Objects.requireNonNull(network, "network");
      this.preprocessing = Objects.requireNonNull(preprocessing, "preprocessing");
      this.images = Objects.requireNonNull(images, "images");
      this.layers = layers;
      this.optimizer = optimizer;
      if (first(network).getDevice().isGpu()) {
        throw new IllegalArgumentException(
            "training runs on the CPU, but the network lies on a GPU; create it on cpu");
      }
    }

    OptimizerSettings optimizer() {
      return optimizer;
    }

    private int layers() {
      return Math.min(layers, network.backboneLayers());
    }

    /** What another run must have to continue from the state of this one. */
    String describe() {
      return String.join(
          "; ",
          name,
          network.architecture().toString(),
          preprocessing.toString(),
          images.size() + " images",
          augmentation.toString(),
          optimizer.toString(),
          "steps=" + steps,
          "seed=" + seed,
          "layers=" + layers(),
          "validation=" + (validation == null ? 0 : validation.size()) + "/" + validateEvery,
          "patience=" + patience,
          "views=" + (cache != null ? views : 0));
    }

    private static int atLeastOne(String what, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be at least 1, but is: " + value);
      }
      return value;
    }

    /**
     * Sets the random changes of training images.
     *
     * @param value default none
     * @return this
     */
    public Builder augmentation(Augmentation value) {
      augmentation = Objects.requireNonNull(value, "augmentation");
      return this;
    }

    /**
     * Sets the optimizer.
     *
     * @param value default {@link TripletTraining#OPTIMIZER}, {@link Distillation#OPTIMIZER} or
     *     {@link AttributeTraining#OPTIMIZER}
     * @return this
     */
    public Builder optimizer(OptimizerSettings value) {
      optimizer = Objects.requireNonNull(value, "optimizer");
      return this;
    }

    /**
     * Sets the length of the run.
     *
     * @param value number of batches; default 1,000
     * @return this
     */
    public Builder steps(long value) {
      if (value < 1) {
        throw new IllegalArgumentException("steps must be at least 1, but is: " + value);
      }
      steps = value;
      return this;
    }

    /**
     * Sets the seed of all random choices.
     *
     * @param value default 42
     * @return this
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets how many layers of the backbone are trained, counted from its end; the head always is. A
     * layer is a module that has parameters: a convolution or a batch normalization.
     *
     * @param value 0 for the head alone, {@link Integer#MAX_VALUE} for all layers; default 10 for
     *     triplets and attributes, all for distillation
     * @return this
     */
    public Builder trainedLayers(int value) {
      if (value < 0) {
        throw new IllegalArgumentException("trainedLayers must be at least 0, but is: " + value);
      }
      layers = value;
      return this;
    }

    /**
     * Sets the number of threads that read and augment images.
     *
     * @param value default the number of processors
     * @return this
     */
    public Builder workers(int value) {
      workers = atLeastOne("workers", value);
      return this;
    }

    /**
     * Sets that the validation score is measured regularly, see {@link StepReport#score}, and that
     * the best weights are kept.
     *
     * @param value images of people who are not trained on, two or more each
     * @param every number of steps between validations
     * @param patienceOf number of validations in a row without improvement after which the run ends
     * @return this
     */
    public Builder validation(LabeledImages value, int every, int patienceOf) {
      validation = Objects.requireNonNull(value, "validation");
      validateEvery = atLeastOne("every", every);
      patience = atLeastOne("patience", patienceOf);
      return this;
    }

    /**
     * Sets the file in which the state of the run is saved. If the file exists, the run continues
     * from there.
     *
     * @param file replaced atomically, regularly and at the end
     * @param everySteps number of steps after which it is saved
     * @param every time after which it is saved
     * @return this
     */
    public Builder state(Path file, int everySteps, Duration every) {
      state = Objects.requireNonNull(file, "file");
      saveSteps = atLeastOne("everySteps", everySteps);
      saveTime = Objects.requireNonNull(every, "every");
      return this;
    }

    /**
     * Sets a CSV file that gets one line per step; see {@link StepReport}.
     *
     * @param file replaced, or continued if the run is resumed
     * @return this
     */
    public Builder log(Path file) {
      log = Objects.requireNonNull(file, "file");
      return this;
    }

    /**
     * Sets a file that caches the output of the frozen trunk for each image, so that the trunk runs
     * only once per image. For its size, see {@link #trunkCacheBytes}. Files from other data or
     * settings are replaced.
     *
     * @param file the file; validation images get a file beside it
     * @param viewsOfAnImage 1 for the unchanged image; more add augmented ones
     * @return this
     */
    public Builder trunkCache(Path file, int viewsOfAnImage) {
      cache = Objects.requireNonNull(file, "file");
      views = atLeastOne("views", viewsOfAnImage);
      return this;
    }

    /**
     * Returns the size of the file of {@link #trunkCache}, without that of the validation images.
     *
     * @return bytes; 0 if no cache is set
     */
    public long trunkCacheBytes() {
      if (cache == null) {
        return 0;
      }
      network.trainLast(layers());
      Inputs inputs = new PixelInputs(images, preprocessing, augmentation);
      return TrunkCache.bytes(network.trunk(), inputs, views);
    }

    /**
     * Sets a listener that is called after each step.
     *
     * @param value returning false stops the run after its state is saved
     * @return this
     */
    public Builder listener(Predicate<StepReport> value) {
      listener = Objects.requireNonNull(value, "listener");
      return this;
    }

    /** {@return the run} */
    public TrainingRun build() {
      return new TrainingRun(this);
    }
  }
}
