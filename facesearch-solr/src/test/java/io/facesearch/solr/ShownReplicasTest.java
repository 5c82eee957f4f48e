package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.solr.common.util.JavaBinCodec;
import org.apache.solr.common.util.NamedList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom is believed that a replica shows all it has; the node is one of this test's. */
@Timeout(30)
class ShownReplicasTest {
  private static NamedList<Object> list(String name, Object value) {
    NamedList<Object> list = new NamedList<>();
    list.add(name, value);
    return list;
  }

  private static void answer(HttpExchange exchange, Object what) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JavaBinCodec codec = new JavaBinCodec()) {
      codec.marshal(what, bytes);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
    exchange.sendResponseHeaders(200, bytes.size());
    exchange.getResponseBody().write(bytes.toByteArray());
    exchange.close();
  }

  /** Whether a replica counts as shown whose node tells these metrics. */
  private static boolean isShown(String core, Map<String, Object> metrics) throws IOException {
    return isShown(core, 60_000, metrics);
  }

  private static boolean isShown(String core, long uptime, Map<String, Object> metrics)
      throws IOException {
    HttpServer node =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    NamedList<Object> known = list("lastPublished", "active");
    known.add("uptime", uptime);
    NamedList<Object> status = list("status", list(core, known));
    node.createContext("/solr/admin/cores", exchange -> answer(exchange, status));
    node.createContext(
        "/solr/admin/metrics", exchange -> answer(exchange, list("metrics", metrics)));
    node.createContext("/solr/" + core + "/update", exchange -> answer(exchange, list("a", "b")));
    node.start();
    try (ShownReplicas shown = new ShownReplicas()) {
      String url = "http://127.0.0.1:" + node.getAddress().getPort() + "/solr";
      boolean isTold =
          shown.tell(
              List.of(new SolrCluster.Replica("shard1", url, core, true, true)),
              new ShownReplicas.Commit(true, false, false));
      assertThat(shown.least()).isEqualTo(isTold ? 1 : 0);
      boolean isKnown =
          metrics.values().stream()
              .anyMatch(
                  each ->
                      each instanceof Map<?, ?> map
                          && map.get("CORE.coreName").equals(core)
                          && map.containsKey("TLOG.state"));
      assertThat(shown.why().isEmpty()).isEqualTo(isKnown);
      return isTold;
    } finally {
      node.stop(0);
    }
  }

  /** As a core does after the disk was full: it says that it is in order, and ends no commit. */
  @Test
  @Tag("slow")
  void aCommitThatNeverEndsIsGivenUpAndNotAskedForAgain() throws Exception {
    String core = "faces_shard1_replica_n1";
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger commits = new AtomicInteger();
    HttpServer node =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ExecutorService threads = Executors.newCachedThreadPool();
    node.setExecutor(threads);
    NamedList<Object> known = list("lastPublished", "active");
    node.createContext(
        "/solr/admin/cores", exchange -> answer(exchange, list("status", list(core, known))));
    node.createContext(
        "/solr/admin/metrics",
        exchange -> answer(exchange, list("metrics", Map.of("a", core(core, 3)))));
    node.createContext(
        "/solr/" + core + "/update",
        exchange -> {
          commits.incrementAndGet();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          answer(exchange, list("a", "b"));
        });
    node.start();
    try (ShownReplicas shown = new ShownReplicas()) {
      String url = "http://127.0.0.1:" + node.getAddress().getPort() + "/solr";
      List<SolrCluster.Replica> all =
          List.of(new SolrCluster.Replica("shard1", url, core, true, true));
      ShownReplicas.Commit commit = new ShownReplicas.Commit(true, false, false);
      assertThat(shown.tell(all, commit)).isFalse();
      assertThat(shown.tell(all, commit)).isFalse(); // at once
      assertThat(commits).hasValue(1);
      end.countDown();
      while (!shown.tell(all, commit)) {
        Thread.sleep(50);
      }
      assertThat(shown.least()).isOne();
    } finally {
      end.countDown();
      node.stop(0);
      threads.shutdownNow();
    }
  }

  private static Map<String, Object> core(String name, Object logState) {
    return Map.of("CORE.coreName", name, "TLOG.state", logState);
  }

  @Test
  void onlyOfAReplicaWhoseLogIsKnownToBeReplayed() throws Exception {
    String core = "faces_shard1_replica_n1";
    Map<String, Object> another = core("faces_shard2_replica_n3", 3);
    assertThat(isShown(core, Map.of("solr.core.a", another, "solr.core.b", core(core, 3))))
        .isTrue();
    assertThat(isShown(core, Map.of("solr.core.a", another, "solr.core.b", core(core, 0))))
        .isFalse();
    // A name of its own, which says nothing of collection and shard.
    assertThat(isShown("mine", Map.of("solr.core.mine", core("mine", 3)))).isTrue();
    // Just started: it begins to replay its logs in a moment, if it has any.
    Map<String, Object> young =
        Map.of("CORE.coreName", core, "TLOG.state", 3, "TLOG.replay.remaining.logs", 1);
    assertThat(isShown(core, 100, Map.of("solr.core.b", young))).isFalse();
    assertThat(isShown(core, 2_000, Map.of("solr.core.b", young))).isTrue();
    assertThat(
            isShown(
                core,
                100,
                Map.of(
                    "solr.core.b",
                    Map.of(
                        "CORE.coreName", core, "TLOG.state", 3, "TLOG.replay.remaining.logs", 0))))
        .isTrue();
    // Not loaded yet, closed, or metrics are off.
    assertThat(isShown(core, Map.of())).isFalse();
    assertThat(isShown(core, Map.of("solr.core.a", another))).isFalse();
    assertThat(isShown(core, Map.of("solr.core.b", Map.of("CORE.coreName", core)))).isFalse();
  }
}
