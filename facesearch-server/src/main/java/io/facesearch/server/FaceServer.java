package io.facesearch.server;

import io.facesearch.FolderSource;
import io.facesearch.Gallery;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the query page and its REST interface over HTTP. Owns its galleries and closes them.
 * Clients are told that an internal failure happened, but no details. Thread-safe.
 */
public final class FaceServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FaceServer.class);

  /** The first line and the header fields of a request. */
  static final int HEADER_BYTES = 8192;

  private static final int WATCH_MILLIS = 100;
  private static final int RETENTION_MILLIS = 600_000;

  private final List<GalleryApi> galleries;
  private final String host;
  private final Workers workers;
  private final ServerApi about;
  private final Page page;
  private final PhotoZip zip = new PhotoZip();
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
  private final Server server;
  private final Gate gate;

  private FaceServer(Builder b) throws IOException {
    List<GalleryApi.Part> parts = b.parts();
    host = b.host;
    Guard guard = new Guard(b.host, b.allowedHosts, b.token, b.searchToken);
    Limits limits = b.limits;
    samples = b.samples;
    page = new Page();
    openApi = resource("openapi.json");
    workers = new Workers(limits);
    connections = new Connections(limits.requestTime());
    Map<String, Gallery> byName = new LinkedHashMap<>();
    parts.forEach(part -> byName.put(part.name(), part.gallery()));
    Metrics metrics = new Metrics(byName, workers, connections);
    audit = b.audit == null ? null : AuditLog.open(b.audit);
    GalleryApi.Shared shared =
        new GalleryApi.Shared(limits, metrics, samples, zip, b.clock, workers);
    galleries = new ArrayList<>();
    for (GalleryApi.Part part : parts) {
      galleries.add(
          new GalleryApi(part, shared, b.forgetAfter, count -> tellOfDue(part.name(), count)));
    }
    about = new ServerApi(galleries, guard, metrics, audit, workers);
    server = Listener.jetty(b.host, b.port, limits, connections);
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
    for (GalleryApi one : galleries) {
      every(Events.PERIOD_MILLIS, one::tell);
      every(RETENTION_MILLIS, one::submitRetention);
      one.start();
    }
  }

  private void tellOfDue(String gallery, int count) {
    if (audit != null) {
      audit.due(gallery, count);
    }
  }

  /** Forgets what is due, on whatever thread. */
  void retire() {
    galleries.forEach(GalleryApi::retire);
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

  /**
   * Returns a builder of a server with one gallery.
   *
   * @param gallery owned by the server once it is started
   * @return a builder
   */
  public static Builder builder(Gallery gallery) {
    return new Builder(Objects.requireNonNull(gallery, "gallery"));
  }

  /**
   * {@return a builder of a server with several galleries, each added by {@link Builder#gallery}}
   */
  public static Builder builder() {
    return new Builder(null);
  }

  /** {@return the address of the page, such as {@code http://127.0.0.1:8080/}} */
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
    List<Route> routes = new ArrayList<>();
    galleries.forEach(one -> routes.addAll(one.routes()));
    routes.addAll(ServerRoutes.of(about, samples, page, openApi));
    return List.copyOf(routes);
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

  /** Stops listening, waits for requests in progress, and closes the galleries. */
  @Override
  public void close() throws IOException {
    timer.shutdownNow();
    galleries.forEach(GalleryApi::closeEvents);
    try {
      stop();
    } finally {
      try {
        zip.close();
        workers.close();
        closeAudit();
      } finally {
        closeGalleries();
      }
    }
  }

  /** Each, also if another fails. */
  private void closeGalleries() {
    RuntimeException first = null;
    for (GalleryApi one : galleries) {
      try {
        one.close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private void closeAudit() throws IOException {
    if (audit != null) {
      audit.close();
    }
  }

  /** Settings of a {@link FaceServer}. Not thread-safe. */
  public static final class Builder {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** Null if there are several. */
    private final @Nullable Gallery gallery;

    private final Map<String, GalleryApi.Part> named = new LinkedHashMap<>();
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

    private Builder(@Nullable Gallery gallery) {
      this.gallery = gallery;
    }

    /**
     * Adds a gallery with a name: its paths begin with {@code /api/galleries/NAME/} instead of
     * {@code /api/}, and the page offers it. The first gallery is the one that the page shows
     * first.
     *
     * @param name 1 to 64 letters, digits and {@code . _ -}, beginning with a letter or digit
     * @param value owned by the server once it is started
     * @param folder photos to index at the start and to show; null for none
     * @return this
     * @throws IllegalArgumentException if the name is not like that, or already in use
     * @throws IllegalStateException if the builder is for one gallery
     */
    public Builder gallery(String name, Gallery value, @Nullable FolderSource folder) {
      if (gallery != null) {
        throw new IllegalStateException("this builder is of one gallery, without a name");
      }
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "the name of a gallery must have 1 to 64 letters, digits, dots, dashes and"
                + " underscores, and begin with a letter or a digit, but is: \""
                + Exchange.printable(name)
                + "\"");
      }
      if (named.putIfAbsent(name, new GalleryApi.Part(name, value, folder)) != null) {
        throw new IllegalArgumentException("two galleries are called \"" + name + "\"");
      }
      return this;
    }

    private List<GalleryApi.Part> parts() {
      if (gallery != null) {
        return List.of(new GalleryApi.Part("", gallery, photos));
      }
      if (named.isEmpty()) {
        throw new IllegalStateException("a server needs a gallery");
      }
      return List.copyOf(named.values());
    }

    /**
     * Sets the folder of photos, which is indexed at the start and whose photos are shown; without
     * it, photos are not shown. With several galleries, each has its own folder.
     *
     * @param value the folder, with its settings for people and tags
     * @return this
     */
    public Builder photos(FolderSource value) {
      photos = Objects.requireNonNull(value, "photos");
      return this;
    }

    /**
     * Sets the address to listen on; default 127.0.0.1. Any address that is not a loopback address
     * needs a {@link #token}.
     *
     * @param value a host name or an address
     * @return this
     */
    public Builder host(String value) {
      host = Objects.requireNonNull(value, "host");
      return this;
    }

    /**
     * Sets the port; default 8080.
     *
     * @param value 0 (any free port) to 65,535
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
     * Sets the token that clients must present. It allows everything, including changes of the
     * gallery.
     *
     * @param value at least 16 characters
     * @return this
     */
    public Builder token(String value) {
      token = Objects.requireNonNull(value, "token");
      return this;
    }

    /**
     * Sets a token with which clients can search and look, but change nothing. It needs a {@link
     * #token} as well, and must differ from that.
     *
     * @param value at least 16 characters
     * @return this
     */
    public Builder searchToken(String value) {
      searchToken = Objects.requireNonNull(value, "searchToken");
      return this;
    }

    /**
     * Sets an audit log: one line with a JSON object for each request for data, login attempt and
     * change, without names, ids, paths or pixels. Lines are appended, and the file is readable
     * only by its owner. A change is not made if its line cannot be written; such requests are then
     * answered with 503 until lines can be written again.
     *
     * @param file the log, in an existing folder
     * @return this
     */
    public Builder audit(Path file) {
      audit = Objects.requireNonNull(file, "audit");
      return this;
    }

    /**
     * Sets a request log: one line for each response, without names, ids, paths or pixels; default
     * none.
     *
     * @param lines receives the lines, one at a time, on any thread; should be quick
     * @param json whether the lines are JSON objects
     * @return this
     */
    public Builder requestLog(Consumer<String> lines, boolean json) {
      requestLog = new RequestLog(Objects.requireNonNull(lines, "lines"), json);
      return this;
    }

    /**
     * Sets how long faces that clients added are kept, with the crops of their photos; default
     * forever. Expired ones are forgotten at the start and every ten minutes. Faces from the folder
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
     * Sets additional names by which browsers reach this server. Requests for other names are
     * rejected.
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
     * Sets sample photos that the page offers to try.
     *
     * @param value the photos
     * @return this
     */
    public Builder samples(Samples value) {
      samples = Objects.requireNonNull(value, "samples");
      return this;
    }

    /**
     * Starts the server, and the indexing of its folders of photos.
     *
     * @return the server; the caller closes it
     * @throws IllegalArgumentException if the host needs a token but none was set, or a token is
     *     too short
     * @throws IOException if the port is in use, or the audit log cannot be opened
     */
    public FaceServer start() throws IOException {
      return new FaceServer(this);
    }
  }
}
