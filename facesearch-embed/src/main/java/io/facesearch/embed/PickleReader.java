package io.facesearch.embed;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickles that PyTorch writes for a state dict, and no others. Nothing in the file can
 * run: a global is only a name here, the few that are known build data, and all others are refused,
 * as by PyTorch's own {@code weights_only} reader. Each length is checked against what is left
 * before anything is reserved.
 *
 * <p>Our own, since the libraries for Java keep one registry of constructors for the whole process,
 * with constructors in it from the start, call methods of objects by reflection, and reserve what a
 * file claims.
 */
final class PickleReader {
  /** A named thing of Python: a function or a class. */
  record Global(String name) {}

  /** A Python tuple. */
  record Tuple(List<Object> items) {}

  /** Where numbers lie; {@code type} is for instance FloatStorage. */
  record Storage(String type, String key, long count) {}

  /** A view of a storage. */
  record Tensor(Storage storage, long offset, List<Object> shape, List<Object> strides) {}

  private static final Object MARK = new Object();

  /** What a file may name: PyTorch's rebuilders, storages and the ordered dict. */
  private static final String ORDERED_DICT = "collections OrderedDict";

  private static final String TENSOR = "torch._utils _rebuild_tensor_v2";
  private static final String PARAMETER = "torch._utils _rebuild_parameter";

