package io.facesearch.detect;

import io.facesearch.NativeRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.dnn.Dnn;
import org.opencv.dnn.Net;

/**
 * A network read from an ONNX resource, with its input buffer. Its native memory is freed by {@link
 * #close} instead of by a finalizer. Serves one thread at a time.
 */
final class NativeNet implements AutoCloseable {
  private final Handle net;
  private final Mat input;
  private final int[] origin = {0, 0, 0, 0};

  /**
   * Reads the network.
   *
   * @param resource name beside this class
   * @param height of the input, pixels
   * @param width of the input, pixels
   */
  NativeNet(String resource, int height, int width) {
    MatOfByte bytes = new MatOfByte(resource(resource));
    try {
      net = new Handle(readOnnx(bytes, resource));
    } finally {
      bytes.release();
    }
    input = new Mat(new int[] {1, 3, height, width}, CvType.CV_32F);
  }

  /** Runs the network on planar RGB (1 x 3 x height x width). */
  float[] run(float[] planes) {
    input.put(origin, planes);
    net.setInput(input);
    Mat output = net.forward();
    try {
      float[] result = new float[(int) output.total()];
      output.get(new int[output.dims()], result);
      return result;
    } finally {
      output.release();
    }
  }

  static byte[] resource(String name) {
    try (InputStream in = NativeNet.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new NativeRuntimeException(
            "the resource "
                + name
                + " is missing beside "
                + NativeNet.class.getName()
                + "; the jar of facesearch-detect is incomplete");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new NativeRuntimeException("the resource " + name + " cannot be read", e);
    }
  }

  @Override
  public void close() {
    net.close();
    input.release();
  }

  /**
   * The public reader returns a Net that only a finalizer frees, and two Nets on one address would
   * free it twice; so the address is taken from the private native method behind it.
   */
  private static long readOnnx(MatOfByte bytes, String resource) {
    try {
      Method read = Dnn.class.getDeclaredMethod("readNetFromONNX_1", long.class);
      read.setAccessible(true);
      return (long) read.invoke(null, bytes.getNativeObjAddr());
    } catch (ReflectiveOperationException e) {
      throw new NativeRuntimeException(
          "OpenCV cannot read the network "
              + resource
              + "; facesearch-detect needs org.openpnp:opencv 4.9.0-0 on the class path",
          e);
    }
  }

  private static final class Handle extends Net implements AutoCloseable {
    private boolean closed;

    Handle(long address) {
      super(address);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        try {
          super.finalize();
        } catch (Throwable e) {
          throw new IllegalStateException("cannot free a network", e);
        }
      }
    }

    @Override
    @SuppressWarnings({"removal", "deprecation", "Finalize"})
    protected void finalize() {}
  }
}
