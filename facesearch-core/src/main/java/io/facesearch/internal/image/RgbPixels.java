package io.facesearch.internal.image;

/**
 * All pixels of a photo.
 *
 * @param rgb {@code 3 * width * height} bytes R, G, B, row by row; nobody else holds the array
 */
public record RgbPixels(int width, int height, byte[] rgb) implements DecodedImage {}
