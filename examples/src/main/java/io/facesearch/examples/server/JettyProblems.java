package io.facesearch.examples.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers requests that are refused before they reach a handler, such as malformed paths. */
final class JettyProblems extends ErrorHandler {
  /** Makes the JSON of a problem. */
  @FunctionalInterface
  interface Writer {
    String json(int status, String code, String detail);
  }

  private final Writer writer;

  JettyProblems(Writer writer) {
    this.writer = writer;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    String json =
        writer.json(status, FaceServer.codeOf(status), "the request is malformed or not served");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.write(true, ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)), callback);
    return true;
  }
}
