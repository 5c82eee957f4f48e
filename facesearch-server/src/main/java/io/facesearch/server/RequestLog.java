package io.facesearch.server;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One line for each answer: when, from which address, by which right, which route, which status,
 * how long. Names, ids, paths of files and numbers of vectors are in none: the route is told as
 * {@code openapi.json} writes it, with its braces, and the query not at all. Thread-safe.
 */
final class RequestLog {
  /** Any other text might be a name. */
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE");

  private final Consumer<String> lines;
  private final boolean json;

  /**
   * Makes a log.
   *
   * @param lines takes each line, from any thread, one at a time
   * @param json whether lines are objects of JSON
   */
  RequestLog(Consumer<String> lines, boolean json) {
    this.lines = lines;
    this.json = json;
  }

  void answered(Exchange exchange, int status) {
    Line line = line(exchange, status);
    String text = json ? Gate.json(line) : line.text();
    synchronized (this) {
      lines.accept(text);
    }
  }

  /** What is told of an exchange; without a status, of one that only begins. */
  static Line line(Exchange exchange, @Nullable Integer status) {
    Route route = exchange.route();
    String method = exchange.request().getMethod();
    return new Line(
        Instant.now().truncatedTo(ChronoUnit.MILLIS).toString(),
        exchange.number(),
        exchange.request().getConnectionMetaData().getRemoteSocketAddress()
                    instanceof InetSocketAddress socket
                && socket.getAddress() != null
            ? socket.getAddress().getHostAddress()
            : "unknown",
        exchange.right().name().toLowerCase(Locale.ROOT),
        METHODS.contains(method) ? method : "other",
        route == null ? "other" : route.path(),
        status,
        status == null ? null : Math.round(1e6 * exchange.seconds()) / 1e3);
  }

  /**
   * A line.
   *
   * @param time in UTC
   * @param request counts the requests since the server was started
   * @param client its address, or that of the proxy
   * @param right none, search or change
   * @param millis from the header of the request to the begin of the answer
   */
  record Line(
      String time,
      long request,
      String client,
      String right,
      String method,
      String route,
      @Nullable Integer status,
      @Nullable Double millis) {
    String text() {
      return String.format(
          Locale.ROOT,
          "%s #%d %s %s %s %s %s %s ms",
          time,
          request,
          client,
          right,
          method,
          route,
          status == null ? "-" : status,
          millis == null ? "-" : millis);
    }
  }
}
