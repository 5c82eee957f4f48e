package io.facesearch.solr;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.solr.client.solrj.SolrRequest;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.impl.HttpJdkSolrClient;
import org.apache.solr.common.util.NamedList;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one node. SolrJ's client writes a body from a thread of its pool, which waits for
 * ever if the node takes no connection, and has four: so a client that failed is replaced, and its
 * threads are ended when its last request is. Thread-safe.
 */
final class SolrConnection implements AutoCloseable {
  /** Within this a node says how it is, and answers most searches; one that hangs does not. */
  static final Duration SOON = Duration.ofSeconds(5);

  /** Within this a node that is in order has done what takes long. */
  static final Duration LATE = Duration.ofMinutes(10);

  private static final Duration STATE = Duration.ofSeconds(3);

  private static final Duration DOUBTFUL = Duration.ofSeconds(1);

  /** How long others are asked first after a request failed. */
  private static final Duration DOUBT = Duration.ofSeconds(10);

  /** A client and its threads; counts guarded by the connection. */
  private static final class Client {
    final ExecutorService threads;
    final HttpJdkSolrClient http;
    int underWay;
    boolean isOver;

    Client(String url, Duration limit) {
      threads =
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "facesearch-solr");
                thread.setDaemon(true);
                return thread;
              });
      http =
          new HttpJdkSolrClient.Builder(url)
              .withConnectionTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
              .withRequestTimeout(limit.toSeconds(), TimeUnit.SECONDS)
              .withExecutor(threads)
              .useHttp1_1(true)
              .build();
    }
  }

  private final String url;

  /** By the time that a request may take. */
  private final Map<Duration, Client> current = new HashMap<>();

  private boolean isClosed;

  /** When a request failed last. */
  private long failedAt = System.nanoTime() - DOUBT.toNanos();

  SolrConnection(String url) {
    this.url = url;
  }

  String url() {
    return url;
  }

  /** Within what it should say how it is; one that said nothing just now is not waited for long. */
  Duration soon() {
    return isDoubtful() ? DOUBTFUL : STATE;
  }

  /** Whether others had better be asked first. */
  synchronized boolean isDoubtful() {
    return System.nanoTime() - failedAt < DOUBT.toNanos();
  }

  /** Whether a request failed since no answer came in time. */
  static boolean isTimeout(Throwable e) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (each instanceof HttpTimeoutException || each instanceof TimeoutException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Sends a request.
   *
   * @param where a collection or a core; null for none
   * @param limit how long it may take: {@link #SOON}, {@link #LATE} or another that is used often
   */
  NamedList<Object> request(SolrRequest<?> request, @Nullable String where, Duration limit)
      throws SolrServerException, IOException {
    Client client = begin(limit);
    boolean isSound = true;
    try {
      return client.http.request(request, where);
    } catch (SolrServerException | IOException e) {
      isSound = false;
      throw e;
    } finally {
      end(client, limit, isSound);
    }
  }

  private synchronized Client begin(Duration limit) throws IOException {
    if (isClosed) {
      throw new IOException("the storage was closed");
    }
    Client client = current.computeIfAbsent(limit, some -> new Client(url, some));
    client.underWay++;
    return client;
  }

  private synchronized void end(Client client, Duration limit, boolean isSound) {
    client.underWay--;
    if (!isSound) {
      failedAt = System.nanoTime();
      client.isOver |= current.remove(limit, client);
    }
    endIfOver(client);
  }

  private static void endIfOver(Client client) {
    if (client.isOver && client.underWay == 0) {
      client.threads.shutdownNow();
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    for (Client client : current.values()) {
      client.isOver = true;
      endIfOver(client);
    }
  }
}
