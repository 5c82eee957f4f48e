package io.facesearch.embed;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import io.facesearch.NativeRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that starts ONNX Runtime. */
final class OnnxRuntime {
  private static final Logger log = LoggerFactory.getLogger(OnnxRuntime.class);

  private OnnxRuntime() {}

  /**
   * The environment, one a process; started at the first call.
   *
   * @throws NativeRuntimeException if the library is missing or does not load
   */
  static OrtEnvironment environment() {
    try {
      NativeAllocator.tune();
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "facesearch");
      environment.setTelemetry(false);
      return environment;
    } catch (OrtException | RuntimeException | LinkageError e) {
      throw new NativeRuntimeException(
          "ONNX Runtime does not start on "
              + NativeArtifacts.platform()
              + ": "
              + e.getMessage()
              + "; it has libraries for linux-x86_64, linux-aarch64 (glibc), osx-aarch64 and"
              + " win-x86_64, unpacks them below java.io.tmpdir, and comes with"
              + " com.microsoft.onnxruntime:onnxruntime",
          e);
    }
  }

  /** Whether the GPU build is on the class path. */
  static boolean hasGpu() {
    environment();
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /** What {@code auto} means: the first GPU if this ONNX Runtime can use it. */
  static ComputeDevice resolve(ComputeDevice device) {
    if (!device.isAuto()) {
      return device;
    }
    ComputeDevice chosen = ComputeDevice.cpu();
    if (hasGpu()) {
      try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
        useGpu(options, ComputeDevice.gpu(0));
        chosen = ComputeDevice.gpu(0);
      } catch (DeviceUnavailableException e) {
        log.warn("ONNX Runtime has CUDA, but cannot use it", e);
      }
    }
    log.info("device auto: {} is used", chosen);
    return chosen;
  }

  static void useGpu(OrtSession.SessionOptions options, ComputeDevice device) {
    if (!hasGpu()) {
      throw new DeviceUnavailableException(
          "the device "
              + device
              + " was asked for, but this ONNX Runtime has no CUDA; put"
              + " com.microsoft.onnxruntime:onnxruntime_gpu on the class path instead of"
              + " onnxruntime, or ask for cpu");
    }
    try {
      options.addCUDA(device.index());
    } catch (OrtException e) {
      throw new DeviceUnavailableException(
          "the device " + device + " cannot be used by ONNX Runtime: " + e.getMessage(), e);
    }
  }
}
