package io.facesearch.onnx;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import io.facesearch.internal.NativeFolder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells glibc's malloc to keep the memory of large tensors. With its defaults it maps and unmaps
 * them for each operation, and page faults then cost as much as the network itself. All three
 * settings belong together: without mappings but with trimming, a chip takes six times as long. The
 * settings hold for the whole process; {@code -Dfacesearch.malloc=false} leaves malloc alone.
 */
public final class NativeAllocator {
  private static final Logger log = LoggerFactory.getLogger(NativeAllocator.class);

  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;

  /** The largest threshold that glibc takes. */
  private static final int LARGEST_THRESHOLD = 32 << 20;

  /** Size of a thread's heap in glibc: with this much padding an empty heap is kept, too. */
  private static final int THREAD_HEAP = 64 << 20;

  private static final long JNA_BYTES = 1 << 20;

  private NativeAllocator() {}

  /** Call before the engine loads. Tunes nothing but glibc. */
  public static void tune() {
    prepareJna();
    set(M_MMAP_THRESHOLD, LARGEST_THRESHOLD);
    set(M_TRIM_THRESHOLD, Integer.MAX_VALUE);
    set(M_TOP_PAD, THREAD_HEAP);
  }

  /**
   * Call before anything uses JNA, which would unpack itself to the home folder.
   *
   * @throws io.facesearch.NativeRuntimeException if the temporary folder cannot take it
   */
  public static void prepareJna() {
    NativeFolder.use("JNA", "jna.tmpdir", JNA_BYTES);
  }

  /** Gives what is free back to the system; call it after much has been freed. */
  public static void trim() {
    call("malloc_trim", 0L);
  }

  private static void set(int parameter, int value) {
    call("mallopt", parameter, value);
  }

  private static void call(String function, Object... arguments) {
    if (!Platform.isLinux()
        || !Boolean.parseBoolean(System.getProperty("facesearch.malloc", "true"))) {
      return;
    }
    try {
      Function nativeCall = NativeLibrary.getInstance("c").getFunction(function);
      log.debug("{} gave {}", function, nativeCall.invokeInt(arguments));
    } catch (LinkageError e) {
      log.debug("malloc stays as it is: no {}", function, e);
    }
  }
}
