package io.facesearch.solr;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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
  /** A client and its threads; counts guarded by the connection. */
  private static final class Client {
    final ExecutorService threads;
    final HttpJdkSolrClient http;
    int underWay;
    boolean isOver;

    Client(String url) {
      threads =
          Executors.newCachedThreadPool(
              task -> {
                Thread thread = new Thread(task, "facesearch-solr");
                thread.setDaemon(true);
                return thread;
              });
      http =
          new HttpJdkSolrClient.Builder(url)
              .withConnectionTimeout(5, TimeUnit.SECONDS)
              .withRequestTimeout(10, TimeUnit.MINUTES)
              .withExecutor(threads)
              .useHttp1_1(true)
              .build();
    }
  }

  private final String url;
  private Client current;

  SolrConnection(String url) {
    this.url = url;
    current = new Client(url);
  }

  NamedList<Object> request(SolrRequest<?> request, @Nullable String where)
      throws SolrServerException, IOException {
    Client client = begin();
    boolean isSound = true;
    try {
      return client.http.request(request, where);
    } catch (SolrServerException | IOException e) {
      isSound = false;
      throw e;
    } finally {
      end(client, isSound);
    }
  }

  private synchronized Client begin() {
    current.underWay++;
    return current;
  }

  private synchronized void end(Client client, boolean isSound) {
    client.underWay--;
    if (!isSound && client == current) {
      client.isOver = true;
      current = new Client(url);
    }
    if (client.isOver && client.underWay == 0) {
      client.threads.shutdownNow();
    }
  }

  @Override
  public synchronized void close() {
    current.isOver = true;
    if (current.underWay == 0) {
      current.threads.shutdownNow();
    }
  }
}
