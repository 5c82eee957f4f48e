package io.facesearch.examples.server;

import io.facesearch.DuplicateFaceException;
import io.facesearch.ImageFormatException;
import io.facesearch.IndexWriteException;
import io.facesearch.InsufficientMemoryException;
import io.facesearch.ModelMismatchException;
import io.facesearch.UnknownFaceException;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the query page and its REST interface over HTTP. Owns its gallery. Thread-safe; clients
 * are told nothing of failures inside but that they happened.
 */
public final class FaceServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FaceServer.class);
  private static final String START = "facesearch.start";

  /** A connection on which nothing moves for so long is closed. */
  private static final Duration IDLE = Duration.ofSeconds(20);

  private final Gallery gallery;
  private final String host;
  private final Guard guard;
  private final Workers workers;
  private final Metrics metrics;
  private final Api api;
  private final Page page;
  private final Events events;
  private final Samples samples;
  private final byte[] openApi;
  private final Javalin javalin;

  /**
   * A path that is answered.
   *
   * @param method of HTTP
   * @param path with parameters in braces
   * @param handler answers
   */
  record Route(HandlerType method, String path, Handler handler) {}

  private FaceServer(Builder b) throws IOException {
    gallery = b.gallery;
    host = b.host;
    guard = new Guard(b.host, b.allowedHosts, b.token);
    Limits limits = b.limits;
    samples = b.samples;
    page = new Page();
    openApi = resource("openapi.json");
    workers = new Workers(Runtime.getRuntime().availableProcessors(), limits.requestTime());
    metrics = new Metrics(gallery, workers);
    api = new Api(gallery, guard, limits, metrics, workers, samples.names());
    javalin = Javalin.create(this::configure);
    events = new Events(() -> api.json(api.progress()));
    try {
      javalin.start(b.host, b.port);
    } catch (RuntimeException e) {
      events.close();
      workers.close();
      throw new IOException(
          "cannot listen on " + b.host + " port " + b.port + ": " + rootMessage(e), e);
    }
    gallery.startIndexing();
  }

  /**
   * Starts a builder.
   *
   * @param gallery owned by the server from then on
   * @return a builder
   */
  public static Builder builder(Gallery gallery) {
    return new Builder(gallery);
  }

  /**
   * Where the page is.
   *
   * @return such as {@code http://127.0.0.1:8080/}
   */
  public String url() {
    String name = host.contains(":") ? "[" + host + "]" : host;
    return "http://" + name + ":" + javalin.port() + "/";
  }

  /** Everything but the stream of events. */
  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(new Route(HandlerType.POST, "/api/search", api::search));
    routes.add(new Route(HandlerType.POST, "/api/detect", api::detect));
    routes.add(new Route(HandlerType.POST, "/api/verify", api::verify));
    routes.add(new Route(HandlerType.GET, "/api/faces", api::faces));
    routes.add(new Route(HandlerType.POST, "/api/faces", api::add));
    routes.add(
        new Route(HandlerType.GET, "/api/faces/{id}", ctx -> api.face(ctx, ctx.pathParam("id"))));
    routes.add(
        new Route(
            HandlerType.DELETE, "/api/faces/{id}", ctx -> api.delete(ctx, ctx.pathParam("id"))));
    routes.add(
        new Route(
            HandlerType.GET,
            "/api/faces/{id}/photo",
            ctx -> api.thumbnail(ctx, ctx.pathParam("id"))));
    routes.add(new Route(HandlerType.GET, "/api/people", api::people));
    routes.add(new Route(HandlerType.DELETE, "/api/people", api::forget));
    routes.add(new Route(HandlerType.GET, "/api/info", api::info));
    routes.add(new Route(HandlerType.GET, "/api/health", api::health));
    routes.add(new Route(HandlerType.POST, "/api/session", api::session));
    routes.add(
        new Route(
            HandlerType.GET,
            "/api/openapi.json",
            ctx -> ctx.contentType("application/json").result(openApi)));
    routes.add(
        new Route(
            HandlerType.GET,
            "/api/samples/{name}",
            ctx -> samples.send(ctx, ctx.pathParam("name"))));
    routes.add(new Route(HandlerType.GET, "/metrics", api::metrics));
    return routes;
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.prefer405over404 = true;
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    config.jetty.modifyServer(
        server -> {
          server.setErrorHandler(new JettyProblems(this::problemJson));
          server.addEventListener(
              new LifeCycle.Listener() {
                @Override
                public void lifeCycleStarting(LifeCycle starting) {
                  for (var connector : server.getConnectors()) {
                    if (connector instanceof ServerConnector socket) {
                      socket.setIdleTimeout(IDLE.toMillis());
                    }
                  }
                }
              });
        });
    config.routes.before(
        ctx -> {
          ctx.attribute(START, System.nanoTime());
          headers(ctx);
          guard.check(ctx);
        });
    for (Route route : routes()) {
      config.routes.addHttpHandler(route.method(), route.path(), route.handler());
    }
    config.routes.sse("/api/events", client -> events.connect(client));
    config.routes.get("/", page::index);
    config.routes.get("/assets/<name>", ctx -> page.asset(ctx, ctx.pathParam("name")));
    config.routes.after(this::count);
    config.routes.exception(Exception.class, this::fail);
    for (int status : new int[] {400, 404, 405, 413, 500}) {
      config.routes.error(status, this::explain);
    }
  }

  private static void headers(Context ctx) {
    ctx.header("Content-Security-Policy", Page.CONTENT_SECURITY_POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cross-Origin-Resource-Policy", "same-origin")
        .header("Cross-Origin-Opener-Policy", "same-origin")
        .header("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
        .header("Cache-Control", "no-store");
  }

  private void count(Context ctx) {
    Long start = ctx.attribute(START);
    String route = ctx.endpoint() == null ? "other" : routeOf(ctx);
    metrics.answered(
        ctx.method().name(),
        route,
        ctx.statusCode(),
        start == null ? 0 : (System.nanoTime() - start) / 1e9);
  }

  private static String routeOf(Context ctx) {
    return ctx.endpoints().lastHttpEndpoint() == null
        ? "other"
        : ctx.endpoints().lastHttpEndpoint().path;
  }

  private void fail(Exception e, Context ctx) {
    if (!(e instanceof Problem slow && slow.status() == 408)) {
      api.discard(ctx);
    }
    if (e instanceof Problem problem) {
      problem(ctx, problem.status(), problem.code(), problem.getMessage());
      if (problem.status() == 503) {
        ctx.header("Retry-After", "2");
      }
    } else if (e instanceof ImageFormatException) {
      problem(ctx, 422, "image_unreadable", e.getMessage());
    } else if (e instanceof InsufficientMemoryException) {
      fail(Problem.busy("not enough heap for this photo now; try a smaller one"), ctx);
    } else if (e instanceof UnknownFaceException) {
      problem(ctx, 404, "unknown_face", e.getMessage());
    } else if (e instanceof DuplicateFaceException) {
      problem(ctx, 409, "duplicate_face", e.getMessage());
    } else if (e instanceof ModelMismatchException) {
      problem(ctx, 409, "model_mismatch", e.getMessage());
    } else if (e instanceof IndexWriteException) {
      log(ctx, e);
      problem(ctx, 507, "not_stored", "the gallery cannot be written; the server's log tells why");
    } else if (e instanceof HttpResponseException http) {
      problem(ctx, http.getStatus(), codeOf(http.getStatus()), String.valueOf(e.getMessage()));
    } else if (e instanceof EofException) {
      problem(ctx, 400, "bad_request", "the request ended too early");
    } else {
      log(ctx, e);
      problem(ctx, 500, "internal", "the server failed; its log tells why");
    }
  }

  /** Messages of failures hold paths and names, which are not for logs that leave the machine. */
  private static void log(Context ctx, Exception e) {
    LOG.warn("{} {} failed: {}", ctx.method(), routeOf(ctx), Failures.describe(e));
    LOG.debug("failed", e);
  }

  /** What Javalin answers by itself, such as for unknown paths. */
  private void explain(Context ctx) {
    if (ctx.res().getContentType() == null
        || !ctx.res().getContentType().startsWith("application/problem+json")) {
      int status = ctx.statusCode();
      problem(ctx, status, codeOf(status), "nothing answers " + ctx.method() + " here");
    }
  }

  private void problem(Context ctx, int status, String code, String detail) {
    ctx.status(status)
        .contentType("application/problem+json")
        .result(problemJson(status, code, detail));
  }

  private String problemJson(int status, String code, String detail) {
    return api.json(
        new Answers.ProblemDetails(
            "about:blank",
            org.eclipse.jetty.http.HttpStatus.getMessage(status),
            status,
            code,
            detail));
  }

  static String codeOf(int status) {
    return switch (status) {
      case 404 -> "not_found";
      case 405 -> "method_not_allowed";
      case 413 -> "upload_too_large";
      case 500 -> "internal";
      default -> status < 500 ? "bad_request" : "busy";
    };
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = FaceServer.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** Stops listening, waits for what runs, and closes the gallery. */
  @Override
  public void close() throws IOException {
    events.close();
    try {
      javalin.stop();
    } finally {
      try {
        workers.close();
      } finally {
        gallery.close();
      }
    }
  }

  /** Settings of a {@link FaceServer}. Not thread-safe. */
  public static final class Builder {
    private final Gallery gallery;
    private String host = "127.0.0.1";
    private int port = 8080;
    private Optional<String> token = Optional.empty();
    private List<String> allowedHosts = List.of();
    private Limits limits = Limits.DEFAULT;
    private Samples samples = Samples.NONE;

    private Builder(Gallery gallery) {
      this.gallery = Objects.requireNonNull(gallery, "gallery");
    }

    /**
     * Sets the address to listen on; default 127.0.0.1. Any but a loopback address needs a {@link
     * #token}.
     *
     * @param value a name or an address
     * @return this
     */
    public Builder host(String value) {
      host = Objects.requireNonNull(value, "host");
      return this;
    }

    /**
     * Sets the port; default 8080.
     *
     * @param value 0 (any that is free) to 65,535
     * @return this
     */
    public Builder port(int value) {
      if (value < 0 || value > 65_535) {
        throw new IllegalArgumentException("port must be between 0 and 65535, but is: " + value);
      }
      port = value;
      return this;
    }

    /**
     * Sets what clients must know.
     *
     * @param value at least 16 characters
     * @return this
     */
    public Builder token(String value) {
      token = Optional.of(value);
      return this;
    }

    /**
     * Sets further names under which browsers reach this server.
     *
     * @param value names or addresses, without a port
     * @return this
     */
    public Builder allowedHosts(List<String> value) {
      allowedHosts = List.copyOf(value);
      return this;
    }

    /**
     * Sets the largest photo that may be uploaded; default 16 MiB.
     *
     * @param bytes 1 to 256 MiB
     * @return this
     */
    public Builder maxUpload(int bytes) {
      return limits(new Limits(bytes, limits.pixels(), limits.requestTime()));
    }

    Builder limits(Limits value) {
      limits = value;
      return this;
    }

    /**
     * Sets photos that the page offers to try.
     *
     * @param value the photos
     * @return this
     */
    public Builder samples(Samples value) {
      samples = Objects.requireNonNull(value, "samples");
      return this;
    }

    /**
     * Starts the server, and the indexing of the gallery's folder.
     *
     * @return the server, to be closed by the caller
     * @throws IllegalArgumentException if the host needs a token and there is none, or it is short
     * @throws IOException if the port is taken
     */
    public FaceServer start() throws IOException {
      return new FaceServer(this);
    }
  }
}
