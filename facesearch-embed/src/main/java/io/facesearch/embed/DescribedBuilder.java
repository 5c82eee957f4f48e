package io.facesearch.embed;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings of what describes a model. Null is what was not set. Not thread-safe. */
abstract class DescribedBuilder<B> {
  @Nullable String name;
  @Nullable String license;
  @Nullable Preprocessing preprocessing;
  @Nullable AlignmentTemplate alignment;
  @Nullable DecisionThreshold threshold;

  abstract B self();

  /**
   * Sets a short name with version, shown in messages.
   *
   * @param value default: the one in the file, else that of the file or of the network's backbone
   * @return this
   */
  public B name(String value) {
    name = Objects.requireNonNull(value, "name");
    return self();
  }

  /**
   * Sets the license of the weights, and what they were trained on.
   *
   * @param value default: the one in the file, else "not told"
   * @return this
   */
  public B license(String value) {
    license = Objects.requireNonNull(value, "license");
    return self();
  }

  /**
   * Sets how the network wants its pixels. A checkpoint that is opened says so itself.
   *
   * @param value default: the one in the file; for a new checkpoint 218x218 pixels, with mean and
   *     standard deviation of ImageNet
   * @return this
   */
  public B preprocessing(Preprocessing value) {
    preprocessing = Objects.requireNonNull(value, "preprocessing");
    return self();
  }

  /**
   * Sets how faces are aligned. A checkpoint that is opened says so itself.
   *
   * @param value of the size of the preprocessing, such as {@link AlignmentTemplate#arcFace112()};
   *     default: the one in the file, else the face's box with a margin of 0.25
   * @return this
   */
  public B alignment(AlignmentTemplate value) {
    alignment = Objects.requireNonNull(value, "alignment");
    return self();
  }

  /**
   * Sets the measured threshold.
   *
   * @param value default: the one in the file, else not calibrated, with a false accept rate of 1
   * @return this
   */
  public B threshold(DecisionThreshold value) {
    threshold = Objects.requireNonNull(value, "threshold");
    return self();
  }

  static <T> T or(@Nullable T set, T standard) {
    return set == null ? standard : set;
  }
}
