package io.facesearch.embed;

import io.facesearch.NativeRuntimeException;

/** What is said when a model does not fit into the heap. */
final class SmallHeap {
  /** What an application takes beside the model, with a small gallery. */
  private static final long REST = 64 << 20;

  private SmallHeap() {}

  /**
   * The exception.
   *
   * @param model for messages
   * @param file bytes of the model's file; floats and folding take at most four times that
   */
  static NativeRuntimeException exception(String model, long file, OutOfMemoryError cause) {
    long heap = Runtime.getRuntime().maxMemory();
    long needed = Math.max(REST + 4 * file, heap + heap / 2);
    return new NativeRuntimeException(
        model
            + " does not fit into the heap of "
            + (heap >> 20)
            + " MB: about "
            + (needed >> 20)
            + " MB are needed; start java with -Xmx"
            + (needed >> 20)
            + "m",
        cause);
  }
}
