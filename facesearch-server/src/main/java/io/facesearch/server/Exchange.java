package io.facesearch.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Handlers read the request, which is in memory then, and set the
 * answer, which is sent when they return. It is answered once, whoever is first: the handler, or
 * whoever lost patience.
 */
final class Exchange {
  private final Gate gate;
  private final Request request;
  private final Response response;
  private final Callback callback;
  private final Connections.Tracked connection;
  private final long start = System.nanoTime();

  private final long number;

  private @Nullable Route route;
  private volatile Guard.Right right = Guard.Right.NONE;
  private Map<String, String> pathParameters = Map.of();
  private Map<String, List<String>> query = Map.of();
  private volatile @Nullable BodyReader reader;
  private @Nullable Memory memory;
  private byte[] body = {};

  private final AtomicLong held = new AtomicLong();
  private final AtomicBoolean answered = new AtomicBoolean();
  private final AtomicBoolean completed = new AtomicBoolean();
  private volatile boolean begun;
  private boolean heavy;

  private int status = 200;
  private final HttpFields.Mutable headers = HttpFields.build();
  private byte[] answer = {};

  Exchange(
      Gate gate,
      Request request,
      Response response,
      Callback callback,
      Connections.Tracked connection,
      long number) {
    this.number = number;
    this.gate = gate;
    this.request = request;
    this.response = response;
    this.callback = callback;
    this.connection = connection;
  }

  // What handlers use

  String header(String name) {
    return request.getHeaders().get(name);
  }

  /** What a parameter of the route's path stands for; the route has it. */
  String pathParam(String name) {
    return Objects.requireNonNull(pathParameters.get(name), name);
  }

  @Nullable String queryParam(String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.get(0);
  }

  /** What a parameter that may be said again was given. */
  List<String> queryParams(String name) {
    return query.getOrDefault(name, List.of());
  }

