package io.facesearch.embed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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

  /** The bytes of a model with a free batch size, and free height and width. */
  static byte[] write(FoldedNetwork network) {
    return new OnnxWriter().model(network);
  }

  private byte[] model(FoldedNetwork network) {
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
        .message(8, new Message().text(1, "").number(2, OPSET))
        .bytes();
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
    } else if (step instanceof FoldedNetwork.Dense dense) {
      String weight = constant(dense.weight(), dense.out(), dense.in());
      String bias = constant(dense.bias(), dense.out());
      String y = before(dense.activation(), result);
      Message node = node("Gemm", y, value(dense.x()), weight, bias);
      graph.message(1, node.message(5, number("transB", 1)));
      activate(dense.activation(), y, result);
    } else {
      normalise(value(((FoldedNetwork.Normalise) step).x()), result);
    }
  }

  private void normalise(String x, String result) {
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
    ByteBuffer raw = ByteBuffer.allocate(Float.BYTES * values.length);
    raw.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return constant(FLOAT, raw.array(), shape);
  }

  private String integers(long... values) {
    ByteBuffer raw = ByteBuffer.allocate(Long.BYTES * values.length);
    raw.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    return constant(INT64, raw.array(), values.length);
  }

  private String constant(int type, byte[] raw, long... shape) {
    String name = "c" + constants++;
    Message tensor = new Message();
    for (long side : shape) {
      tensor.number(1, side);
    }
    graph.message(5, tensor.number(2, type).text(8, name).bytes(9, raw));
    return name;
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

  /** A protocol-buffer message being written: fields of variable-length numbers and of bytes. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message number(int field, long value) {
      varint((long) field << 3);
      varint(value);
      return this;
    }

    Message text(int field, String value) {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message value) {
      varint((long) field << 3 | 2);
      varint(value.out.size());
      try {
        value.out.writeTo(out);
      } catch (IOException e) {
        throw new UncheckedIOException("memory does not fail", e);
      }
      return this;
    }

    Message bytes(int field, byte[] value) {
      varint((long) field << 3 | 2);
      varint(value.length);
      out.writeBytes(value);
      return this;
    }

    byte[] bytes() {
      return out.toByteArray();
    }

    private void varint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
