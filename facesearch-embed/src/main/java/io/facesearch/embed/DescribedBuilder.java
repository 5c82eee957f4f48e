package io.facesearch.embed;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DecisionThreshold;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Settings that describe a model; null if not set. Not thread-safe. */
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
   * @param value default: the name in the file, otherwise the name of the file or of the network's
   *     backbone
   * @return this
   */
  public B name(String value) {
    name = Objects.requireNonNull(value, "name");
    return self();
  }

  /**
   * Sets the license of the weights, and what they were trained on.
   *
   * @param value default: the one in the file, otherwise "not told"
   * @return this
   */
  public B license(String value) {
    license = Objects.requireNonNull(value, "license");
    return self();
  }

  /**
   * Sets how the network expects its pixels. An opened checkpoint specifies this itself.
   *
   * @param value default: the one in the file; for a new checkpoint 218x218 pixels, with the mean
   *     and standard deviation of ImageNet
   * @return this
   */
  public B preprocessing(Preprocessing value) {
    preprocessing = Objects.requireNonNull(value, "preprocessing");
    return self();
  }

  /**
   * Sets how faces are aligned. An opened checkpoint specifies this itself.
   *
   * @param value of the same size as the preprocessing, such as {@link
   *     AlignmentTemplate#arcFace112()}; default: the one in the file, otherwise the face's box
   *     with a margin of 0.25
   * @return this
   */
  public B alignment(AlignmentTemplate value) {
    alignment = Objects.requireNonNull(value, "alignment");
    return self();
  }

  /**
   * Sets the measured threshold.
   *
   * @param value default: the one in the file, otherwise {@link DecisionThreshold#NOT_CALIBRATED}
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
