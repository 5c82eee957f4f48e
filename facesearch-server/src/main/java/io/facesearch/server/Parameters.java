package io.facesearch.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Reads the query of a request; what is malformed, unknown or said twice is a {@link Problem}. */
final class Parameters {
  private static final int MOST = 16;

  private Parameters() {}

  /** Reads parameters of these names, of which {@link Filters#TAG} may be said again. */
  static Map<String, List<String>> parse(String query, Set<String> known) {
    Map<String, List<String>> parameters = new HashMap<>();
    int count = 0;
    if (query == null || query.isEmpty()) {
      return parameters;
    }
    int start = 0;
    while (start <= query.length()) {
      int end = query.indexOf('&', start);
      end = end < 0 ? query.length() : end;
      if (end > start) {
        int equals = query.indexOf('=', start);
        boolean value = equals >= 0 && equals < end;
        String name = decode(query.substring(start, value ? equals : end));
        if (!known.contains(name)) {
          throw unknown(name, known);
        }
        List<String> values = parameters.computeIfAbsent(name, key -> new ArrayList<>());
        if (!values.isEmpty() && !name.equals(Filters.TAG)) {
          throw Problem.badRequest("the parameter " + Exchange.printable(name) + " is given twice");
        }
        values.add(value ? decode(query.substring(equals + 1, end)) : "");
        if (++count > MOST) {
          throw Problem.badRequest("the query has more than " + MOST + " parameters");
        }
      }
      start = end + 1;
    }
    return parameters;
  }

  private static Problem unknown(String name, Set<String> known) {
    return Problem.badRequest(
        "there is no parameter \""
            + Exchange.printable(name)
            + "\" here; "
            + (known.isEmpty() ? "there is none" : "known: " + new TreeSet<>(known)));
  }

  private static String decode(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw Problem.badRequest(
              "the query has a % that two hexadecimal digits do not follow; a % itself is %25");
        }
        bytes.write(16 * high + low);
        i += 2;
      } else if (c == '+') {
        bytes.write(' ');
      } else {
        byte[] encoded = String.valueOf(c).getBytes(StandardCharsets.UTF_8);
        bytes.write(encoded, 0, encoded.length);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw Problem.badRequest("the query is not in UTF-8");
    }
  }
}
