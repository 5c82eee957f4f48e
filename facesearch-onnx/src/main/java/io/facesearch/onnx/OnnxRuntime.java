package io.facesearch.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.facesearch.NativeRuntimeException;
import java.nio.ByteBuffer;

/**
 * The one place that starts ONNX Runtime: its library, its environment, and how sessions are made.
 * Thread-safe.
 */
public final class OnnxRuntime {
  private OnnxRuntime() {}

  /**
   * The environment, one a process; started at the first call. Nobody closes it.
   *
   * @return the environment
   * @throws NativeRuntimeException if the library is missing or does not load
   */
  public static OrtEnvironment environment() {
    try {
      NativeAllocator.tune();
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "facesearch");
      // What is left of it in versions without a collector: events for Windows' tracing.
      environment.setTelemetry(false);
      return environment;
    } catch (OrtException | RuntimeException | LinkageError e) {
      throw new NativeRuntimeException(
          "ONNX Runtime does not start on "
              + System.getProperty("os.name")
              + "/"
              + System.getProperty("os.arch")
              + ": "
              + e.getMessage()
              + "; it has libraries for linux-x86_64, linux-aarch64 (glibc), osx-aarch64 and"
              + " win-x86_64, unpacks them below java.io.tmpdir, and comes with"
              + " com.microsoft.onnxruntime:onnxruntime",
          e);
    }
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
    return environment().createSession(model, options);
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

  /**
   * Whether the GPU build is on the class path.
   *
   * @return whether sessions may ask for CUDA
   */
  public static boolean hasGpu() {
    environment();
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }
}
