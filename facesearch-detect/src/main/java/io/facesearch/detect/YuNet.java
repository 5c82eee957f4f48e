package io.facesearch.detect;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.sun.jna.Memory;
import io.facesearch.BoundingBox;
import io.facesearch.DetectedFace;
import io.facesearch.FaceImage;
import io.facesearch.Landmarks;
import io.facesearch.NativeRuntimeException;
import io.facesearch.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The YuNet network on one image, with the buffer of its input. Its sessions may be shared; an
 * object serves one thread at a time.
 */
final class YuNet implements AutoCloseable {
  private static final int[] STRIDES = {8, 16, 32};

  /** Both sides of the input are multiples of it. */
  private static final int ALIGNMENT = 32;

  private final OrtSession session;
  private Memory memory = new Memory(4);

  YuNet(OrtSession session) {
    this.session = session;
  }

  /** A session of the network for any number of threads, each run on the thread that calls it. */
  static OrtSession open(byte[] model) {
    try (OrtSession.SessionOptions options = OnnxRuntime.options(1)) {
      // A plan a shape would be kept, and photos come in many shapes.
      options.setMemoryPatternOptimization(false);
      return OnnxRuntime.environment().createSession(model, options);
    } catch (OrtException e) {
      throw new NativeRuntimeException("ONNX Runtime cannot load YuNet: " + e.getMessage(), e);
    }
  }

  /**
   * Runs the network.
   *
   * @param image as it is, in its own size
   * @param minScore faces below it are dropped
   * @return in pixels of the image, in no order, many of each face
   */
  List<DetectedFace> run(FaceImage image, double minScore) {
    int width = align(image.width());
    int height = align(image.height());
    FloatBuffer input = input(3L * width * height);
    write(image, width, height, input);
    long[] shape = {1, 3, height, width};
    try (OnnxTensor tensor = OnnxTensor.createTensor(OnnxRuntime.environment(), input, shape);
        OrtSession.Result result = session.run(Map.of("input", tensor))) {
      List<DetectedFace> faces = new ArrayList<>();
      for (int stride : STRIDES) {
        decode(result, stride, width / stride, minScore, faces);
      }
      return faces;
    } catch (OrtException e) {
      throw new NativeRuntimeException(
          "ONNX Runtime failed to detect faces in " + image + ": " + e.getMessage(), e);
    }
  }

  private static int align(int side) {
    return (side + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private FloatBuffer input(long floats) {
    if (memory.size() < Float.BYTES * floats) {
      memory.close();
      memory = new Memory(Float.BYTES * floats);
    }
    return memory
        .getByteBuffer(0, Float.BYTES * floats)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** Planes B, G, R of 0..255; zeros at the right and bottom. */
  private static void write(FaceImage image, int width, int height, FloatBuffer input) {
    ByteBuffer rgb = image.rgb();
    byte[] bytes = new byte[3 * image.width()];
    float[] b = new float[width];
    float[] g = new float[width];
    float[] r = new float[width];
    int plane = width * height;
    for (int y = 0; y < height; y++) {
      if (y < image.height()) {
        rgb.get(y * bytes.length, bytes);
        for (int x = 0, i = 0; i < bytes.length; x++, i += 3) {
          r[x] = bytes[i] & 0xff;
          g[x] = bytes[i + 1] & 0xff;
          b[x] = bytes[i + 2] & 0xff;
        }
      } else if (y == image.height()) {
        Arrays.fill(r, 0);
        Arrays.fill(g, 0);
        Arrays.fill(b, 0);
      }
      input.put(y * width, b);
      input.put(plane + y * width, g);
      input.put(2 * plane + y * width, r);
    }
  }

  private static void decode(
      OrtSession.Result result, int stride, int columns, double minScore, List<DetectedFace> faces)
      throws OrtException {
    float[] cls = values(result, "cls_", stride);
    float[] obj = values(result, "obj_", stride);
    float[] bbox = null;
    float[] kps = null;
    for (int cell = 0; cell < cls.length; cell++) {
      double score = Math.sqrt(clamp(cls[cell]) * clamp(obj[cell]));
      if (!(score >= minScore)) {
        continue;
      }
      bbox = bbox == null ? values(result, "bbox_", stride) : bbox;
      kps = kps == null ? values(result, "kps_", stride) : kps;
      int column = cell % columns;
      int row = cell / columns;
      double w = Math.exp(bbox[4 * cell + 2]) * stride;
      double h = Math.exp(bbox[4 * cell + 3]) * stride;
      double x = (column + bbox[4 * cell]) * stride - w / 2;
      double y = (row + bbox[4 * cell + 1]) * stride - h / 2;
      float[] points = new float[10];
      for (int p = 0; p < 10; p += 2) {
        points[p] = (column + kps[10 * cell + p]) * stride;
        points[p + 1] = (row + kps[10 * cell + p + 1]) * stride;
      }
      faces.add(new DetectedFace(new BoundingBox(x, y, w, h), score, Landmarks.of(points)));
    }
  }

  private static double clamp(float value) {
    return Math.max(0, Math.min(1, value));
  }

  private static float[] values(OrtSession.Result result, String name, int stride)
      throws OrtException {
    OnnxTensor tensor = (OnnxTensor) result.get(name + stride).orElseThrow();
    return tensor.getFloatBuffer().array();
  }

  @Override
  public void close() {
    memory.close();
  }
}
