package io.facesearch.store;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.TagValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Faces with their vectors as JSON Lines, an object a line. Stateless. */
final class JsonLines {
  private JsonLines() {}

  /** A face as a line, without its end. */
  static String line(EmbeddedFace face) {
    StringWriter line = new StringWriter();
    try (JsonWriter json = new JsonWriter(line)) {
      json.beginObject().name("id").value(face.face().id());
      if (face.face().person().isPresent()) {
        json.name("person").value(face.face().person().get());
      }
      if (!face.face().tags().isEmpty()) {
        json.name("tags").beginObject();
        for (Map.Entry<String, TagValue> tag : face.face().tags().entrySet()) {
          json.name(tag.getKey());
          if (tag.getValue() instanceof TagValue.Numeric number) {
            json.value(number.value());
          } else {
            json.value(tag.getValue().toString());
          }
        }
        json.endObject();
      }
      json.name("model").value(face.embedding().model());
      json.name("vector").beginArray();
      for (float value : face.embedding().toArray()) {
        json.value(value);
      }
      json.endArray().endObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory has no errors", e);
    }
    return line.toString();
  }

  static long read(Path file, String name, String model, VectorFile.Rows face) throws IOException {
    long count = 0;
    long line = 0;
    int dimension = -1;
    try (BufferedReader lines = VectorFile.text(file)) {
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        line++;
        if (text.isBlank()) {
          continue;
        }
        String where = "line " + line;
        EmbeddedFace one = json(file, where, name + "#" + count, model, text);
        dimension = dimension < 0 ? one.embedding().dimension() : dimension;
        VectorFile.requireLength(file, where, dimension, one.embedding().dimension());
        face.take(where, one);
        count++;
      }
    }
    return count;
  }

  private static EmbeddedFace json(
      Path file, String where, String defaultId, String model, String text) throws IOException {
    String id = defaultId;
    String person = null;
    Map<String, TagValue> tags = Map.of();
    float[] vector = {};
    try (JsonReader json = new JsonReader(new StringReader(text))) {
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "id" -> id = json.nextString();
          case "person" -> person = string(json);
          case "tags" -> tags = tags(json);
          case "vector", "embedding" -> vector = vector(json);
          case "model" -> requireModel(file, where, model, json.nextString());
          default -> json.skipValue();
        }
      }
      json.endObject();
      if (json.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedJsonException("there is more after the object");
      }
    } catch (MalformedJsonException
        | java.io.EOFException
        | IllegalStateException
        | NumberFormatException e) {
      throw new FaceSearchException(
          file + ", " + where + ": it must be a JSON object with a vector (" + e.getMessage() + ")",
          e);
    }
    return VectorFile.face(file, where, id, person, tags, model, vector);
  }

  private static void requireModel(Path file, String where, String model, String found) {
    if (!found.equals(model)) {
      throw new io.facesearch.ModelMismatchException(
          file
              + ", "
              + where
              + ": the vector is of the model "
              + found
              + ", but those of "
              + model
              + " are read");
    }
  }

  private static @Nullable String string(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return null;
    }
    return json.nextString();
  }

  private static Map<String, TagValue> tags(JsonReader json) throws IOException {
    Map<String, TagValue> tags = new HashMap<>();
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      tags.put(
          name,
          json.peek() == JsonToken.NUMBER
              ? TagValue.of(json.nextDouble())
              : TagValue.of(json.nextString()));
    }
    json.endObject();
    return tags;
  }

  private static float[] vector(JsonReader json) throws IOException {
    List<Float> values = new ArrayList<>();
    json.beginArray();
    while (json.hasNext()) {
      values.add((float) json.nextDouble());
    }
    json.endArray();
    float[] vector = new float[values.size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = values.get(i);
    }
    return vector;
  }
}
