package io.facesearch.server;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A request that is answered with an error.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457, Problem Details for HTTP APIs</a>
 */
class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final transient Map<String, String> headers = new LinkedHashMap<>();

  /**
   * Creates the problem.
   *
   * @param status of HTTP
   * @param code for programs: the page has a text for each, in each language
   * @param detail for people: what was expected, what was found, how to mend it
   */
  Problem(int status, String code, String detail) {
    // Without a stack trace: strangers decide how often it is made.
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
  }

  static Problem badRequest(String detail) {
    return new Problem(400, "bad_request", detail);
  }

  static Problem busy(String detail) {
    return new Problem(503, "busy", detail);
  }

  /** Adds a header field to the answer. */
  Problem with(String name, String value) {
    headers.put(name, value);
    return this;
  }

  Map<String, String> headers() {
    return headers;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }
}