  private final String file;
  private final ByteBuffer in;
  private final List<Object> stack = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  /**
   * Prepares to read at the position of the buffer.
   *
   * @param file name for messages
   * @param bytes left at the end of the pickle
   */
  PickleReader(String file, ByteBuffer bytes) {
    this.file = file;
    in = bytes.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The one object of a pickle: numbers, texts, lists, tuples, maps and the records above. */
  Object read() {
    while (true) {
      int code = in.hasRemaining() ? in.get() & 0xff : -1;
      if (code == '.') {
        return pop();
      }
      step(code);
    }
  }

  private void step(int code) {
    switch (code) {
      case 0x80 -> number(1); // protocol
      case '(' -> stack.add(MARK);
      case '0' -> pop();
      case '2' -> stack.add(top());
      case 'N' -> stack.add(null);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'J' -> stack.add((long) (int) number(4));
      case 'K' -> stack.add(number(1));
      case 'M' -> stack.add(number(2));
      case 0x8a -> stack.add(bigNumber(number(1)));
      case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(number(8))));
      case 'X' -> stack.add(text(number(4)));
      case 0x8c -> stack.add(text(number(1)));
      case 'U' -> stack.add(text(number(1)));
      case 'T' -> stack.add(text(number(4)));
      case ')' -> stack.add(new Tuple(List.of()));
      case ']' -> stack.add(new ArrayList<>());
      case '}' -> stack.add(new LinkedHashMap<>());
      case 't' -> stack.add(new Tuple(sinceMark()));
      case 0x85 -> stack.add(new Tuple(last(1)));
      case 0x86 -> stack.add(new Tuple(last(2)));
      case 0x87 -> stack.add(new Tuple(last(3)));
      case 'a' -> append(last(1));
      case 'e' -> append(sinceMark());
      case 's' -> put(last(2));
      case 'u' -> put(sinceMark());
      case 'q' -> memo.put(number(1), top());
      case 'r' -> memo.put(number(4), top());
      case 'h' -> stack.add(remembered(number(1)));
      case 'j' -> stack.add(remembered(number(4)));
      case 'c' -> stack.add(global(line(), line()));
      case 0x93 -> {
        List<Object> names = last(2);
        stack.add(global(describe(names.get(0)), describe(names.get(1))));
      }
      case 'Q' -> stack.add(storage(pop()));
      case 'R' -> reduce();
      case 'b' -> pop(); // attributes of an ordered dict: versions of modules
      default ->
          throw bad(
              code < 0
                  ? "expected more, but the pickle ends"
                  : "found the operation 0x" + Integer.toHexString(code));
    }
  }

  /** For messages; a list may hold itself. */
  static String describe(Object value) {
    return value instanceof String || value instanceof Number
        ? value.toString()
        : value == null ? "None" : "a " + value.getClass().getSimpleName();
  }

  private WeightsFormatException bad(String what) {
    return new WeightsFormatException(
        file
            + ": expected a PyTorch state dict, but at byte "
            + in.position()
            + " of its pickle: "
            + what);
  }

  private long number(int bytes) {
    need(bytes);
    return switch (bytes) {
      case 1 -> in.get() & 0xffL;
      case 2 -> in.getShort() & 0xffffL;
      case 4 -> in.getInt() & 0xffffffffL;
      default -> in.getLong();
    };
  }

  private void need(long bytes) {
    if (bytes > in.remaining()) {
      throw bad("expected " + bytes + " bytes more, but found " + in.remaining());
    }
  }

  private Object bigNumber(long length) {
    need(length);
    byte[] bytes = new byte[(int) length];
    for (int i = bytes.length - 1; i >= 0; i--) {
      bytes[i] = in.get();
    }
    BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private String text(long length) {
    need(length);
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    int end = in.position();
    while (end < in.limit() && in.get(end) != '\n') {
      end++;
    }
    String line = text(end - in.position());
    number(1);
    return line;
  }

  private Object top() {
    if (stack.isEmpty() || stack.get(stack.size() - 1) == MARK) {
      throw bad("the stack is empty");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object top = top();
    stack.remove(stack.size() - 1);
    return top;
  }

  private List<Object> last(int n) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      items.add(0, pop());
    }
    return items;
  }

  private List<Object> sinceMark() {
    int mark = stack.lastIndexOf(MARK);
    if (mark < 0) {
      throw bad("a mark is missing");
    }
    List<Object> tail = stack.subList(mark + 1, stack.size());
    List<Object> items = new ArrayList<>(tail);
    stack.subList(mark, stack.size()).clear();
    return items;
  }

  private Object remembered(long key) {
    if (!memo.containsKey(key)) {
      throw bad("nothing was remembered as " + key);
    }
    return memo.get(key);
  }

  @SuppressWarnings("unchecked") // this class alone makes lists and maps
  private void append(List<Object> items) {
    if (!(top() instanceof List<?> list)) {
      throw bad("expected a list");
    }
    ((List<Object>) list).addAll(items);
  }

  @SuppressWarnings("unchecked") // this class alone makes lists and maps
  private void put(List<Object> items) {
    if (!(top() instanceof Map<?, ?> map) || items.size() % 2 != 0) {
      throw bad("expected a dict and pairs");
    }
    for (int i = 0; i < items.size(); i += 2) {
      // Only keys whose hash costs nothing: nested lists could be made to take forever.
      if (!(items.get(i) instanceof String) && !(items.get(i) instanceof Long)) {
        throw bad("expected keys that are texts or whole numbers");
      }
      ((Map<Object, Object>) map).put(items.get(i), items.get(i + 1));
    }
  }

  private Global global(String module, String name) {
    String full = module + " " + name;
    boolean storage = module.equals("torch") && PthFile.bytesOf(name) > 0;
    if (!storage && !full.equals(ORDERED_DICT) && !full.equals(TENSOR) && !full.equals(PARAMETER)) {
      throw bad(
          "found "
              + module
              + "."
              + name
              + ", which is not part of a state dict, and nothing of it was run; save"
              + " model.state_dict() alone");
    }
    return new Global(full);
  }

  private Storage storage(Object id) {
    if (id instanceof Tuple tuple
        && tuple.items.size() >= 5
        && "storage".equals(tuple.items.get(0))
        && tuple.items.get(1) instanceof Global type
        && tuple.items.get(2) instanceof String key
        && tuple.items.get(4) instanceof Long count
        && (tuple.items.size() == 5 || tuple.items.get(5) == null)) {
      String name = type.name.replaceFirst("^torch ", "");
      if (PthFile.bytesOf(name) > 0) {
        return new Storage(name, key, count);
      }
    }
    throw bad("expected the description of a storage");
  }

  private void reduce() {
    Object arguments = pop();
    Object function = pop();
    if (!(arguments instanceof Tuple tuple) || !(function instanceof Global global)) {
      throw bad("expected a function and its arguments");
    }
    List<Object> items = tuple.items;
    if (global.name.equals(ORDERED_DICT) && items.isEmpty()) {
      stack.add(new LinkedHashMap<>());
    } else if (global.name.equals(PARAMETER)
        && !items.isEmpty()
        && items.get(0) instanceof Tensor tensor) {
      stack.add(tensor);
    } else if (global.name.equals(TENSOR)
        && items.size() >= 4
        && items.get(0) instanceof Storage storage
        && items.get(1) instanceof Long offset
        && items.get(2) instanceof Tuple shape
        && items.get(3) instanceof Tuple strides) {
      stack.add(new Tensor(storage, offset, shape.items, strides.items));
    } else {
      throw bad("unexpected arguments of " + global.name.replace(' ', '.'));
    }
  }
}
