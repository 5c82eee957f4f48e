package io.facesearch.internal;

import io.facesearch.InsufficientMemoryException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What is asked of a file before it is read whole, and said if the heap cannot hold it. Stateless.
 */
public final class InputFile {
  /** What an application takes beside the file. */
  private static final long REST = 64 << 20;

  private InputFile() {}

  /**
   * Refuses a pipe or a device, which would be waited for, or never end.
   *
   * @param file links are followed; it need not exist
   * @throws FileSystemException if it is one
   */
  public static void requireNoPipe(Path file) throws FileSystemException {
    if (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)) {
      throw new FileSystemException(
          file.toString(),
          null,
          "is a pipe or a device, not a file; copy what it gives into a file, and name that");
    }
  }

  /**
   * The exception for a file that is as it should be, but too large for the heap.
   *
   * @param file for the message
   * @param copies how often its content is on the heap at once, at most
   * @param cause the failure
   * @return the exception, which names a heap that will do
   * @throws IOException if the size of the file is not told
   */
  public static InsufficientMemoryException tooLarge(Path file, int copies, OutOfMemoryError cause)
      throws IOException {
    long size = Files.size(file);
    long heap = Runtime.getRuntime().maxMemory();
    long needed = Math.max(REST + copies * size, heap + heap / 2) >> 20;
    return new InsufficientMemoryException(
        file
            + " has "
            + (size >> 20)
            + " MB and does not fit into the heap of "
            + (heap >> 20)
            + " MB: about "
            + needed
            + " MB are needed; start java with -Xmx"
            + needed
            + "m",
        cause);
  }
}
