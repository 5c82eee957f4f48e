package io.facesearch;

import java.util.List;

/**
 * Turns aligned faces into vectors. Implementations must be thread-safe; the creator closes them.
 */
public interface FaceEmbedder extends AutoCloseable {
  /** {@return the card of the model} */
  ModelCard card();

  /**
   * Embeds aligned faces. Several at once are faster than one by one.
   *
   * @param chips aligned faces, each of the size that {@code card().input()} demands
   * @return one embedding a chip, in order
   * @throws IllegalArgumentException if a chip has another size
   * @throws NativeRuntimeException if the native library fails
   * @throws IllegalStateException after {@link #close}
   */
  List<Embedding> embed(List<FaceImage> chips);

  /** Frees native memory. Calling it again does nothing. */
  @Override
  void close();
}
