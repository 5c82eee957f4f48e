package io.facesearch.embed;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells glibc's malloc to keep the memory of large tensors instead of mapping and unmapping it for
 * each operation. Process-wide; {@code -Dfacesearch.malloc=false} leaves malloc alone.
 */
final class NativeAllocator {
  private static final Logger log = LoggerFactory.getLogger(NativeAllocator.class);

  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_MMAP_THRESHOLD = -3;

  private NativeAllocator() {}

  static void tune() {
    if (!Platform.isLinux()
        || !Boolean.parseBoolean(System.getProperty("facesearch.malloc", "true"))) {
      return;
    }
    try {
      Function mallopt = NativeLibrary.getInstance("c").getFunction("mallopt");
      Object[] keepMapped = {M_MMAP_THRESHOLD, 32 << 20};
      Object[] keepTop = {M_TRIM_THRESHOLD, Integer.MAX_VALUE};
      int done = mallopt.invokeInt(keepMapped) + mallopt.invokeInt(keepTop);
      log.debug("{} of 2 malloc settings taken", done);
    } catch (UnsatisfiedLinkError e) {
      log.debug("malloc stays as it is", e);
    }
  }
}
