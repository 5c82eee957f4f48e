package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The schemas of openapi.json, which are those of JSON Schema 2020-12. */
final class Schemas {
  private static final JsonNode DOCUMENT = read();
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

  private Schemas() {}

  private static JsonNode read() {
    try (InputStream in = FaceServer.class.getResourceAsStream("openapi.json")) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails unless a text is JSON of that form. */
  static void check(String name, String json) {
    assertThat(DOCUMENT.at("/components/schemas/" + name).isObject()).as(name).isTrue();
    JsonSchema schema =
        SCHEMAS.computeIfAbsent(
            name,
            key -> {
              ObjectNode root = new ObjectMapper().createObjectNode();
              root.put("$ref", "#/components/schemas/" + key);
              root.set("components", DOCUMENT.get("components"));
              return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(root);
            });
    assertThat(schema.validate(json, InputFormat.JSON)).as(name + ": " + json).isEmpty();
  }

  /** The parameters that the query of a route has. */
  static Set<String> parameters(String method, String path) {
    Set<String> names = new TreeSet<>();
    JsonNode item = DOCUMENT.get("paths").path(path);
    for (JsonNode list :
        List.of(
            item.path("parameters"),
            item.path(method.toLowerCase(Locale.ROOT)).path("parameters"))) {
      list.forEach(
          one -> {
            if (one.path("in").asText().equals("query")) {
              names.add(one.path("name").asText());
            }
          });
    }
    return names;
  }

  /** Fails unless the document has that answer of a route. */
  static void checkStatus(String method, String path, int status) {
    JsonNode responses =
        DOCUMENT.get("paths").path(path).path(method.toLowerCase(Locale.ROOT)).path("responses");
    assertThat(responses.has(Integer.toString(status)))
        .as("openapi.json has the answer " + status + " of " + method + " " + path)
        .isTrue();
  }
}
