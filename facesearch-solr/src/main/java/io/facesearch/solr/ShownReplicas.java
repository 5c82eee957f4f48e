package io.facesearch.solr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.solr.client.solrj.SolrRequest;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.request.GenericSolrRequest;
import org.apache.solr.client.solrj.request.UpdateRequest;
import org.apache.solr.common.SolrException;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.apache.solr.common.params.SolrParams;
import org.apache.solr.common.util.NamedList;

/**
 * Tells each replica by itself to show what it has, and remembers which did. Solr hands a commit to
 * the leaders that ZooKeeper knows, which hand it on: so a replica whose leader died just now never
 * hears of it, one that recovers passes over it, and the answer tells neither. Thread-safe.
 */
final class ShownReplicas implements AutoCloseable {
  /**
   * How a replica is told.
   *
   * @param open whether to show changes
   * @param write whether to write segments, and begin new logs
   * @param expunge whether to rewrite each segment that holds deleted documents
   */
  record Commit(boolean open, boolean write, boolean expunge) {
    SolrRequest<?> request() {
      UpdateRequest request = new UpdateRequest();
      request.setParam("commit", "true");
      request.setParam("waitSearcher", "true");
      request.setParam("openSearcher", Boolean.toString(open));
      request.setParam("softCommit", Boolean.toString(!write));
      if (expunge) {
        request.setParam("expungeDeletes", "true");
      }
      request.setParam("commit_end_point", "replicas"); // handed on by nobody but a leader
      return request;
    }
  }

  /** Of UpdateLog.State: REPLAYING, BUFFERING, APPLYING_BUFFERED, ACTIVE. */
  private static final int LOG_ACTIVE = 3;

  private static final String LOG_STATE = "TLOG.state";
  private static final String LOGS = "TLOG.replay.remaining.logs";

  /** After so long it is looked whether a node hangs. */
  private static final long LOOK_MILLIS = 2_000;

  /** Within this a commit is done that rewrites no segments, and searches wait for it. */
  private static final long COMMIT_NANOS = TimeUnit.SECONDS.toNanos(8);

  private static final long LATE_NANOS = SolrConnection.LATE.toNanos();
  private static final long YOUNG_MILLIS = 1_000;
  private static final String CORE_NAME = "CORE.coreName";

