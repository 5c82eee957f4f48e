package io.facesearch.server;

import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Sets Jetty up, whose every default that matters is said here. Stateless. */
final class Listener {
  /** Of an answer that nobody reads, what is copied to the system at most. */
  private static final int SEND_BYTES = 1 << 17;

  private static final int THREADS = 100;

  private Listener() {}

  static Server jetty(String host, int port, Limits limits, Connections connections) {
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
    threads.setName("facesearch-http");
    Server jetty = new Server(threads);
    jetty.setErrorHandler(new JettyProblems());
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(FaceServer.HEADER_BYTES);
    http.setHttpCompliance(HttpCompliance.RFC9110);
    http.setUriCompliance(UriCompliance.DEFAULT);
    // Header fields of a connection are cached, else without regard to the case of their values.
    http.setHeaderCacheCaseSensitive(true);
    ServerConnector connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setAcceptQueueSize(1024);
    connector.setAcceptedSendBufferSize(SEND_BYTES);
    // A last resort: connections are watched more closely by what they do.
    connector.setIdleTimeout(2 * limits.requestTime().toMillis() + 10_000);
    connector.addBean(connections);
    jetty.addConnector(connector);
    return jetty;
  }
}
