package io.facesearch.testing;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Random;

/** Draws the arguments of a {@link Property}. */
final class Arguments {
  /** One in so many is a special value. */
  private static final int SPECIAL = 8;

  private static final int LONGEST_TEXT = 32;

  private Arguments() {}

  static Object[] draw(Method method, Object test, Random random) throws Exception {
    Parameter[] parameters = method.getParameters();
    Object[] arguments = new Object[parameters.length];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = draw(parameters[i], test, random);
    }
    return arguments;
  }

  private static Object draw(Parameter parameter, Object test, Random random) throws Exception {
    String maker = parameter.getAnnotation(ForAll.class).value();
    if (!maker.isEmpty()) {
      Method method = test.getClass().getDeclaredMethod(maker, Random.class);
      method.setAccessible(true);
      return method.invoke(test, random);
    }
    Class<?> type = parameter.getType();
    if (type == int.class) {
      IntRange range = parameter.getAnnotation(IntRange.class);
      return range == null
          ? (int) whole(Integer.MIN_VALUE, Integer.MAX_VALUE, random)
          : (int) whole(range.min(), range.max(), random);
    }
    if (type == long.class) {
      return whole(Long.MIN_VALUE, Long.MAX_VALUE, random);
    }
    if (type == short.class) {
      return (short) whole(Short.MIN_VALUE, Short.MAX_VALUE, random);
    }
    if (type == byte.class) {
      return (byte) whole(Byte.MIN_VALUE, Byte.MAX_VALUE, random);
    }
    if (type == boolean.class) {
      return random.nextBoolean();
    }
    if (type == double.class) {
      return number(parameter.getAnnotation(DoubleRange.class), random);
    }
    if (type.isEnum()) {
      Object[] all = type.getEnumConstants();
      return all[random.nextInt(all.length)];
    }
    Size size = parameter.getAnnotation(Size.class);
    if (type == byte[].class) {
      byte[] bytes = new byte[random.nextInt(size.max() + 1)];
      random.nextBytes(bytes);
      return bytes;
    }
    if (type == String.class) {
      return text(random.nextInt((size == null ? LONGEST_TEXT : size.max()) + 1), random);
    }
    throw new IllegalArgumentException("no way to draw a " + type + "; name a method that does");
  }

  private static long whole(long min, long max, Random random) {
    if (min > max) {
      throw new IllegalArgumentException(
          "min must be at most max, but they are " + min + ", " + max);
    }
    if (random.nextInt(SPECIAL) == 0) {
      long[] special = {min, max, 0, 1, -1};
      long value = special[random.nextInt(special.length)];
      if (value >= min && value <= max) {
        return value;
      }
    }
    return max - min < 0 || max - min == Long.MAX_VALUE
        ? random.nextLong()
        : min + Math.floorMod(random.nextLong(), max - min + 1);
  }

  private static double number(DoubleRange range, Random random) {
    double min = range.min();
    double max = range.max();
    if (!(min <= max)) {
      throw new IllegalArgumentException(
          "min must be at most max, but they are " + min + ", " + max);
    }
    if (random.nextInt(SPECIAL) == 0) {
      double[] special = {min, max, 0, 1, -1};
      double value = special[random.nextInt(special.length)];
      if (value >= min && value <= max) {
        return value;
      }
    }
    double value =
        min > 0 && random.nextInt(4) == 0
            ? min * Math.pow(max / min, random.nextDouble())
            : min + (max - min) * random.nextDouble();
    return Math.min(max, value);
  }

  /** Control characters, ASCII, any other, and halves of pairs. */
  private static String text(int length, Random random) {
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      switch (random.nextInt(4)) {
        case 0 -> text.append((char) (random.nextInt(0xa0 - 0x7f + 0x20) + 0x7f & 0xff));
        case 1 -> text.append((char) random.nextInt(0x80));
        case 2 -> text.append((char) random.nextInt(0x10000));
        default -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
      }
    }
    return text.toString();
  }
}
