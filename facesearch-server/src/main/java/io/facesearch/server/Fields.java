package io.facesearch.server;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object that a client sent; what does not fit is a {@link Problem}. It is
 * read once, from its beginning, and left where it first does not fit: nothing that no request
 * needs is ever built in memory, be it depth, fields or numbers.
 */
final class Fields {
  private static final int MAX_NUMBERS = 1 << 14;
  private static final int MAX_TEXTS = 1000;

  /** Texts of these names may be as long as the body. */
  private static final Set<String> LONG = Set.of("photo");

  private record Numeral(String text) {}

  private final Map<String, Object> values;
  private final String where;

  private Fields(Map<String, Object> values, String where) {
    this.values = values;
    this.where = where;
  }

  /** Reads an object of these fields. */
  static Fields parse(byte[] body, Set<String> known) {
    return parse(body, known, Set.of());
  }

  /** Reads an object of these fields, whose objects have those fields. */
  static Fields parse(byte[] body, Set<String> known, Set<String> inner) {
    // The decoder, unlike the charset, refuses what is not UTF-8.
    try (JsonReader reader =
        new JsonReader(
            new InputStreamReader(
                new ByteArrayInputStream(body), StandardCharsets.UTF_8.newDecoder()))) {
      reader.setStrictness(Strictness.STRICT);
      if (reader.peek() != JsonToken.BEGIN_OBJECT) {
        throw Problem.badRequest("the body must be one JSON object");
      }
      Fields fields = object(reader, "the body", known, inner);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw Problem.badRequest("the body must be one JSON object");
      }
      return fields;
    } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
      throw Problem.badRequest("the body is not JSON; see RFC 8259");
    }
  }

  private static Fields object(
      JsonReader reader, String where, Set<String> known, Set<String> inner) throws IOException {
    Map<String, Object> values = new HashMap<>();
    reader.beginObject();
    while (reader.hasNext()) {
      String name = reader.nextName();
      if (!known.contains(name)) {
        throw Problem.badRequest(
            where + " has the unknown field \"" + Exchange.printable(name) + "\"; known: " + known);
      }
      if (values.containsKey(name)) {
        throw Problem.badRequest(where + " has the field \"" + name + "\" twice");
      }
      values.put(name, value(reader, name, where, inner));
    }
    reader.endObject();
    return new Fields(values, where);
  }

  private static @Nullable Object value(
      JsonReader reader, String name, String where, Set<String> inner) throws IOException {
    switch (reader.peek()) {
      case STRING -> {
        String text = reader.nextString();
        if (text.length() > Limits.MAX_TEXT && !LONG.contains(name)) {
          throw Problem.badRequest(
              "\"" + name + "\" of " + where + " is longer than " + Limits.MAX_TEXT);
        }
        return text;
      }
      case NUMBER -> {
        return new Numeral(reader.nextString());
      }
      case NULL -> {
        reader.nextNull();
        return null;
      }
      case BEGIN_ARRAY -> {
        return array(reader, name, where);
      }
      case BEGIN_OBJECT -> {
        if (inner.isEmpty()) {
          throw Problem.badRequest("\"" + name + "\" of " + where + " must not be an object");
        }
        return object(reader, "\"" + name + "\"", inner, Set.of());
      }
      default ->
          throw Problem.badRequest(
              "\"" + name + "\" of " + where + " must be a text, a number or numbers");
    }
  }

  private static Object array(JsonReader reader, String name, String where) throws IOException {
    reader.beginArray();
    if (reader.peek() != JsonToken.STRING) {
      return numbers(reader, name);
    }
    List<String> texts = new ArrayList<>();
    while (reader.hasNext()) {
      if (reader.peek() != JsonToken.STRING || texts.size() == MAX_TEXTS) {
        throw Problem.badRequest(
            "\"" + name + "\" of " + where + " must be at most " + MAX_TEXTS + " texts");
      }
      texts.add(reader.nextString());
    }
    reader.endArray();
    return texts;
  }

  private static float[] numbers(JsonReader reader, String name) throws IOException {
    float[] numbers = new float[512];
    int n = 0;
    while (reader.hasNext()) {
      float value = reader.peek() == JsonToken.NUMBER ? (float) reader.nextDouble() : Float.NaN;
      if (!Float.isFinite(value)) {
        throw Problem.badRequest("value " + n + " of \"" + name + "\" is not a finite number");
      }
      if (n == MAX_NUMBERS) {
        throw Problem.badRequest("\"" + name + "\" has more than " + MAX_NUMBERS + " numbers");
      }
      if (n == numbers.length) {
        numbers = Arrays.copyOf(numbers, 2 * n);
      }
      numbers[n++] = value;
    }
    reader.endArray();
    return Arrays.copyOf(numbers, n);
  }

  boolean has(String name) {
    return values.get(name) != null;
  }

  Fields object(String name) {
    if (values.get(name) instanceof Fields fields) {
      return fields;
    }
    throw Problem.badRequest(where + " needs an object \"" + name + "\"");
  }

  Optional<String> text(String name) {
    Object value = values.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw Problem.badRequest("\"" + name + "\" of " + where + " must be a text");
  }

  int whole(String name, int standard, int min, int max) {
    Object value = values.get(name);
    if (value == null) {
      return standard;
    }
    return whole(name, value instanceof Numeral numeral ? numeral.text() : "", min, max);
  }

  /** A number as it is written, or a text. */
  Optional<String> numeral(String name) {
    return values.get(name) instanceof Numeral numeral ? Optional.of(numeral.text()) : text(name);
  }

  float[] floats(String name) {
    if (values.get(name) instanceof float[] numbers) {
      return numbers;
    }
    throw Problem.badRequest(where + " needs \"" + name + "\", an array of numbers");
  }

  @SuppressWarnings("unchecked") // nothing else makes a list
  List<String> texts(String name) {
    if (values.get(name) instanceof List<?> texts) {
      return (List<String>) texts;
    }
    throw Problem.badRequest(where + " needs \"" + name + "\", an array of texts");
  }

  /** A whole number that a client sent as text. */
  static int whole(String name, String text, int min, int max) {
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Problem.badRequest(name + " must be a whole number between " + min + " and " + max);
    }
    if (value < min || value > max) {
      throw Problem.badRequest(
          name + " must be between " + min + " and " + max + ", but is: " + value);
    }
    return value;
  }
}
