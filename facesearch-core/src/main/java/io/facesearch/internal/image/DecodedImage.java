package io.facesearch.internal.image;

/** An upright photo as it comes out of a file. */
public sealed interface DecodedImage permits RgbPixels, LargeJpeg {
  /** {@return pixels} */
  int width();

  /** {@return pixels} */
  int height();
}
