package io.facesearch.train;

import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * How {@code facesearch train} uses a data set, with the same defaults: 80 % of the people are for
 * training, a tenth of these for validation, and the others for testing. Immutable and thread-safe.
 *
 * <pre>{@code
 * TrainingRecipe recipe = TrainingRecipe.builder().steps(4000).build();
 * TrainingParts parts = recipe.parts(dataset).withImages(chips);
 * TrainingRun.Builder run =
 *     Distillation.of(network, preprocessing, parts.train(), parts.teacherVectors(chips), 64);
 * recipe.configure(run, parts).build().run();
 * Checkpoint.Builder model = Checkpoint.of(network).preprocessing(preprocessing);
 * model.threshold(parts.calibrate(model.build(), 0.001)).build().write(file);
 * }</pre>
 */
public final class TrainingRecipe {
  private static final double KNOWN = 0.8;

  private final Builder settings;

  private TrainingRecipe(Builder settings) {
    this.settings = new Builder(settings);
  }

  /** {@return a builder with the defaults of the command} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Splits the people of a data set, as {@code facesearch evaluate retrieval} does. People with
   * only one photo are left out.
   *
   * @param dataset its photos are used, unless replaced by {@link TrainingParts#withImages}
   * @return the parts
   * @throws IllegalArgumentException if it has too few people
   */
  public TrainingParts parts(FaceDataset dataset) {
    return TrainingParts.of(dataset, KNOWN, settings.validationShare, settings.seed);
  }

  /**
   * Sets length, seed, augmentation, optimizer and validation of a run. Other settings, such as the
   * file of its state, can be set before or after.
   *
   * @param run of {@link Distillation}, {@link TripletTraining} or {@link AttributeTraining}
   * @param parts the parts of the data set
   * @return the same builder
   */
  public TrainingRun.Builder configure(TrainingRun.Builder run, TrainingParts parts) {
    return run.steps(settings.steps)
        .seed(settings.seed)
        .augmentation(settings.augmentation)
        .optimizer(settings.optimizer.apply(run.optimizer()))
        .validation(parts.validation(), settings.validateEvery, settings.patience);
  }

  /** Settings of a {@link TrainingRecipe}. Not thread-safe. */
  public static final class Builder {
    private long steps = 1000;
    private long seed = 42;
    private Augmentation augmentation = new Augmentation(0.5, 0, 0);
    private UnaryOperator<OptimizerSettings> optimizer = UnaryOperator.identity();
    private double validationShare = 0.1;
    private int validateEvery = 100;
    private int patience = 10;

    private Builder() {}

    private Builder(Builder other) {
      steps = other.steps;
      seed = other.seed;
      augmentation = other.augmentation;
      optimizer = other.optimizer;
      validationShare = other.validationShare;
      validateEvery = other.validateEvery;
      patience = other.patience;
    }

    /**
     * Sets the length of the run.
     *
     * @param value number of batches, at least 1; default 1,000
     * @return this
     */
    public Builder steps(long value) {
      steps = value;
      return this;
    }

    /**
     * Sets the seed of all random choices: of people, of batches and of changes to images.
     *
     * @param value default 42
     * @return this
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets the random changes of training images.
     *
     * @param value the default mirrors every other image
     * @return this
     */
    public Builder augmentation(Augmentation value) {
      augmentation = Objects.requireNonNull(value, "augmentation");
      return this;
    }

    /**
     * Sets how the optimizer differs from the default of the kind of training.
     *
     * @param change applied to {@link TripletTraining#OPTIMIZER}, {@link Distillation#OPTIMIZER} or
     *     {@link AttributeTraining#OPTIMIZER}; the default changes nothing
     * @return this
     */
    public Builder optimizer(UnaryOperator<OptimizerSettings> change) {
      optimizer = Objects.requireNonNull(change, "change");
      return this;
    }

    /**
     * Sets how the run is validated.
     *
     * @param share share of the training people to use for validation, above 0 and below 1; default
     *     0.1
     * @param everySteps number of steps between validations; default 100
     * @param patienceOf number of validations without improvement after which the run ends; default
     *     10
     * @return this
     */
    public Builder validation(double share, int everySteps, int patienceOf) {
      validationShare = share;
      validateEvery = everySteps;
      patience = patienceOf;
      return this;
    }

    /** {@return the recipe} */
    public TrainingRecipe build() {
      return new TrainingRecipe(this);
    }
  }
}