  /** The type of the body in lower case, without parameters; empty if none is given. */
  String type() {
    String type = header("Content-Type");
    if (type == null) {
      return "";
    }
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  byte[] body() {
    return body;
  }

  /** Whether this runs where large photos may be decoded. */
  boolean heavy() {
    return heavy;
  }

  Exchange status(int value) {
    status = value;
    return this;
  }

  Exchange header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  /** Answers with an object of {@link Answers}. */
  Exchange json(Object value) {
    return result("application/json", Gate.json(value));
  }

  Exchange result(String type, byte[] bytes) {
    headers.put(HttpHeader.CONTENT_TYPE, type);
    answer = bytes;
    return this;
  }

  Exchange result(String type, String text) {
    return result(type, text.getBytes(StandardCharsets.UTF_8));
  }

  /** What its token allows. */
  Guard.Right right() {
    return right;
  }

  // What the gate uses

  /** Counts the requests of this server. */
  long number() {
    return number;
  }

  void right(Guard.Right value) {
    right = value;
  }

  Request request() {
    return request;
  }

  Response response() {
    return response;
  }

  Connections.Tracked connection() {
    return connection;
  }

  /** Null as long as none was found. */
  @Nullable Route route() {
    return route;
  }

  void route(Route matched, Map<String, String> parameters) {
    route = matched;
    pathParameters = parameters;
  }

  void query(Map<String, List<String>> parameters) {
    query = parameters;
  }

  boolean isHead() {
    return request.getMethod().equals("HEAD");
  }

  boolean isAnswered() {
    return answered.get();
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  void becomeHeavy() {
    heavy = true;
  }

  void read(int most, Memory from) {
    memory = from;
    BodyReader started = new BodyReader(request, this, most);
    reader = started;
    connection.phase(Connections.Phase.READING);
    from.begin(this);
    started.start();
  }

  /** Of a request whose body is read. */
  private Memory memory() {
    return Objects.requireNonNull(memory);
  }

  /** Takes memory until the request is done with. */
  boolean take(long bytes) {
    if (!memory().take(this, bytes)) {
      return false;
    }
    held.addAndGet(bytes);
    if (answered.get() && !begun) {
      release(); // given up meanwhile
    }
    return true;
  }

  long received() {
    BodyReader now = reader;
    return now == null ? Long.MAX_VALUE : now.received();
  }

  void whole(List<byte[]> parts, int size) {
    memory().end(this);
    connection.phase(Connections.Phase.WORKING);
    if (parts.isEmpty()) {
      body = new byte[0];
    } else if (parts.size() == 1 && parts.get(0).length == size) {
      body = parts.get(0);
    } else {
      // The parts, and beside them the whole.
      if (!take(size)) {
        refuse(full());
        return;
      }
      body = new byte[size];
      int at = 0;
      for (byte[] part : parts) {
        int filled = Math.min(part.length, size - at); // the last has room left
        System.arraycopy(part, 0, body, at, filled);
        at += filled;
      }
      give(parts.stream().mapToLong(part -> part.length).sum());
      parts.clear();
    }
    begin();
  }

  /** Gives some of the memory back, if it was not given back already. */
  private void give(long bytes) {
    long before = held.getAndUpdate(now -> Math.max(0, now - bytes));
    memory().give(Math.min(before, bytes));
  }

  /** All of the request is here: makes the answer. */
  void begin() {
    begun = true;
    gate.run(this);
  }

  void brokenBody() {
    refuse(Problem.badRequest("the body of the request is malformed, or ended too early"));
  }

  // Whoever loses patience

  void tooSlow() {
    refuse(
        new Problem(
            408,
            "upload_too_slow",
            "the upload is slower than this server allows; make the photo smaller, or try again"
                + " on a faster connection"));
  }

  void timeout() {
    refuse(
        new Problem(
            503,
            "timeout",
            "the request was not done within "
                + gate.limits().requestTime().toSeconds()
                + " s; try again"));
  }

  void driveOut() {
    refuse(full());
  }

  void disconnected() {
    if (memory != null) {
      memory().end(this);
    }
    answered.set(true);
    complete(false);
  }

  static Problem full() {
    return Problem.busy("too many uploads at once for the memory here; try again soon");
  }

  static Problem tooLarge(int most, String found) {
    return new Problem(
        413,
        "upload_too_large",
        "the upload is too large: expected at most "
            + most
            + " bytes, but it has "
            + found
            + "; make the photo smaller, or start the server with a larger --max-upload and enough"
            + " heap for it (java -Xmx)");
  }

  /** Answers with a problem, unless there is an answer already. */
  void refuse(Problem problem) {
    if (!answered.compareAndSet(false, true)) {
      return;
    }
    if (memory != null) {
      memory().end(this);
    }
    if (!begun) {
      if (reader != null) {
        reader.forget();
      }
      release(); // not only when the rest of the body was thrown away
    }
    // Nothing of what a handler has set, or is about to: it may be at work.
    HttpFields.Mutable fields = HttpFields.build();
    problem.headers().forEach(fields::put);
    fields.put(HttpHeader.CONTENT_TYPE, "application/problem+json");
    int code = problem.status();
    if (code == 503 || code == 429) {
      fields.put(HttpHeader.RETRY_AFTER, "2");
    }
    if (code == 401) {
      fields.put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    if (code == 408 || (hasRest() && !isRestWorthReading())) {
      fields.put(HttpHeader.CONNECTION, "close");
    }
    send(code, fields, Gate.json(problem).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Leaves the answer to somebody else, who writes it bit by bit; false if there is one already.
   */
  boolean handOver() {
    return answered.compareAndSet(false, true);
  }

  /** Begins an answer that was handed over, which is written by {@link #response}. */
  void start(int code, String type) {
    gate.answered(this, code);
    open(code, type);
  }

  /** The same of an answer that nobody counts, as it has no end. */
  void open(int code, String type) {
    response.setStatus(code);
    HttpFields.Mutable out = response.getHeaders();
    Gate.headers().forEach(out::put);
    for (HttpField field : headers) {
      out.put(field);
    }
    out.put(HttpHeader.CONTENT_TYPE, type);
    connection.phase(Connections.Phase.EVENTS); // whoever writes watches it
  }

  /** The end of an answer that was handed over. */
  void done(boolean well) {
    complete(well);
  }

  boolean isDone() {
    return completed.get();
  }

  /** Sends what the handler has set, unless there is an answer already. */
  void answer() {
    if (answered.compareAndSet(false, true)) {
      send(status, headers, answer);
    }
  }

  private void send(int code, HttpFields fields, byte[] bytes) {
    gate.answered(this, code);
    response.setStatus(code);
    HttpFields.Mutable out = response.getHeaders();
    Gate.headers().forEach(out::put);
    for (HttpField field : fields) {
      out.put(field);
    }
    if (code != 204 && code != 304) {
      out.put(HttpHeader.CONTENT_LENGTH, bytes.length);
    }
    if (connection.isLastRequest()) {
      out.put(HttpHeader.CONNECTION, "close");
    }
    boolean empty = isHead() || code == 204 || code == 304;
    connection.writing(bytes.length);
    response.write(
        true,
        empty ? ByteBuffer.allocate(0) : ByteBuffer.wrap(bytes),
        Callback.from(this::written, failure -> complete(false)));
  }

  private void written() {
    if (!hasRest() || !isRestWorthReading()) {
      complete(true);
      return;
    }
    if (reader == null) {
      reader = new BodyReader(request, this, 0);
    }
    connection.phase(Connections.Phase.DRAINING);
    if (!reader.drop(4L * gate.limits().uploadBytes(), () -> complete(true))) {
      complete(true);
    }
  }

  private boolean hasRest() {
    return carriesBody() && (reader == null || !reader.isEnded());
  }

  boolean carriesBody() {
    return request.getLength() > 0 || header("Transfer-Encoding") != null;
  }

  private boolean isRestWorthReading() {
    // Who waits for 100 Continue has sent nothing and will not.
    return (reader != null || header("Expect") == null)
        && request.getLength() <= 4L * gate.limits().uploadBytes();
  }

  private void complete(boolean well) {
    if (!completed.compareAndSet(false, true)) {
      return;
    }
    if (!begun) {
      release(); // otherwise the gate does, as the handler may still be at work
    }
    connection.end();
    if (well) {
      callback.succeeded();
    } else {
      callback.failed(new Gone());
    }
  }

  /** Gives the memory of the body back: nobody uses it any more. */
  void release() {
    long bytes = held.getAndSet(0);
    if (bytes != 0) {
      memory().give(bytes);
    }
  }

  /** The client is gone; not a failure of the server. */
  static final class Gone extends java.io.IOException {
    private static final long serialVersionUID = 1L;

    Gone() {
      super("the client is gone");
    }
  }

  /** Text of a client, fit for a message. */
  static String printable(String text) {
    StringBuilder clean = new StringBuilder();
    for (int i = 0; i < Math.min(80, text.length()); i++) {
      char c = text.charAt(i);
      clean.append(c >= 0x20 && c <= 0x7e ? c : '?');
    }
    return clean.toString();
  }
}
