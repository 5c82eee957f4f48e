package io.facesearch.server;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.facesearch.DuplicateFaceException;
import io.facesearch.GalleryUnavailableException;
import io.facesearch.ImageFormatException;
import io.facesearch.IndexWriteException;
import io.facesearch.InsufficientMemoryException;
import io.facesearch.ModelMismatchException;
import io.facesearch.UnknownFaceException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where every request comes in. It decides by the headers alone whether the request is for this
 * server, for which route, and whether it may; only then is its body read, within a budget, and
 * without a thread that waits; and only then does its handler run. Thread-safe.
 */
final class Gate extends Handler.Abstract {
  private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
  private static final int HEADERS = 100;

  /** Bodies up to this size have memory of their own, which large ones cannot take. */
  private static final int SMALL_BODY = 1 << 18;

  private static final int LARGE_JSON = 1 << 20;

  /** What only programmers understand, and what is nobody's business. */
  private static final Pattern INTERNAL =
      Pattern.compile("[A-Z][a-z]+[A-Z]|\\w\\.\\w+\\.|class path|Exception|Error|[/\\\\]");

  private static final Map<String, String> SECURITY =
      Map.of(
          "Content-Security-Policy", Page.CONTENT_SECURITY_POLICY,
          "X-Content-Type-Options", "nosniff",
          "Referrer-Policy", "no-referrer",
          "Cross-Origin-Resource-Policy", "same-origin",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Permissions-Policy", "camera=(self), microphone=(), geolocation=()",
          "Cache-Control", "no-store");

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final Guard guard;
  private final Limits limits;
  private static final String GALLERIES = GalleryApi.ROOT + "/galleries/";

  private final Router router;
  private final Workers workers;
  private final Metrics metrics;
  private final Connections connections;
  private final ScheduledExecutorService timer;
  private final @Nullable AuditLog audit;
  private final @Nullable RequestLog requests;
  private final AtomicLong count = new AtomicLong();
  private final Memory small;
  private final Memory large;

  Gate(
      Guard guard,
      Limits limits,
      List<Route> routes,
      Workers workers,
      Metrics metrics,
      Connections connections,
      ScheduledExecutorService timer,
      @Nullable AuditLog audit,
      @Nullable RequestLog requests) {
    this.audit = audit;
    this.requests = requests;
    this.guard = guard;
    this.limits = limits;
    this.workers = workers;
    this.metrics = metrics;
    this.connections = connections;
    this.timer = timer;
    router = new Router(routes);
    small = new Memory(Limits.smallBodies());
    large = new Memory(Limits.largeBodies());
  }

  Limits limits() {
    return limits;
  }

  static Map<String, String> headers() {
    return SECURITY;
  }

  static String json(Object answer) {
    return GSON.toJson(answer);
  }

  static String json(Problem problem) {
    return json(
        new Answers.ProblemDetails(
            "about:blank",
            HttpStatus.getMessage(problem.status()),
            problem.status(),
            problem.code(),
            String.valueOf(problem.getMessage())));
  }

  /** Bytes of bodies that are held now. */
  long held() {
    return small.taken() + large.taken();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Connections.Tracked connection =
        connections.of(request.getConnectionMetaData().getConnection().getEndPoint());
    Exchange exchange =
        new Exchange(this, request, response, callback, connection, count.incrementAndGet());
    connection.begin(exchange);
    try {
      admit(exchange);
    } catch (Exception | Error e) {
      fail(exchange, e);
    }
    return true;
  }

