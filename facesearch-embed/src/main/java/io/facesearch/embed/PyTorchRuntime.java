package io.facesearch.embed;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.pytorch.engine.PtEngineProvider;
import io.facesearch.NativeRuntimeException;
import io.facesearch.onnx.NativeAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that starts PyTorch. What must be settled before the engine loads (threads,
 * network, allocator, class loader) is settled here, and what the user has set is respected.
 */
final class PyTorchRuntime {
  private static final Logger log = LoggerFactory.getLogger(PyTorchRuntime.class);

  private static @Nullable Engine engine;

  private PyTorchRuntime() {}

  /**
   * The engine, started at the first call.
   *
   * @throws NativeRuntimeException if an artifact is missing or the library does not load
   */
  static synchronized Engine engine() {
    if (engine == null) {
      engine = start();
    }
    return engine;
  }

  /**
   * DJL's name of a device.
   *
   * @throws DeviceUnavailableException if it is a GPU that PyTorch cannot use
   */
  static Device device(ComputeDevice device) {
    if (!device.isGpu()) {
      return Device.cpu();
    }
    Engine started = engine();
    if (!started.hasCapability(StandardCapabilities.CUDA)) {
      throw new DeviceUnavailableException(
          "the device "
              + device
              + " was requested, but this build of PyTorch is for the CPU only; install PyTorch "
              + started.getVersion()
              + " with CUDA and set PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR, or"
              + " ask for cpu");
    }
    int gpus = started.getGpuCount();
    if (device.index() >= gpus) {
      throw new DeviceUnavailableException(
          "the device " + device + " was requested, but there are " + gpus + " GPUs; ask for cpu");
    }
    return Device.gpu(device.index());
  }

  /** What {@code auto} means; starts PyTorch only where its libraries could use a GPU. */
  static ComputeDevice resolve(ComputeDevice device) {
    if (!device.isAuto()) {
      return device;
    }
    boolean gpu =
        NativeArtifacts.hasCuda(PyTorchRuntime.class.getClassLoader())
            && engine().hasCapability(StandardCapabilities.CUDA)
            && engine().getGpuCount() > 0;
    ComputeDevice chosen = gpu ? ComputeDevice.gpu(0) : ComputeDevice.cpu();
    log.info("device auto: {} is used{}", chosen, gpu ? "" : ", PyTorch has no GPU here");
    return chosen;
  }

  private static Engine start() {
    // Never a download: DJL would otherwise fetch what it misses on the class path.
    setDefault("ai.djl.offline", "true");
    // DJL reports home from EC2 machines unless told not to.
    setDefault("OPT_OUT_TRACKING", "true");
    // Work is split over images; threads inside an operation would only spin against each other.
    setDefault("ai.djl.pytorch.num_threads", "1");
    setDefault("ai.djl.pytorch.num_interop_threads", "1");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    // DJL looks for engines and libraries through the context class loader, which in plug-ins and
    // application servers often does not see them.
    thread.setContextClassLoader(PyTorchRuntime.class.getClassLoader());
    try {
      NativeArtifacts.check(PyTorchRuntime.class.getClassLoader());
      NativeArtifacts.unpack(PyTorchRuntime.class.getClassLoader());
      NativeAllocator.tune();
      // Not through the ServiceLoader: shaded jars lose its files.
      Engine started = new PtEngineProvider().getEngine();
      Nnpack.disable();
      log.debug("PyTorch {} started", started.getVersion());
      return started;
    } catch (NativeRuntimeException e) {
      throw e;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      throw new NativeRuntimeException(
          "PyTorch does not start on "
              + NativeArtifacts.platform()
              + ": "
              + e.getMessage()
              + "; its libraries are unpacked below DJL_CACHE_DIR (default: .djl.ai in the home"
              + " folder)",
          e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static void setDefault(String key, String value) {
    if (System.getProperty(key) == null && System.getenv(key) == null) {
      System.setProperty(key, value);
    }
  }
}
