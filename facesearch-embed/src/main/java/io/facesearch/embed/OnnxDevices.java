package io.facesearch.embed;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.facesearch.onnx.OnnxRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which device ONNX Runtime uses. */
final class OnnxDevices {
  private static final Logger log = LoggerFactory.getLogger(OnnxDevices.class);

  private OnnxDevices() {}

  /** What {@code auto} means: the first GPU if this ONNX Runtime can use it. */
  static ComputeDevice resolve(ComputeDevice device) {
    if (!device.isAuto()) {
      return device;
    }
    ComputeDevice chosen = ComputeDevice.cpu();
    if (OnnxRuntime.hasGpu()) {
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
    if (!OnnxRuntime.hasGpu()) {
      throw new DeviceUnavailableException(
          "the device "
              + device
              + " was requested, but this ONNX Runtime has no CUDA; put"
              + " com.microsoft.onnxruntime:onnxruntime_gpu on the class path instead of"
              + " onnxruntime, or ask for cpu");
    }
    try {
      OnnxRuntime.addCuda(options, device.index());
    } catch (OrtException e) {
      throw new DeviceUnavailableException(
          "the device " + device + " cannot be used by ONNX Runtime: " + e.getMessage(), e);
    }
  }
}
