package io.facesearch.embed;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.facesearch.NativeRuntimeException;
import io.facesearch.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A network on ONNX Runtime, the fastest engine on the CPU. Two sessions of the same weights: in
 * one each run keeps to the thread that calls it, which is best for many images; in the other all
 * cores work on one run, for the image that comes alone. Called directly, not through DJL, whose
 * engine offers neither and pins a release of half the speed.
 */
final class OnnxNetwork implements Network {
  /** More would reserve what a file claims. */
  private static final int MOST_FIXED_BATCH = 256;

  private final String name;
  private final OrtEnvironment environment;
  private final OrtSession narrow;
  private final OrtSession wide;
  private final String input;
  private final String output;
  private final long fixedBatch;
  private final int dimension;

  /**
   * Loads a model.
   *
   * @param name for messages
   * @param model an ONNX file; best a direct buffer, which is read in place
   * @param threads for the image that comes alone
   * @param device CPU, or a GPU if ONNX Runtime's GPU build is on the class path
   * @param image shape of an image
   * @throws WeightsFormatException if the model is damaged or takes other inputs
   */
  OnnxNetwork(String name, ByteBuffer model, int threads, ComputeDevice device, long... image) {
    this.name = name;
    environment = OnnxRuntime.environment();
    OrtSession first = null;
    OrtSession second = null;
    try {
      OrtSession one = session(model, 1, device);
      first = one;
      OrtSession all = threads == 1 || device.isGpu() ? one : session(model, threads, device);
      second = all;
      input = input(one, image);
      fixedBatch = shape(Objects.requireNonNull(one.getInputInfo().get(input)))[0];
      if (fixedBatch > MOST_FIXED_BATCH) {
        throw new WeightsFormatException(
            name
                + ": expected batches of any size, or of at most "
                + MOST_FIXED_BATCH
                + " images, but the model takes "
                + fixedBatch
                + " at once; export it with a batch of any size");
      }
      output = one.getOutputInfo().keySet().iterator().next();
      narrow = one;
      wide = all;
      dimension = probe(image);
    } catch (OrtException e) {
      close(second, first);
      throw new WeightsFormatException(
          name + ": ONNX Runtime cannot load it: " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      close(second, first);
      throw e;
    }
  }

  private OrtSession session(ByteBuffer model, int threads, ComputeDevice device)
      throws OrtException {
    try (OrtSession.SessionOptions options = OnnxRuntime.options(threads)) {
      if (device.isGpu()) {
        OnnxDevices.useGpu(options, device);
      }
      return OnnxRuntime.session(model.duplicate(), options);
    }
  }

  private String input(OrtSession session, long[] image) throws OrtException {
    if (session.getNumInputs() != 1) {
      throw new WeightsFormatException(
          name
              + ": expected a model with one input, an image, but it has "
              + session.getInputNames());
    }
    Map.Entry<String, NodeInfo> only = session.getInputInfo().entrySet().iterator().next();
    long[] shape = shape(only.getValue());
    boolean fits = shape.length == 4;
    for (int i = 1; fits && i < 4; i++) {
      fits = shape[i] < 0 || shape[i] == image[i - 1];
    }
    if (!fits || ((TensorInfo) only.getValue().getInfo()).type != OnnxJavaType.FLOAT) {
      throw new WeightsFormatException(
          name
              + ": the declared preprocessing makes float images of shape "
              + Arrays.toString(image)
              + ", but the model's input is "
              + only.getValue().getInfo()
              + "; declare size and layout as the model wants them");
    }
    return only.getKey();
  }

  private long[] shape(NodeInfo node) {
    if (node.getInfo() instanceof TensorInfo tensor) {
      return tensor.getShape();
    }
    throw new WeightsFormatException(name + ": expected tensors, but found " + node.getInfo());
  }

  /** One run, which tells what the shapes of a file only promise. */
  private int probe(long[] image) {
    try (Runner runner = newRunner(1, image)) {
      return runner.run(1, false).length;
    }
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public boolean runsInAnyThread() { // its sessions keep their memory themselves
    return true;
  }

  @Override
  public int smallestBatch() {
    return 1;
  }

  @Override
  public Runner newRunner(int capacity, long... image) {
    return new OnnxRunner(capacity, image.clone());
  }

  @Override
  public void close() {
    close(wide, narrow);
  }

  private static void close(@Nullable OrtSession wide, @Nullable OrtSession narrow) {
    try {
      if (wide != null && wide != narrow) {
        wide.close();
      }
      if (narrow != null) {
        narrow.close();
      }
    } catch (OrtException e) {
      throw new NativeRuntimeException("ONNX Runtime cannot close a session", e);
    }
  }

  private final class OnnxRunner implements Runner {
    private final long[] image;
    private final int size;
    private final NativeBuffer buffer;

    OnnxRunner(int capacity, long[] image) {
      this.image = image;
      size = (int) (image[0] * image[1] * image[2]);
      // Whole batches where the model knows only one size.
      long batch = Math.max(1, fixedBatch);
      buffer = new NativeBuffer((capacity + batch - 1) / batch * batch * size);
    }

    @Override
    public FloatBuffer input() {
      return buffer.floats();
    }

    @Override
    public float[] run(int n, boolean alone) {
      int batch = fixedBatch > 0 ? (int) fixedBatch : n;
      float[] vectors = {};
      for (int from = 0; from < n; from += batch) {
        float[] part = run(from, batch, alone);
        if (batch == n) {
          return part;
        }
        int length = part.length / batch;
        vectors = from == 0 ? new float[n * length] : vectors;
        System.arraycopy(part, 0, vectors, from * length, Math.min(batch, n - from) * length);
      }
      return vectors;
    }

    /** A model of a fixed batch size also computes what lies behind the last image. */
    private float[] run(int from, int batch, boolean alone) {
      long[] shape = {batch, image[0], image[1], image[2]};
      FloatBuffer all = input();
      FloatBuffer images = all.slice(from * size, batch * size);
      try (OnnxTensor tensor = OnnxTensor.createTensor(environment, images, shape);
          OrtSession.Result result =
              (alone ? wide : narrow).run(Map.of(input, tensor), Set.of(output))) {
        if (!(result.get(0) instanceof OnnxTensor vectors)
            || vectors.getInfo().type != OnnxJavaType.FLOAT) {
          throw new WeightsFormatException(
              name + ": expected vectors of float, but " + output + " is " + result.get(0));
        }
        long[] got = vectors.getInfo().getShape();
        long values = vectors.getInfo().getNumElements();
        if (got.length < 2 || got[0] != batch || got[1] * batch != values) {
          throw new WeightsFormatException(
              name
                  + ": expected one vector an image, "
                  + batch
                  + " x dimension, but "
                  + output
                  + " has shape "
                  + Arrays.toString(got));
        }
        float[] flat = new float[(int) values];
        vectors.getFloatBuffer().get(flat);
        return flat;
      } catch (OrtException e) {
        throw new NativeRuntimeException(name + ": ONNX Runtime failed: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      buffer.close();
    }
  }
}
