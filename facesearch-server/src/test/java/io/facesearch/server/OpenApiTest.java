package io.facesearch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenApiTest {
  @TempDir private Path folder;

  @Test
  void isValidAndDescribesEveryRouteAndNoOther() throws Exception {
    TreeSet<String> described = new TreeSet<>();
    parse()
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          described.add(method + " " + path);
                          assertThat(operation.getOperationId()).isNotBlank();
                          assertThat(operation.getResponses()).isNotEmpty();
                        }));
    TreeSet<String> served = new TreeSet<>();
    try (TestServer server = TestServer.start(folder, 0, builder -> builder)) {
      server.routes().stream()
          .filter(route -> route.access() != Route.Access.PAGE)
          .forEach(route -> served.add(route.method() + " " + route.path()));
      assertThat(server.get("/api/openapi.json").text()).isEqualTo(text());
    }
    assertThat(described).isEqualTo(served);
  }

  @Test
  void theSchemasRefuseWhatTheyDoNotDescribe() {
    Schemas.check("Health", "{\"status\": \"UP\"}");
    assertThatThrownBy(() -> Schemas.check("Health", "{\"status\": \"DOWN\"}"))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> Schemas.check("Health", "{\"status\": \"UP\", \"more\": 1}"))
        .isInstanceOf(AssertionError.class);
  }

  private static OpenAPI parse() throws Exception {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult result = new OpenAPIV3Parser().readContents(text(), null, options);
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.getOpenAPI().getOpenapi()).isEqualTo("3.1.0");
    return result.getOpenAPI();
  }

  private static String text() throws Exception {
    try (InputStream in = FaceServer.class.getResourceAsStream("openapi.json")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
