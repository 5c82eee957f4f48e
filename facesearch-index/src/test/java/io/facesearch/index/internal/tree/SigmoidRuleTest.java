package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.testing.DoubleRange;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import org.junit.jupiter.api.Test;

class SigmoidRuleTest {
  @Property(tries = 5000)
  void sigmoidFormAndHyperplaneAgree(
      @ForAll @DoubleRange(min = 1e-6, max = 1 - 1e-6) double threshold,
      @ForAll @DoubleRange(min = -20, max = 20) double projection) {
    double offset = SigmoidRule.offset(threshold);
    if (Math.abs(projection - offset) > 1e-7) {
      assertThat(SigmoidRule.goesRight(projection, offset))
          .isEqualTo(SigmoidRule.goesRightBySigmoid(projection, threshold));
    }
  }

  @Property(tries = 5000)
  void agreesAlsoNearThePlane(
      @ForAll @DoubleRange(min = 0.01, max = 0.99) double threshold,
      @ForAll @DoubleRange(min = 1e-11, max = 1e-3) double gap) {
    double offset = SigmoidRule.offset(threshold);
    assertThat(SigmoidRule.goesRightBySigmoid(offset + gap, threshold)).isTrue();
    assertThat(SigmoidRule.goesRightBySigmoid(offset - gap, threshold)).isFalse();
  }

  @Property(tries = 5000)
  void thresholdInvertsOffset(@ForAll @DoubleRange(min = -4, max = 4) double offset) {
    double threshold = SigmoidRule.threshold(offset);
    assertThat(threshold).isStrictlyBetween(0.0, 1.0);
    assertThat(SigmoidRule.offset(threshold)).isCloseTo(offset, within(4e-15));
  }

  @Property(tries = 2000)
  void thresholdRisesWithOffset(
      @ForAll @DoubleRange(min = -32, max = 32) double a,
      @ForAll @DoubleRange(min = -32, max = 32) double b) {
    if (Math.abs(a - b) > 1e-12) {
      assertThat(SigmoidRule.threshold(Math.min(a, b)))
          .isLessThanOrEqualTo(SigmoidRule.threshold(Math.max(a, b)));
    }
  }

  @Test
  void refusesWhatADoubleCannotHold() {
    assertThatThrownBy(() -> SigmoidRule.threshold(1e18)).hasMessageContaining("scale the weights");
    assertThatThrownBy(() -> SigmoidRule.threshold(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> SigmoidRule.offset(1)).hasMessageContaining("1.0");
    assertThat(SigmoidRule.threshold(32)).isLessThan(1);
    assertThat(SigmoidRule.threshold(-32)).isGreaterThan(0);
  }
}