  /** Whether the node that was asked last told of its log. */
  private volatile boolean isLogKnown = true;

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "facesearch-solr-replica");
            thread.setDaemon(true);
            return thread;
          });

  private final Map<String, SolrConnection> nodes = new ConcurrentHashMap<>();

  /** What was given up, by the address of the replica. */
  private final Map<String, CompletableFuture<Boolean>> hanging = new ConcurrentHashMap<>();

  /**
   * What was found last.
   *
   * @param all the replicas there are
   * @param shown those that show all that was acknowledged
   */
  private record Found(List<SolrCluster.Replica> all, List<SolrCluster.Replica> shown) {}

  private volatile Found found = new Found(List.of(), List.of());

  /** Those that say that they are in order. */
  List<SolrCluster.Replica> inOrder(List<SolrCluster.Replica> all) {
    return those(
        all.stream().filter(each -> !isHanging(each)).toList(), this::isInOrder, LATE_NANOS);
  }

  /** Whether a commit that was given up goes on: after a full disk a core may never end it. */
  private boolean isHanging(SolrCluster.Replica replica) {
    CompletableFuture<Boolean> commit = hanging.get(replica.url());
    return commit != null && !commit.isDone();
  }

  /** Tells those that are in order. */
  boolean tell(List<SolrCluster.Replica> all, Commit commit) {
    return tell(all, inOrder(all), commit);
  }

  /**
   * Tells replicas, leaders first, as these tell others, too; returns whether each of all did it,
   * and was in order before and after.
   *
   * @param all the replicas there are
   * @param inOrder those that were so just now
   */
  boolean tell(List<SolrCluster.Replica> all, List<SolrCluster.Replica> inOrder, Commit commit) {
    Set<SolrCluster.Replica> done = new HashSet<>();
    for (boolean isLeader : new boolean[] {true, false}) {
      List<SolrCluster.Replica> some =
          inOrder.stream().filter(each -> each.isLeader() == isLeader).toList();
      done.addAll(
          those(
              some,
              each -> told(each, commit) && isInOrder(each),
              commit.expunge ? LATE_NANOS : COMMIT_NANOS));
    }
    if (commit.open) {
      found = new Found(all, all.stream().filter(done::contains).toList());
    }
    return done.size() == all.size();
  }

  private boolean told(SolrCluster.Replica replica, Commit commit)
      throws SolrServerException, IOException {
    node(replica).request(commit.request(), replica.core(), SolrConnection.LATE);
    return true;
  }

  /** Leaves out those that are not in order any more; returns whether there were none. */
  boolean check(List<SolrCluster.Replica> all) {
    List<SolrCluster.Replica> known = found.shown;
    Found now = new Found(all, inOrder(all.stream().filter(each -> has(known, each)).toList()));
    found = now;
    return now.shown.size() == known.size();
  }

  /** Whether all are in order that ZooKeeper believes in. */
  boolean areInOrder(List<SolrCluster.Replica> all) {
    List<SolrCluster.Replica> active = all.stream().filter(SolrCluster.Replica::isActive).toList();
    return inOrder(active).size() == active.size();
  }

  private static boolean has(List<SolrCluster.Replica> known, SolrCluster.Replica one) {
    return known.stream().anyMatch(each -> each.url().equals(one.url()));
  }

  /** How many replicas show all, of the shard that has fewest of them. */
  int least() {
    Found now = found;
    Map<String, Integer> count = new TreeMap<>();
    now.all.forEach(each -> count.put(each.shard(), 0));
    now.shown.forEach(each -> count.merge(each.shard(), 1, Integer::sum));
    return count.values().stream().mapToInt(Integer::intValue).min().orElse(0);
  }

  /** The value of Solr's parameter {@code shards} that lets these alone answer. */
  String shards() {
    Map<String, String> shards = new TreeMap<>();
    found.shown.forEach(
        each -> shards.merge(each.shard(), each.url(), (first, next) -> first + "|" + next));
    return String.join(",", shards.values());
  }

  private interface Question {
    boolean ask(SolrCluster.Replica replica) throws SolrServerException, IOException;
  }

  private List<SolrCluster.Replica> those(
      List<SolrCluster.Replica> all, Question question, long limit) {
    long end = System.nanoTime() + limit;
    List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    for (SolrCluster.Replica each : all) {
      Predicate<SolrCluster.Replica> asked =
          replica -> {
            try {
              return question.ask(replica);
            } catch (SolrServerException | IOException | SolrException e) {
              return false;
            }
          };
      answers.add(CompletableFuture.supplyAsync(() -> asked.test(each), threads));
    }
    List<SolrCluster.Replica> those = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      if (isTrue(answers.get(i), all.get(i), end)) {
        those.add(all.get(i));
      } else if (!answers.get(i).isDone()) {
        hanging.put(all.get(i).url(), answers.get(i));
      }
    }
    return List.copyOf(those);
  }

  /** Waits as long as the node says that it is in order: one that hangs would never answer. */
  private boolean isTrue(CompletableFuture<Boolean> answer, SolrCluster.Replica replica, long end) {
    while (true) {
      try {
        return answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        try {
          if (System.nanoTime() - end > 0 || !isInOrder(replica)) {
            return false;
          }
        } catch (SolrServerException | IOException | SolrException failed) {
          return false;
        }
      } catch (ExecutionException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while waiting for Solr");
      }
    }
  }

  /**
   * Whether ZooKeeper and the replica itself say that it is active; ZooKeeper alone believes in one
   * that died for some seconds.
   */
  private boolean isInOrder(SolrCluster.Replica replica) throws SolrServerException, IOException {
    if (!replica.isActive()) {
      return false;
    }
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("action", "STATUS");
    params.set("core", replica.core());
    params.set("indexInfo", false);
    NamedList<Object> answer =
        node(replica)
            .request(
                new GenericSolrRequest(SolrRequest.METHOD.GET, "/admin/cores", params),
                null,
                node(replica).soon());
    return answer.get("status") instanceof NamedList<?> status
        && status.get(replica.core()) instanceof NamedList<?> core
        && "active".equals(core.get("lastPublished"))
        && isLogActive(
            replica, core.get("uptime") instanceof Number up && up.longValue() < YOUNG_MILLIS);
  }

  /**
   * While a log is replayed after a restart, what it holds is not shown, and commits pass by. A
   * node that tells nothing of its log is not believed: its core is only being loaded, or closed,
   * or its metrics are off. Nor is a core that has logs and is very young: it says that it is
   * active for a moment before it begins to replay them.
   */
  private boolean isLogActive(SolrCluster.Replica replica, boolean isYoung)
      throws SolrServerException, IOException {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("group", "core");
    params.set("prefix", LOG_STATE, LOGS, CORE_NAME);
    NamedList<Object> answer =
        node(replica)
            .request(
                new GenericSolrRequest(SolrRequest.METHOD.GET, "/admin/metrics", params),
                null,
                node(replica).soon());
    Object state = null;
    boolean hasLogs = true;
    // By the name of the core: those of registries are made of the collection's, which may be any.
    for (Object registry : ClusterState.map(answer.get("metrics")).values()) {
      Map<String, Object> metrics = ClusterState.map(registry);
      if (replica.core().equals(metrics.get(CORE_NAME))) {
        state = metrics.get(LOG_STATE);
        hasLogs = !(metrics.get(LOGS) instanceof Number number && number.intValue() == 0);
      }
    }
    isLogKnown = state instanceof Number;
    return state instanceof Number number
        && number.intValue() == LOG_ACTIVE
        && !(isYoung && hasLogs);
  }

  /** What may be the matter with replicas that do not show what they have; empty if unknown. */
  String why() {
    return isLogKnown
        ? ""
        : " (a node does not tell whether its log was replayed, the metric "
            + LOG_STATE
            + "; are the metrics of Solr switched off?)";
  }

  private SolrConnection node(SolrCluster.Replica replica) {
    return nodes.computeIfAbsent(replica.node(), SolrConnection::new);
  }

  /** Asks one replica alone. */
  NamedList<Object> ask(SolrCluster.Replica replica, String handler, SolrParams params)
      throws SolrServerException, IOException {
    ModifiableSolrParams alone = new ModifiableSolrParams(params);
    alone.set("distrib", false);
    GenericSolrRequest request = new GenericSolrRequest(SolrRequest.METHOD.GET, handler, alone);
    return node(replica)
        .request(request.setRequiresCollection(true), replica.core(), SolrConnection.LATE);
  }

  @Override
  public void close() {
    threads.shutdownNow();
    nodes.values().forEach(SolrConnection::close);
  }
}
