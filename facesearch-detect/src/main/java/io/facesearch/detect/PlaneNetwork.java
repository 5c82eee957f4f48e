package io.facesearch.detect;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativePool;
import io.facesearch.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * A bundled network from planar RGB floats of one size to floats. Thread-safe: at most {@code
 * limit} callers run it at once, each on its own thread; others wait.
 */
final class PlaneNetwork implements AutoCloseable {
  private final String resource;
  private final long[] shape;
  private final OrtSession session;
  private final String input;
  private final NativePool<AutoCloseable> turns;
  private boolean closed;

  /**
   * Loads it.
   *
   * @param owner for messages
   * @param resource an ONNX file beside this class, with one input and one output
   * @param height of the input, pixels
   * @param width of the input, pixels
   * @param limit most callers at once
   */
  PlaneNetwork(String owner, String resource, int height, int width, int limit) {
    this.resource = resource;
    shape = new long[] {1, 3, height, width};
    try {
      session = OnnxRuntime.session(ByteBuffer.wrap(Resources.read(resource)), 1);
    } catch (OrtException e) {
      throw new NativeRuntimeException(
          "ONNX Runtime cannot load " + resource + ": " + e.getMessage(), e);
    }
    input = session.getInputNames().iterator().next();
    turns = new NativePool<>(owner, limit, () -> () -> {});
  }

  /** Runs the network on 1 x 3 x height x width. */
  float[] run(float[] planes) {
    return turns.use(
        turn -> {
          try (OnnxTensor tensor =
                  OnnxTensor.createTensor(
                      OnnxRuntime.environment(), FloatBuffer.wrap(planes), shape);
              OrtSession.Result result = session.run(Map.of(input, tensor))) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
          } catch (OrtException e) {
            throw new NativeRuntimeException(
                "ONNX Runtime failed to run " + resource + ": " + e.getMessage(), e);
          }
        });
  }

  @Override
  public synchronized void close() {
    turns.close();
    if (!closed) {
      closed = true;
      try {
        session.close();
      } catch (OrtException e) {
        throw new NativeRuntimeException("ONNX Runtime cannot close " + resource, e);
      }
    }
  }
}
