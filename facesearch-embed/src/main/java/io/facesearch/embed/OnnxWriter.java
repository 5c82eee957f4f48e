package io.facesearch.embed;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a {@link FoldedNetwork} as an ONNX model: one protocol-buffer message of nodes and
 * weights. Only the dozen fields that such a model needs; their numbers are those of onnx.proto3.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3">onnx.proto3</a>
 */
final class OnnxWriter {
  static final String INPUT = "input";
  static final String OUTPUT = "embedding";

  private static final int IR_VERSION = 8;
  private static final int OPSET = 13;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final Message graph = new Message();
  private int constants;

  private OnnxWriter() {}

  /**
   * A model with a free batch size, and free height and width, in native memory that the caller
   * frees: beside the network's own arrays, nothing of its size is on the heap.
   */
  static NativeBuffer write(FoldedNetwork network) {
    Message model = new OnnxWriter().model(network);
    NativeBuffer buffer = NativeBuffer.ofBytes(model.size());
    model.writeTo(buffer.bytes());
    return buffer;
  }

  private Message model(FoldedNetwork network) {
    List<FoldedNetwork.Step> steps = network.steps();
    for (int i = 0; i < steps.size(); i++) {
      node(steps.get(i), i == steps.size() - 1 ? OUTPUT : value(i + 1));
    }
    graph
        .text(2, "facesearch")
        .message(11, tensorInfo(INPUT, "n", 3, "height", "width"))
        .message(12, tensorInfo(OUTPUT, "n", network.dimension()));
    return new Message()
        .number(1, IR_VERSION)
        .text(2, "facesearch")
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, OPSET));
  }

  private void node(FoldedNetwork.Step step, String result) {
    if (step instanceof FoldedNetwork.Conv conv) {
      int side = conv.kernel();
      int padding = conv.padding();
      String weight = constant(conv.weight(), conv.out(), conv.in() / conv.groups(), side, side);
      String bias = constant(conv.bias(), conv.out());
      String y = before(conv.activation(), result);
      Message node = node("Conv", y, value(conv.x()), weight, bias);
      node.message(5, numbers("kernel_shape", side, side))
          .message(5, numbers("strides", conv.stride(), conv.stride()))
          .message(5, padding(padding))
          .message(5, number("group", conv.groups()));
      graph.message(1, node);
      activate(conv.activation(), y, result);
    } else if (step instanceof FoldedNetwork.Add add) {
      String y = before(add.activation(), result);
      graph.message(1, node("Add", y, value(add.x()), value(add.y())));
      activate(add.activation(), y, result);
    } else if (step instanceof FoldedNetwork.MaxPool pool) {
      graph.message(
          1,
          node("MaxPool", result, value(pool.x()))
              .message(5, numbers("kernel_shape", 3, 3))
              .message(5, numbers("strides", 2, 2))
              .message(5, padding(pool.padding())));
    } else if (step instanceof FoldedNetwork.MeanPool pool) {
      graph.message(
          1,
          node("AveragePool", result, value(pool.x()))
              .message(5, numbers("kernel_shape", 2, 2))
              .message(5, numbers("strides", 2, 2)));
    } else if (step instanceof FoldedNetwork.Pad pad) {
      String amounts = integers(0, 0, 0, 0, 0, pad.channels(), pad.sides(), pad.sides());
      graph.message(1, node("Pad", result, value(pad.x()), amounts));
    } else if (step instanceof FoldedNetwork.Average average) {
      String mean = result + "_mean";
      graph.message(1, node("GlobalAveragePool", mean, value(average.x())));
      graph.message(1, node("Flatten", result, mean));
    } else if (step instanceof FoldedNetwork.Flatten flatten) {
      graph.message(1, node("Flatten", result, value(flatten.x())));
    } else if (step instanceof FoldedNetwork.Dense dense) {
      String weight = constant(dense.weight(), dense.out(), dense.in());
      String bias = constant(dense.bias(), dense.out());
      String y = before(dense.activation(), result);
      Message node = node("Gemm", y, value(dense.x()), weight, bias);
      graph.message(1, node.message(5, number("transB", 1)));
      activate(dense.activation(), y, result);
    } else {
      normalize(value(((FoldedNetwork.Normalize) step).x()), result);
    }
  }

  private void normalize(String x, String result) {
    String norm = result + "_norm";
    String floor = result + "_floor";
    graph.message(
        1,
        node("ReduceL2", norm, x).message(5, numbers("axes", 1)).message(5, number("keepdims", 1)));
    graph.message(1, node("Max", floor, norm, constant(new float[] {1e-12f}, 1)));
    graph.message(1, node("Div", result, x, floor));
  }

  private static String before(Activation activation, String result) {
    return activation == Activation.NONE ? result : result + "_linear";
  }

  private void activate(Activation activation, String x, String result) {
    if (activation == Activation.RELU) {
      graph.message(1, node("Relu", result, x));
    } else if (activation == Activation.RELU6) {
      graph.message(1, node("Clip", result, x, scalar(0), scalar(6)));
    } else if (activation == Activation.TANH) {
      graph.message(1, node("Tanh", result, x));
    }
  }

  private static String value(int number) {
    return number == 0 ? INPUT : "v" + number;
  }

  private static Message node(String operator, String result, String... arguments) {
    Message node = new Message();
    for (String argument : arguments) {
      node.text(1, argument);
    }
    return node.text(2, result).text(4, operator);
  }

  private static Message number(String name, long value) {
    return new Message().text(1, name).number(3, value).number(20, ATTRIBUTE_INT);
  }

  private static Message numbers(String name, long... values) {
    Message attribute = new Message().text(1, name);
    for (long value : values) {
      attribute.number(8, value);
    }
    return attribute.number(20, ATTRIBUTE_INTS);
  }

  private static Message padding(int pixels) {
    return numbers("pads", pixels, pixels, pixels, pixels);
  }

  private String scalar(float value) {
    return constant(new float[] {value});
  }

  private String constant(float[] values, long... shape) {
    String name = "c" + constants++;
    graph.message(5, tensor(FLOAT, name, shape).floats(9, values));
    return name;
  }

  private String integers(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.length);
    raw.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    String name = "c" + constants++;
    graph.message(5, tensor(INT64, name, values.length).bytes(9, raw.array()));
    return name;
  }

  private static Message tensor(int type, String name, long... shape) {
    Message tensor = new Message();
    for (long side : shape) {
      tensor.number(1, side);
    }
    return tensor.number(2, type).text(8, name);
  }

  private static Message tensorInfo(String name, Object... shape) {
    Message dimensions = new Message();
    for (Object side : shape) {
      dimensions.message(
          1,
          side instanceof String free
              ? new Message().text(2, free)
              : new Message().number(1, (int) side));
    }
    Message tensor = new Message().number(1, FLOAT).message(2, dimensions);
    return new Message().text(1, name).message(2, new Message().message(1, tensor));
  }

  /**
   * A protocol-buffer message being written: fields of variable-length numbers and of bytes. It
   * keeps its parts as they are, so that weights are copied once, to where they are needed.
   */
  private static final class Message {
    /** Messages, {@code float[]} and {@code byte[]}. */
    private final List<Object> parts = new ArrayList<>();

    private int size;

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      return part(field, value.size, value);
    }

    Message floats(int field, float[] values) {
      return part(field, Math.multiplyExact(Float.BYTES, values.length), values);
    }

    Message bytes(int field, byte[] value) {
      return part(field, value.length, value);
    }

    private Message part(int field, int length, Object value) {
      varint((long) field << 3 | 2);
      varint(length);
      parts.add(value);
      size = Math.addExact(size, length);
      return this;
    }

    int size() {
      return size;
    }

    void writeTo(ByteBuffer target) {
      for (Object part : parts) {
        if (part instanceof Message message) {
          message.writeTo(target);
        } else if (part instanceof float[] floats) {
          target.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(floats);
          target.position(target.position() + Float.BYTES * floats.length);
        } else {
          target.put((byte[]) part);
        }
      }
    }

    private void varint(long value) {
      byte[] bytes = new byte[10];
      int n = 0;
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes[n++] = (byte) (rest & 0x7f | 0x80);
        rest >>>= 7;
      }
      bytes[n++] = (byte) rest;
      parts.add(Arrays.copyOf(bytes, n));
      size = Math.addExact(size, n);
    }
  }
}
