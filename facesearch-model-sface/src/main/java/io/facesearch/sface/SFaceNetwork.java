package io.facesearch.sface;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.sun.jna.Memory;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.NativeRuntimeException;
import io.facesearch.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A session of the network, shared by all threads. Each run takes one chip and stays on the thread
 * that calls it: batches are no faster, and so a vector depends on nothing but its chip.
 */
final class SFaceNetwork implements AutoCloseable {
  static final int SIDE = 112;
  static final int DIMENSION = 128;

  private static final long[] SHAPE = {1, 3, SIDE, SIDE};
  private static final int PLANE = SIDE * SIDE;

  private final OrtSession session;
  private final String input;

  /**
   * Opens the network.
   *
   * @param name for messages
   * @param model an ONNX file
   * @throws FaceSearchException if it is damaged or no network of this kind
   */
  SFaceNetwork(String name, byte[] model) {
    OrtSession opened = null;
    try (OrtSession.SessionOptions options = OnnxRuntime.options(1)) {
      opened = OnnxRuntime.environment().createSession(model, options);
      input = check(name, opened);
      session = opened;
    } catch (OrtException e) {
      throw new FaceSearchException(
          name + ": ONNX Runtime cannot load it: " + e.getMessage() + "; is the file whole?", e);
    } catch (RuntimeException e) {
      close(opened);
      throw e;
    }
  }

  private static String check(String name, OrtSession session) throws OrtException {
    Map<String, NodeInfo> inputs = session.getInputInfo();
    Map<String, NodeInfo> outputs = session.getOutputInfo();
    long[] in = inputs.size() == 1 ? shape(inputs.values().iterator().next()) : new long[0];
    long[] out = outputs.size() == 1 ? shape(outputs.values().iterator().next()) : new long[0];
    if (in.length != 4
        || !Arrays.equals(in, 1, 4, SHAPE, 1, 4)
        || out.length != 2
        || out[1] != DIMENSION) {
      throw new FaceSearchException(
          name
              + ": expected a network that turns N x 3 x 112 x 112 into N x 128, as SFace does, but"
              + " its inputs are "
              + inputs.values()
              + " and its outputs "
              + outputs.values()
              + "; open other networks with ModelFileEmbedder of facesearch-embed");
    }
    return inputs.keySet().iterator().next();
  }

  private static long[] shape(NodeInfo node) {
    return node.getInfo() instanceof TensorInfo tensor ? tensor.getShape() : new long[0];
  }

  @Override
  public void close() {
    close(session);
  }

  private static void close(@Nullable OrtSession session) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (OrtException e) {
      throw new NativeRuntimeException("ONNX Runtime cannot close SFace", e);
    }
  }

  /** Runs the network, with an input buffer of its own; serves one thread at a time. */
  final class Runner implements AutoCloseable {
    private final Memory memory = new Memory((long) Float.BYTES * 3 * PLANE);
    private final FloatBuffer buffer =
        memory.getByteBuffer(0, memory.size()).order(ByteOrder.nativeOrder()).asFloatBuffer();
    private final byte[] row = new byte[3 * SIDE];
    private final float[] values = new float[3 * SIDE];

    /** The network's output for a chip of 112x112 pixels. */
    float[] run(FaceImage chip, boolean mirrored) {
      write(chip, mirrored);
      try (OnnxTensor tensor = OnnxTensor.createTensor(OnnxRuntime.environment(), buffer, SHAPE);
          OrtSession.Result result = session.run(Map.of(input, tensor))) {
        return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
      } catch (OrtException e) {
        throw new NativeRuntimeException("ONNX Runtime failed to embed: " + e.getMessage(), e);
      }
    }

    /** Planes R, G, B of 0..255. */
    private void write(FaceImage chip, boolean mirrored) {
      ByteBuffer rgb = chip.rgb();
      for (int y = 0; y < SIDE; y++) {
        rgb.get(y * row.length, row);
        for (int x = 0, i = 0; x < SIDE; x++, i += 3) {
          int to = mirrored ? SIDE - 1 - x : x;
          values[to] = row[i] & 0xff;
          values[SIDE + to] = row[i + 1] & 0xff;
          values[2 * SIDE + to] = row[i + 2] & 0xff;
        }
        for (int c = 0; c < 3; c++) {
          buffer.put(c * PLANE + y * SIDE, values, c * SIDE, SIDE);
        }
      }
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