  private void admit(Exchange exchange) {
    Request request = exchange.request();
    if (request.getHeaders().size() > HEADERS) {
      throw new Problem(
          431, "bad_request", "the request has more than " + HEADERS + " header fields");
    }
    String transfer = exchange.header("Transfer-Encoding");
    if (transfer != null && !transfer.strip().equalsIgnoreCase("chunked")) {
      throw new Problem(
              501, "bad_request", "the only transfer encoding that is read is chunked, alone")
          .with("Connection", "close");
    }
    guard.checkHost(request);
    Router.Match match = router.match(request.getHttpURI().getPath());
    if (match == null) {
      if (router.isBelow(GALLERIES, request.getHttpURI().getPath())) {
        guard.checkOrigin(request);
        guard.right(request); // nobody else learns which galleries there are
      }
      throw new Problem(
          404,
          "not_found",
          "nothing is answered at this path; /api/openapi.json describes the paths, which have no"
              + " slash at the end");
    }
    Route route = route(exchange, match);
    exchange.route(route == null ? match.routes().get(0) : route, match.parameters());
    boolean page = match.routes().stream().allMatch(r -> r.access() == Route.Access.PAGE);
    if (!page) {
      guard.checkOrigin(request);
    }
    if (audit != null && match.routes().stream().anyMatch(AuditLog::isTold)) {
      audit.check(); // before any token is compared
    }
    if (match.routes().stream().anyMatch(Route::needsToken)) {
      exchange.right(guard.right(request));
    }
    if (route == null) {
      TreeSet<String> methods = new TreeSet<>();
      for (Route one : match.routes()) {
        methods.add(one.method());
        if (one.method().equals("GET")) {
          methods.add("HEAD");
        }
      }
      throw new Problem(
              405,
              "method_not_allowed",
              "here only "
                  + String.join(", ", methods)
                  + " is answered, but it is: "
                  + Exchange.printable(request.getMethod()))
          .with("Allow", String.join(", ", methods));
    }
    if (route.access() == Route.Access.CHANGE && exchange.right() != Guard.Right.CHANGE) {
      throw new Problem(
          403, "search_only", "this token may search, but not change the gallery; use the other");
    }
    if (route.access() != Route.Access.PAGE) { // links to pages may carry what others add
      exchange.query(Parameters.parse(request.getHttpURI().getQuery(), route.parameters()));
    }
    admitBody(exchange, route);
  }

  private static @Nullable Route route(Exchange exchange, Router.Match match) {
    String method = exchange.isHead() ? "GET" : exchange.request().getMethod();
    for (Route route : match.routes()) {
      if (route.method().equals(method)) {
        return route;
      }
    }
    return null;
  }

