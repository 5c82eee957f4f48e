package io.facesearch.server;

import io.facesearch.FaceImageReader;
import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import io.facesearch.server.Route.Access;
import io.facesearch.server.Route.Body;
import io.facesearch.server.Workers.Lane;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the query page and its REST interface over HTTP. Owns its gallery. Thread-safe; clients
 * are told nothing of failures inside but that they happened.
 */
public final class FaceServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FaceServer.class);

  /** The first line and the header fields of a request. */
  static final int HEADER_BYTES = 8192;

  /** Of an answer that nobody reads, what is copied to the system at most. */
  private static final int SEND_BYTES = 1 << 17;

  private static final int THREADS = 100;
  private static final int WATCH_MILLIS = 100;
  private static final int RETENTION_MILLIS = 600_000;

  private final ServedGallery gallery;
  private final String host;
  private final Workers workers;
  private final SearchApi search;
  private final FacesApi faces;
  private final PeopleApi people;
  private final ServerApi about;
  private final Page page;
  private final Events events;
  private final Samples samples;
  private final byte[] openApi;
  private final Connections connections;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "facesearch-watch");
            thread.setDaemon(true);
            return thread;
          });
  private final @Nullable AuditLog audit;
  private final @Nullable Retention retention;
  private final Server server;
  private final Gate gate;

  private FaceServer(Builder b) throws IOException {
    gallery = new ServedGallery(b.gallery, b.photos);
    host = b.host;
    Guard guard = new Guard(b.host, b.allowedHosts, b.token, b.searchToken);
    Limits limits = b.limits;
    samples = b.samples;
    page = new Page();
    openApi = resource("openapi.json");
    workers = new Workers(limits);
    connections = new Connections(limits.requestTime());
    Metrics metrics = new Metrics(b.gallery, workers, connections);
    audit = b.audit == null ? null : AuditLog.open(b.audit);
    FaceKeys keys = new FaceKeys(b.gallery::version, b.gallery::faces);
    ServedFaces shown = new ServedFaces(gallery, keys);
    Thumbnails thumbnails =
        new Thumbnails(gallery, FaceImageReader.builder().maxPixels(limits.pixels()).build());
    Uploads uploads = new Uploads(b.gallery, limits, metrics);
    people = new PeopleApi(gallery, thumbnails, keys, shown);
    faces = new FacesApi(gallery, uploads, thumbnails, keys, shown, people, b.clock);
    search = new SearchApi(b.gallery, metrics, uploads, thumbnails, shown, people);
    about = new ServerApi(gallery, guard, limits, metrics, samples.names(), audit);
    events = new Events(() -> Gate.json(about.progress()));
    retention =
        b.forgetAfter == null
            ? null
            : new Retention(b.gallery, b.forgetAfter, faces::retire, this::tellOfDue, b.clock);
    server = jetty(b);
    gate =
        new Gate(
            guard, limits, routes(), workers, metrics, connections, timer, audit, b.requestLog);
    server.setHandler(gate);
    try {
      server.start();
    } catch (Exception e) {
      timer.shutdownNow();
      workers.close();
      stop();
      closeAudit();
      throw new IOException(
          "cannot listen on " + b.host + " port " + b.port + ": " + rootMessage(e), e);
    }
    every(WATCH_MILLIS, connections::watch);
    every(Events.PERIOD_MILLIS, events::tell);
    if (retention != null) {
      every(RETENTION_MILLIS, () -> workers.submit(Lane.QUERY, this::retire));
      retire();
    }
    gallery.startIndexing();
  }

  private void tellOfDue(int count) {
    if (audit != null) {
      audit.due(count);
    }
  }

  /** Forgets what is due, on whatever thread. */
  void retire() {
    try {
      Objects.requireNonNull(retention).run();
    } catch (RuntimeException e) {
      LOG.warn("what is due could not be forgotten: {}", Failures.describe(e));
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what fails is logged, and goes on
  private void every(int millis, Runnable task) {
    Runnable safe =
        () -> {
          try {
            task.run();
          } catch (RuntimeException | Error e) {
            LOG.warn("watching failed once", e); // and goes on
          }
        };
    timer.scheduleWithFixedDelay(safe, millis, millis, TimeUnit.MILLISECONDS);
  }

  private Server jetty(Builder b) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
    threads.setName("facesearch-http");
    Server jetty = new Server(threads);
    jetty.setErrorHandler(new JettyProblems());
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(HEADER_BYTES);
    http.setHttpCompliance(HttpCompliance.RFC9110);
    http.setUriCompliance(UriCompliance.DEFAULT);
    // Header fields of a connection are cached, else without regard to the case of their values.
    http.setHeaderCacheCaseSensitive(true);
    ServerConnector connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(b.host);
    connector.setPort(b.port);
    connector.setAcceptQueueSize(1024);
    connector.setAcceptedSendBufferSize(SEND_BYTES);
    // A last resort: connections are watched more closely by what they do.
    connector.setIdleTimeout(2 * b.limits.requestTime().toMillis() + 10_000);
    connector.addBean(connections);
    jetty.addConnector(connector);
    return jetty;
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
    return "http://"
        + name
        + ":"
        + ((ServerConnector) server.getConnectors()[0]).getLocalPort()
        + "/";
  }

  /** Bytes of bodies that are held now. */
  long held() {
    return gate.held();
  }

  /** All that is answered. */
  List<Route> routes() {
    return List.of(
        photo("/api/search", Body.PHOTO_OR_JSON, search::search),
        photo("/api/identify", Body.PHOTO, search::identify),
        photo("/api/detect", Body.PHOTO, search::detect),
        photo("/api/verify", Body.JSON_WITH_PHOTOS, search::verify),
        look("/api/faces", faces::list),
        change("POST", "/api/faces", Body.PHOTO, Lane.PHOTO, faces::add),
        look("/api/faces/{id}", faces::one),
        change("DELETE", "/api/faces/{id}", Body.NONE, Lane.QUERY, faces::delete),
        picture("/api/faces/{id}/photo", faces::thumbnail),
        picture("/api/faces/{id}/picture", faces::picture),
        look("/api/faces/{id}/photo-faces", faces::photoFaces),
        look("/api/groups", people::list),
        look("/api/groups/{id}", people::one),
        change("DELETE", "/api/groups/{id}", Body.NONE, Lane.QUERY, people::forget),
        look("/api/groups/{id}/faces", people::faces),
        look("/api/groups/{id}/similar", people::similar),
        change("POST", "/api/groups/{id}/name", Body.JSON, Lane.QUERY, people::name),
        change("POST", "/api/groups/{id}/merge", Body.JSON, Lane.QUERY, people::merge),
        change("POST", "/api/groups/{id}/split", Body.JSON, Lane.QUERY, people::split),
        change("POST", "/api/groups/{id}/apart", Body.JSON, Lane.QUERY, people::apart),
        change("POST", "/api/move", Body.JSON, Lane.QUERY, people::move),
        change("POST", "/api/undo", Body.JSON, Lane.QUERY, people::undo),
        look("/api/people", people::names),
        change("DELETE", "/api/people", Body.NONE, Lane.QUERY, people::forgetName),
        look("/api/info", about::info),
        new Route("GET", "/api/events", Access.SEARCH, Body.NONE, Lane.NOW, events::connect),
        new Route("GET", "/api/health", Access.OPEN, Body.NONE, Lane.NOW, about::health),
        new Route("GET", "/api/ready", Access.OPEN, Body.NONE, Lane.QUERY, about::ready),
        new Route("POST", "/api/session", Access.OPEN, Body.JSON, Lane.NOW, about::session),
        new Route(
            "GET",
            "/api/openapi.json",
            Access.OPEN,
            Body.NONE,
            Lane.NOW,
            x -> x.result("application/json", openApi)),
        new Route(
            "GET",
            "/api/samples/{name}",
            Access.SEARCH,
            Body.NONE,
            Lane.NOW,
            x -> samples.send(x, x.pathParam("name"))),
        look("/metrics", about::metrics),
        new Route("GET", "/", Access.PAGE, Body.NONE, Lane.NOW, page::index),
        new Route(
            "GET",
            "/assets/{name}",
            Access.PAGE,
            Body.NONE,
            Lane.NOW,
            x -> page.asset(x, x.pathParam("name"))),
        new Route(
            "GET",
            "/assets/messages/{name}",
            Access.PAGE,
            Body.NONE,
            Lane.NOW,
            x -> page.asset(x, "messages/" + x.pathParam("name"))));
  }

  private static Route look(String path, Route.Handler handler) {
    return new Route("GET", path, Access.SEARCH, Body.NONE, Lane.QUERY, handler);
  }

  private static Route picture(String path, Route.Handler handler) {
    return new Route("GET", path, Access.SEARCH, Body.NONE, Lane.PHOTO, handler);
  }

  private static Route photo(String path, Body body, Route.Handler handler) {
    return new Route("POST", path, Access.SEARCH, body, Lane.PHOTO, handler);
  }

  private static Route change(
      String method, String path, Body body, Lane lane, Route.Handler handler) {
    return new Route(method, path, Access.CHANGE, body, lane, handler);
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

  private void stop() throws IOException {
    try {
      server.stop();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("the server did not stop well", e);
    }
  }

  /** Stops listening, waits for what runs, and closes the gallery. */
  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    events.close();
    try {
      stop();
    } finally {
      try {
        workers.close();
        closeAudit();
      } finally {
        gallery.close();
      }
    }
  }

  private void closeAudit() throws IOException {
    if (audit != null) {
      audit.close();
    }
  }

  /** Settings of a {@link FaceServer}. Not thread-safe. */
  public static final class Builder {
    private final Gallery gallery;
    private @Nullable FolderSource photos;
    private String host = "127.0.0.1";
    private int port = 8080;
    private @Nullable String token;
    private @Nullable String searchToken;
    private @Nullable Path audit;
    private @Nullable RequestLog requestLog;
    private @Nullable Duration forgetAfter;
    private Clock clock = Clock.systemUTC();
    private List<String> allowedHosts = List.of();
    private Limits limits = Limits.DEFAULT;
    private Samples samples = Samples.NONE;

    private Builder(Gallery gallery) {
      this.gallery = Objects.requireNonNull(gallery, "gallery");
    }

    /**
     * Sets the folder whose photos are shown, and which the gallery is brought up to date with;
     * without it, photos are not shown.
     *
     * @param value the folder, with how it tells people and tags
     * @return this
     */
    public Builder photos(FolderSource value) {
      photos = Objects.requireNonNull(value, "photos");
      return this;
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
     * Sets what clients must know; whoever does may change the gallery.
     *
     * @param value at least 16 characters
     * @return this
     */
    public Builder token(String value) {
      token = Objects.requireNonNull(value, "token");
      return this;
    }

    /**
     * Sets what clients must know that may search and look, and change nothing. Needs a {@link
     * #token}, which differs.
     *
     * @param value at least 16 characters
     * @return this
     */
    public Builder searchToken(String value) {
      searchToken = Objects.requireNonNull(value, "searchToken");
      return this;
    }

    /**
     * Sets a file that tells who asked for what: an object of JSON a line for each request for
     * data, attempt to log in and change, without names, ids, paths or pixels. It is appended to,
     * and readable by its owner only. A change whose line cannot be written is not made; from the
     * first line that fails on, such requests are answered with 503 until lines can be written.
     *
     * @param file in a folder that is there
     * @return this
     */
    public Builder audit(Path file) {
      audit = Objects.requireNonNull(file, "audit");
      return this;
    }

    /**
     * Sets who is told of each answer, in a line without names, ids, paths or pixels; default
     * nobody.
     *
     * @param lines is called from any thread, one line at a time, and should be quick
     * @param json whether lines are objects of JSON
     * @return this
     */
    public Builder requestLog(Consumer<String> lines, boolean json) {
      requestLog = new RequestLog(Objects.requireNonNull(lines, "lines"), json);
      return this;
    }

    /**
     * Sets after how long faces are forgotten that clients added, with the crops of their photos;
     * default never. It is looked for them at the start and every ten minutes; faces of the folder
     * of photos stay.
     *
     * @param value more than 0
     * @return this
     */
    public Builder forgetAfter(Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException("forgetAfter must be more than 0, but is: " + value);
      }
      forgetAfter = value;
      return this;
    }

    /** For tests: what time it is. */
    Builder clock(Clock value) {
      clock = value;
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
     * Starts the server, and the indexing of the folder of photos.
     *
     * @return the server, to be closed by the caller
     * @throws IllegalArgumentException if the host needs a token and there is none, or one is short
     * @throws IOException if the port is taken, or the audit log cannot be opened
     */
    public FaceServer start() throws IOException {
      return new FaceServer(this);
    }
  }
}
