package io.facesearch.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.Collectors;
import io.facesearch.internal.NativeFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The one place that starts ONNX Runtime: its library, its environment, and how sessions are made.
 * Thread-safe.
 */
public final class OnnxRuntime {
  private static final String PATH = "onnxruntime.native.path";
  private static volatile @Nullable OrtEnvironment environment;
  private static boolean unpacked;
  private static boolean cudaUnpacked;
  private static final String NAME = "ONNX Runtime";

  private OnnxRuntime() {}

  /**
   * The environment, one a process; started at the first call. Nobody closes it.
   *
   * @return the environment
   * @throws NativeRuntimeException if the library is missing or does not load
   */
  public static OrtEnvironment environment() {
    OrtEnvironment known = environment;
    return known == null ? start() : known;
  }

  private static synchronized OrtEnvironment start() {
    if (environment != null) {
      return environment;
    }
    try {
      // A third of the time of a start is JNA's, which is needed for the allocator and for buffers.
      FutureTask<Void> tuning = new FutureTask<>(NativeAllocator::tune, null);
      Thread thread = new Thread(tuning, "facesearch-onnx-start");
      thread.setDaemon(true);
      thread.start();
      try {
        unpack();
      } finally {
        await(tuning, thread);
      }
      OrtEnvironment started =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "facesearch");
      // What is left of it in versions without a collector: events for Windows' tracing.
      started.setTelemetry(false);
      environment = started;
      return started;
    } catch (NativeRuntimeException e) {
      throw e;
    } catch (OrtException | RuntimeException | LinkageError e) {
      throw new NativeRuntimeException(
          "ONNX Runtime does not start on "
              + System.getProperty("os.name")
              + "/"
              + System.getProperty("os.arch")
              + ": "
              + e.getMessage()
              + "; it has libraries for linux-x86_64, linux-aarch64 (glibc), osx-aarch64 and"
              + " win-x86_64, and comes with com.microsoft.onnxruntime:onnxruntime",
          e);
    }
  }

  /**
   * Waits for it; an interrupt is kept for later. A thread that runs out of memory may end without
   * ending its task, so it is the thread that is waited for.
   */
  static void await(FutureTask<Void> task, Thread thread) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          thread.join();
          if (!task.isDone()) {
            throw new OutOfMemoryError("Java heap space, at the start of " + NAME);
          }
          task.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) e.getCause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Unpacked by us, and looked through before it runs. */
  private static synchronized void unpack() {
    if (unpacked || System.getProperty(PATH) != null) {
      return;
    }
    if (unpack("onnxruntime") && unpack("onnxruntime4j_jni")) {
      unpack("onnxruntime_providers_shared");
      NativeFolder.removeEmpty("onnxruntime-java"); // its loader makes one at each start
      System.setProperty(PATH, NativeFolder.path(NAME).toString());
    }
    unpacked = true;
  }

  private static boolean unpack(String library) {
    String name = System.mapLibraryName(library);
    URL resource = OrtEnvironment.class.getResource("native/" + platform() + "/" + name);
    if (resource == null) {
      return false;
    }
    Path file = NativeFolder.unpack(NAME, resource, name);
    try (InputStream in = Files.newInputStream(file)) {
      Optional<String> collector = Collectors.find(in);
      if (collector.isPresent()) {
        throw new NativeRuntimeException(
            "this version of ONNX Runtime reports to its maker ("
                + name
                + " contains "
                + collector.get()
                + ") and is not loaded; put com.microsoft.onnxruntime:onnxruntime:1.28.0 on the"
                + " class path instead of the version there");
      }
    } catch (IOException e) {
      throw new NativeRuntimeException(file + " cannot be read: " + e.getMessage(), e);
    }
    return true;
  }

  /** As the jar spells it. */
  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    return (os.startsWith("win") ? "win" : os.startsWith("mac") ? "osx" : "linux")
        + "-"
        + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
  }

  /**
   * Options of a session on the CPU, to be changed further, and closed by the caller.
   *
   * @param threads that work on one run; with 1 each run keeps to the thread that calls it
   * @return new options
   * @throws OrtException if ONNX Runtime refuses them
   * @throws NativeRuntimeException if the library is missing or does not load
   */
  public static OrtSession.SessionOptions options(int threads) throws OrtException {
    environment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    try {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      return options;
    } catch (OrtException | RuntimeException | Error e) {
      options.close();
      throw e;
    }
  }

  /**
   * Loads a model.
   *
   * @param model an ONNX file; ONNX Runtime keeps no reference to it. A direct buffer is read in
   *     place, another one is copied
   * @param options as {@link #options} gives them; may be closed afterwards
   * @return a session that the caller closes; any number of threads may run it
   * @throws OrtException if the model is damaged
   */
  public static OrtSession session(ByteBuffer model, OrtSession.SessionOptions options)
      throws OrtException {
    if (model.isDirect()) {
      return environment().createSession(model, options);
    }
    byte[] bytes;
    if (model.hasArray() && model.arrayOffset() == 0 && model.remaining() == model.array().length) {
      bytes = model.array();
    } else {
      bytes = new byte[model.remaining()];
      model.duplicate().get(bytes);
    }
    return environment().createSession(bytes, options);
  }

  /**
   * Loads a model to run on the CPU.
   *
   * @param model an ONNX file
   * @param threads as of {@link #options}
   * @return a session that the caller closes; any number of threads may run it
   * @throws OrtException if the model is damaged
   * @throws NativeRuntimeException if the library is missing or does not load
   */
  public static OrtSession session(ByteBuffer model, int threads) throws OrtException {
    try (OrtSession.SessionOptions options = options(threads)) {
      return session(model, options);
    }
  }

  /** {@return whether the GPU build is on the class path, so that sessions may ask for CUDA} */
  public static boolean hasGpu() {
    environment();
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /**
   * Makes sessions run on a GPU.
   *
   * @param options of the sessions
   * @param index 0 for the first GPU
   * @throws OrtException if ONNX Runtime cannot use it
   */
  public static void addCuda(OrtSession.SessionOptions options, int index) throws OrtException {
    synchronized (OnnxRuntime.class) {
      if (!cudaUnpacked && unpacked) {
        unpack("onnxruntime_providers_cuda"); // some 300 MB, where there is one
        cudaUnpacked = true;
      }
    }
    options.addCUDA(index);
  }
}
