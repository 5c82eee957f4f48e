package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatTest {
  @Test
  void allBitPatternsEqualTheFormulaOfTheStandard() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      double fraction = (bits & 1023) / 1024.0;
      double magnitude =
          switch (exponent) {
            case 0 -> fraction * Math.pow(2, -14);
            case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> (1 + fraction) * Math.pow(2, exponent - 15);
          };
      float expected = (float) (bits >> 15 == 0 ? magnitude : -magnitude);
      // Boxed: NaN equals NaN, and -0 differs from 0.
      assertThat((Float) HalfFloat.toFloat((short) bits)).isEqualTo((Float) expected);
    }
  }
}
