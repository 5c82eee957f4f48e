package io.facesearch.embed;

/** IEEE 754 half precision; Java has a method for it only since 20. */
final class HalfFloat {
  private HalfFloat() {}

  /** The value of 16 bits, exactly. */
  static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int bits = exponent == 0x1f ? 0xff : exponent + 127 - 15;
    return Float.intBitsToFloat(sign | bits << 23 | fraction << 13);
  }
}
