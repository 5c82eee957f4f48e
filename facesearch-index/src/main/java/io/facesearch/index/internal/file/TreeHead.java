package io.facesearch.index.internal.file;

import io.facesearch.Metric;
import io.facesearch.index.internal.codec.CheckedWriter;
import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.RecallSetting;
import io.facesearch.index.internal.tree.StoredTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The head of a file of a tree: what all its sections depend on, and how long they are. */
@SuppressWarnings("ByteBufferBackingArray") // buffers are made here, on the heap
final class TreeHead {
  private static final int MOST_BEAM = 1 << 12;

  final VectorSpace space;
  final TreeShape made;
  final int faces;
  final int points;
  final int nodes;
  final double greatestNorm;

  /** The map and the steps of the codes, if there are any. */
  final float[] center;

  final double[] directions;
  final double[] scales;

  /** Neighbors of each point. */
  final int perPoint;

  final List<RecallSetting> calibration = new ArrayList<>();

  /** Of the sections. */
  final long[] bytes;

  /** Whether they lie there as they are, and the checksums of their blocks behind them. */
  final boolean[] open;

  /**
   * Reads a head.
   *
   * @throws IllegalArgumentException if it is none
   * @throws java.nio.BufferUnderflowException if it is cut short
   */
  TreeHead(ByteBuffer head, int version) {
    Metric metric = flag(head) ? Metric.COSINE : Metric.EUCLIDEAN;
    int dimension = head.getInt();
    space = new VectorSpace(text(head), dimension, metric);
    faces = head.getInt();
    points = head.getInt();
    int leafSize = head.getInt();
    int maxDepth = head.getInt();
    String split = text(head);
    boolean approximate = flag(head);
    nodes = head.getInt();
    greatestNorm = finite(head);
    String kernel = text(head);
    made = new TreeShape(leafSize, maxDepth, split, approximate, kernel);
    boolean isCoded = !kernel.isEmpty();
    center = new float[isCoded ? count(head, dimension, 4) : 0];
    for (int j = 0; j < center.length; j++) {
      center[j] = head.getFloat();
      if (!Float.isFinite(center[j])) {
        throw new IllegalArgumentException("number " + center[j]);
      }
    }
    directions = new double[isCoded ? count(head, head.getInt(), 8) : 0];
    for (int i = 0; i < directions.length; i++) {
      directions[i] = finite(head);
    }
    scales = new double[isCoded ? QuantizedVectors.SCALES : 0];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = finite(head);
    }
    perPoint = isCoded ? head.getInt() : 0;
    for (int i = isCoded ? count(head, head.getInt(), 40) : 0; i > 0; i--) {
      calibration.add(setting(head));
    }
    bytes = new long[count(head, head.getInt(), 8)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = head.getLong();
    }
    open = new boolean[bytes.length];
    for (int i = 0; version == TreeFile.VERSION && i < open.length; i++) {
      open[i] = flag(head);
    }
    if (head.hasRemaining()) {
      throw new IllegalArgumentException(head.remaining() + " bytes too long");
    }
  }

  /** Makes the bytes of a head. */
  static byte[] encode(
      SnapshotIndex.State<TreeIndex.Vectors> state,
      TreeShape settings,
      StoredTree tree,
      List<Section> sections,
      boolean[] open) {
    VectorSpace space = state.space();
    QuantizedVectors codes = tree.codes;
    double[] directions = codes == null ? new double[0] : codes.rotation.directions();
    byte[] model = CheckedWriter.encode(space.model());
    byte[] split = CheckedWriter.encode(settings.split());
    byte[] kernel = CheckedWriter.encode(codes == null ? "" : codes.layout());
    ByteBuffer head =
        TreeFile.buffer(
            256
                + model.length
                + split.length
                + kernel.length
                + 8 * directions.length
                + 4 * space.dimension()
                + 40 * tree.calibration.size()
                + 9 * sections.size());
    head.put((byte) (space.metric() == Metric.COSINE ? 1 : 0)).putInt(space.dimension());
    text(head, model);
    head.putInt(state.faces().size()).putInt(tree.ordinals.length);
    head.putInt(settings.leafSize()).putInt(settings.maxDepth());
    text(head, split);
    head.put((byte) (settings.approximate() ? 1 : 0));
    head.putInt(tree.thresholds.length).putDouble(tree.greatestNorm);
    text(head, kernel);
    if (codes != null) {
      for (float value : codes.rotation.center) {
        head.putFloat(value);
      }
      head.putInt(directions.length);
      for (double value : directions) {
        head.putDouble(value);
      }
      for (double value : codes.scales()) {
        head.putDouble(value);
      }
      head.putInt(tree.perPoint).putInt(tree.calibration.size());
      for (RecallSetting setting : tree.calibration) {
        head.putInt(setting.k()).putInt(setting.beam()).putDouble(setting.leafShare());
        head.putDouble(setting.recall()).putDouble(setting.standardError());
        head.putDouble(setting.cost());
      }
    }
    head.putInt(sections.size());
    sections.forEach(section -> head.putLong(section.bytes));
    for (boolean each : open) {
      head.put((byte) (each ? 1 : 0));
    }
    return Arrays.copyOf(head.array(), head.position());
  }

  private static void text(ByteBuffer head, byte[] text) {
    head.putInt(text.length).put(text);
  }

  private static RecallSetting setting(ByteBuffer head) {
    int k = head.getInt();
    int beam = head.getInt();
    double share = finite(head);
    if (k < 1 || beam < k || beam > MOST_BEAM || share < 0 || share > 1) {
      throw new IllegalArgumentException("a beam of " + beam + " for " + k);
    }
    return new RecallSetting(k, share, beam, finite(head), finite(head), finite(head));
  }

  private static boolean flag(ByteBuffer head) {
    int value = head.get();
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException("flag " + value);
    }
    return value == 1;
  }

  private static double finite(ByteBuffer head) {
    double value = head.getDouble();
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("number " + value);
    }
    return value;
  }

  private static int count(ByteBuffer head, int count, int bytes) {
    if (count < 0 || count > head.remaining() / bytes) {
      throw new IllegalArgumentException(count + " where " + head.remaining() + " bytes are left");
    }
    return count;
  }

  private static String text(ByteBuffer head) {
    byte[] text = new byte[count(head, head.getInt(), 1)];
    head.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
