package io.facesearch.train;

import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * What {@code facesearch train} does with a dataset, with the same defaults: 80 % of the people are
 * known to the training, a tenth of these validates it, and the others are tested. Immutable.
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
   * Parts the people of a dataset, as {@code facesearch evaluate retrieval} parts them. Whoever has
   * one photo only is left out.
   *
   * @param dataset its photos are what is trained on, unless {@link TrainingParts#withImages} takes
   *     others
   * @return the parts
   * @throws IllegalArgumentException if it has too few people
   */
  public TrainingParts parts(FaceDataset dataset) {
    return TrainingParts.of(dataset, KNOWN, settings.validationShare, settings.seed);
  }

  /**
   * Sets length, seed, augmentation, optimizer and validation of a run. What else it has, such as
   * the file of its state, is set before or after.
   *
   * @param run of {@link Distillation}, {@link TripletTraining} or {@link AttributeTraining}
   * @param parts that it trains on
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
     * @param value batches, at least 1; the default is 1000
     * @return this
     */
    public Builder steps(long value) {
      steps = value;
      return this;
    }

    /**
     * Sets what determines all random choices: of people, of batches and of changes to images.
     *
     * @param value the default is 42
     * @return this
     */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets the random changes of the images that are trained on.
     *
     * @param value the default mirrors every other image
     * @return this
     */
    public Builder augmentation(Augmentation value) {
      augmentation = Objects.requireNonNull(value, "augmentation");
      return this;
    }

    /**
     * Sets how the settings of the optimizer differ from those that the kind of training begins
     * with.
     *
     * @param change of {@link TripletTraining#OPTIMIZER}, {@link Distillation#OPTIMIZER} or {@link
     *     AttributeTraining#OPTIMIZER}; the default changes nothing
     * @return this
     */
    public Builder optimizer(UnaryOperator<OptimizerSettings> change) {
      optimizer = Objects.requireNonNull(change, "change");
      return this;
    }

    /**
     * Sets who validates.
     *
     * @param share of the people known to the training, above 0 and below 1; the default is 0.1
     * @param everySteps steps between validations; the default is 100
     * @param patienceOf so many validations without a gain end the run; the default is 10
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
