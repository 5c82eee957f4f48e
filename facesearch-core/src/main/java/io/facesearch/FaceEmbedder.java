package io.facesearch;

import java.util.List;

/**
 * Turns aligned faces into vectors. Implementations must be thread-safe. Whoever creates an
 * embedder closes it.
 */
public interface FaceEmbedder extends AutoCloseable {
  /** {@return the card of the model} */
  ModelCard card();

  /**
   * Embeds aligned faces. One call for several faces is faster than one call each.
   *
   * @param chips aligned faces, each in the size that {@code card().input()} requires
   * @return one embedding per chip, in the same order
   * @throws IllegalArgumentException if a chip has another size
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  List<Embedding> embed(List<FaceImage> chips);

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
