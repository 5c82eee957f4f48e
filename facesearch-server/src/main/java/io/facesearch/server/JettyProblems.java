package io.facesearch.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers requests that are refused before they reach the gate, such as malformed paths. */
final class JettyProblems extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus();
    Problem problem = new Problem(status, codeOf(status), detail(status));
    Gate.headers().forEach(response.getHeaders()::put);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    byte[] json = Gate.json(problem).getBytes(StandardCharsets.UTF_8);
    response.write(true, ByteBuffer.wrap(json), callback);
    return true;
  }

  private static String codeOf(int status) {
    return switch (status) {
      case 404 -> "not_found";
      case 405 -> "method_not_allowed";
      case 413 -> "upload_too_large";
      default -> status < 500 || status == 501 || status == 505 ? "bad_request" : "internal";
    };
  }

  private static String detail(int status) {
    return switch (status) {
      case 400 ->
          "the request is not well-formed HTTP/1.1: look at its first line, its path and its header"
              + " fields";
      case 414, 431 ->
          "the first line and the header fields of the request are longer than "
              + FaceServer.HEADER_BYTES
              + " bytes together; long texts belong into the body";
      case 417 -> "the only expectation that is met is 100-continue";
      case 426, 505 -> "this server speaks HTTP/1.1";
      case 501 -> "the only transfer encoding that is read is chunked";
      default -> status < 500 ? "the request is not served" : "the server failed; see its log";
    };
  }
}
