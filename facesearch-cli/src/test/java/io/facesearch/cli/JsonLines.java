package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What {@code --json} prints, checked against docs/command-line.schema.json. */
final class JsonLines {
  private static final JsonSchema SCHEMA = schema();

  private JsonLines() {}

  private static JsonSchema schema() {
    try {
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(Files.readString(Path.of("../docs/command-line.schema.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All lines, each of which is an object of the schema. */
  static List<JsonObject> of(String out) {
    List<String> lines = out.lines().toList();
    for (String line : lines) {
      assertThat(line).matches("\\{\"v\":1,\"type\":\"[a-z]+\",.*}");
      assertThat(line.chars()).as(line).allMatch(c -> c >= ' ' && c < 0x7F);
      assertThat(SCHEMA.validate(line, InputFormat.JSON)).as(line).isEmpty();
    }
    return lines.stream().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
  }

  /** Those of a type. */
  static List<JsonObject> of(String out, String type) {
    return of(out).stream().filter(one -> one.get("type").getAsString().equals(type)).toList();
  }
}