  private void admitBody(Exchange exchange, Route route) {
    Request request = exchange.request();
    if (route.body() == Route.Body.NONE) {
      if (exchange.carriesBody()) {
        throw Problem.badRequest(
            route.method() + " " + route.path() + " takes no body; leave it out");
      }
      exchange.begin();
      return;
    }
    String encoding = exchange.header("Content-Encoding");
    if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
      throw new Problem(
              415,
              "wrong_type",
              "the body must be sent as it is, without Content-Encoding, but that is: "
                  + Exchange.printable(encoding))
          .with("Accept-Encoding", "identity");
    }
    BodyTypes.check(exchange.type(), route.body());
    boolean json = exchange.type().equals("application/json");
    int most =
        !json
            ? limits.uploadBytes()
            : route.body() == Route.Body.JSON_WITH_PHOTOS ? limits.jsonBytes() : SMALL_BODY;
    long length = request.getLength();
    if (length > most) {
      throw Exchange.tooLarge(most, Long.toString(length));
    }
    if (!exchange.carriesBody()) {
      exchange.begin();
      return;
    }
    exchange.read(most, length >= 0 && length <= SMALL_BODY ? small : large);
  }

  /** The request is whole: has its answer made. */
  void run(Exchange exchange) {
    try {
      workers.submit(lane(exchange), () -> work(exchange));
    } catch (Problem busy) {
      exchange.refuse(busy);
      exchange.release();
    }
  }

  private static Workers.Lane lane(Exchange exchange) {
    Route route = Objects.requireNonNull(exchange.route());
    boolean json = exchange.type().equals("application/json");
    if (exchange.heavy()
        || (route.lane() == Workers.Lane.PHOTO && json && exchange.body().length > LARGE_JSON)) {
      exchange.becomeHeavy();
      return Workers.Lane.LARGE;
    }
    return route.body() == Route.Body.PHOTO_OR_JSON && json ? Workers.Lane.QUERY : route.lane();
  }

  private void work(Exchange exchange) {
    boolean again = false;
    try {
      if (!exchange.isAnswered()) {
        int size = exchange.body().length;
        boolean json = exchange.type().equals("application/json");
        if (json && size > SMALL_BODY && !exchange.take((long) Limits.JSON_TIMES * size)) {
          throw Exchange.full();
        }
        Route route = Objects.requireNonNull(exchange.route());
        if (audit != null && route.access() == Route.Access.CHANGE) {
          audit.begun(exchange);
        }
        route.handler().handle(exchange);
        exchange.answer();
      }
    } catch (Workers.TooLargeForThisLane e) {
      exchange.becomeHeavy();
      again = true;
    } catch (Exception | Error e) {
      fail(exchange, e);
    }
    if (again) {
      run(exchange);
    } else {
      exchange.release();
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it ends with the timer
  private void hold(Exchange exchange, WrongToken problem) {
    long millis = problem.guess().wrong();
    if (millis < 0) {
      problem.guess().release();
      exchange.refuse(Guard.tooMany("on this server"));
      return;
    }
    exchange.connection().phase(Connections.Phase.HELD);
    timer.schedule(
        () -> {
          problem.guess().release();
          exchange.refuse(problem);
        },
        millis,
        TimeUnit.MILLISECONDS);
  }

  /** Counts an answer, and tells the logs of it. */
  void answered(Exchange exchange, int status) {
    Route route = exchange.route();
    metrics.answered(
        route == null ? "other" : route.method(),
        route == null ? "other" : route.path(),
        status,
        exchange.seconds());
    if (audit != null) {
      audit.answered(exchange, status);
    }
    if (requests != null) {
      requests.answered(exchange, status);
    }
  }

  private void fail(Exchange exchange, Throwable e) {
    if (e instanceof WrongToken wrong) {
      hold(exchange, wrong);
    } else if (e instanceof Problem problem) {
      exchange.refuse(problem);
    } else if (e instanceof ImageFormatException) {
      exchange.refuse(new Problem(422, "image_unreadable", forPeople(e)));
    } else if (e instanceof UnknownFaceException) {
      exchange.refuse(new Problem(404, "unknown_face", "no face of that id is in the gallery"));
    } else if (e instanceof DuplicateFaceException) {
      exchange.refuse(
          new Problem(409, "duplicate_face", "a face of that id is in the gallery already"));
    } else if (e instanceof ModelMismatchException) {
      exchange.refuse(
          new Problem(
              409,
              "model_mismatch",
              "the vector is of another model than the gallery, or has another length; /api/info"
                  + " tells the model"));
    } else if (e instanceof OutOfMemoryError || e instanceof InsufficientMemoryException) {
      exchange.refuse(Problem.busy("not enough heap for this photo now; try a smaller one"));
    } else if (e instanceof GalleryUnavailableException) {
      LOG.warn("the gallery does not answer: {}", Failures.describe(e));
      exchange.refuse(Problem.busy("the gallery does not answer whole now; ask again soon"));
    } else {
      String what = exchange.route() == null ? "a request" : exchange.route().path();
      // Messages of failures hold paths and names, which are not for logs that leave the machine.
      LOG.warn("{} failed: {}", what, Failures.describe(e));
      LOG.debug("failed", e);
      exchange.refuse(
          e instanceof IndexWriteException
              ? new Problem(
                  507, "not_stored", "the gallery cannot be written; see the server's log")
              : new Problem(500, "internal", "the server failed; see its log"));
    }
  }

  /** What an exception of the library says, where people can follow it. */
  private static String forPeople(Throwable e) {
    String message = String.valueOf(e.getMessage());
    int advice = message.indexOf("; ");
    String first = advice < 0 ? message : message.substring(0, advice);
    if (!INTERNAL.matcher(message).find()) {
      return message;
    }
    if (!INTERNAL.matcher(first).find()) {
      return first;
    }
    return "the photo cannot be read: it is damaged, cut off, or of a kind that this server does not"
        + " read; send JPEG or PNG";
  }
}
