package io.facesearch.examples.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The fields of a JSON object that a client sent; what does not fit is a {@link Problem}. */
final class Fields {
  private final JsonObject object;
  private final String where;

  private Fields(JsonObject object, String where, Set<String> known) {
    this.object = object;
    this.where = where;
    Set<String> unknown = new TreeSet<>(object.keySet());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw Problem.badRequest(
          where + " has the unknown field \"" + unknown.iterator().next() + "\"; known: " + known);
    }
  }

  static Fields parse(byte[] body, Set<String> known) {
    try (JsonReader reader =
        new JsonReader(
            new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8))) {
      reader.setStrictness(Strictness.STRICT);
      JsonElement element = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT || !element.isJsonObject()) {
        throw Problem.badRequest("the body must be one JSON object");
      }
      return new Fields(element.getAsJsonObject(), "the body", known);
    } catch (IOException | JsonParseException e) {
      throw Problem.badRequest("the body is no JSON; see RFC 8259");
    }
  }

  boolean has(String name) {
    return object.has(name) && !object.get(name).isJsonNull();
  }

  Fields object(String name, Set<String> known) {
    if (!has(name) || !object.get(name).isJsonObject()) {
      throw Problem.badRequest(where + " needs an object \"" + name + "\"");
    }
    return new Fields(object.getAsJsonObject(name), "\"" + name + "\"", known);
  }

  Optional<String> text(String name) {
    if (!has(name)) {
      return Optional.empty();
    }
    if (object.get(name).isJsonPrimitive() && object.getAsJsonPrimitive(name).isString()) {
      return Optional.of(object.get(name).getAsString());
    }
    throw Problem.badRequest("\"" + name + "\" of " + where + " must be a text");
  }

  int whole(String name, int standard, int min, int max) {
    if (!has(name)) {
      return standard;
    }
    String text = object.get(name).isJsonPrimitive() ? object.get(name).getAsString() : "";
    return whole(name, text, min, max);
  }

  float[] floats(String name) {
    if (!has(name) || !object.get(name).isJsonArray()) {
      throw Problem.badRequest(where + " needs \"" + name + "\", an array of numbers");
    }
    JsonArray array = object.getAsJsonArray(name);
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      boolean number =
          array.get(i).isJsonPrimitive() && array.get(i).getAsJsonPrimitive().isNumber();
      values[i] = number ? array.get(i).getAsFloat() : Float.NaN;
      if (!Float.isFinite(values[i])) {
        throw Problem.badRequest("value " + i + " of \"" + name + "\" is no finite number");
      }
    }
    return values;
  }

  /** A whole number that a client sent as text. */
  static int whole(String name, String text, int min, int max) {
    int value;
    try {
      value = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Problem.badRequest(name + " must be a whole number");
    }
    if (value < min || value > max) {
      throw Problem.badRequest(
          name + " must be between " + min + " and " + max + ", but is: " + value);
    }
    return value;
  }
}
