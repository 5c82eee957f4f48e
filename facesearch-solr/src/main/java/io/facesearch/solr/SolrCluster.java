package io.facesearch.solr;

import io.facesearch.FaceSearchException;
import io.facesearch.IndexWriteException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.solr.client.solrj.SolrRequest;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.request.GenericSolrRequest;
import org.apache.solr.client.solrj.request.QueryRequest;
import org.apache.solr.client.solrj.request.UpdateRequest;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrException;
import org.apache.solr.common.SolrInputDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.apache.solr.common.params.SolrParams;
import org.apache.solr.common.util.NamedList;
import org.jspecify.annotations.Nullable;

/**
 * The requests to a collection: to any of some nodes, repeated while nodes fail over, and never
 * answered in part. Thread-safe.
 */
final class SolrCluster implements AutoCloseable {
  /** Documents of one request. */
  static final int AT_ONCE = 1_000;

  /** Within this a change is done, unless a node hangs or the cluster is very busy. */
  private static final Duration CHANGE = Duration.ofSeconds(20);

  /**
   * A replica as ZooKeeper tells it.
   *
   * @param shard its shard
   * @param node address of its node
   * @param core its name there
   * @param isActive whether it answers searches
   * @param isLeader whether it takes changes
   */
  record Replica(String shard, String node, String core, boolean isActive, boolean isLeader) {
    /** Address of its core, without a slash at the end. */
    String url() {
      return node + "/" + core;
    }
  }

  private static final String NONE = "no replica of a shard is in order";

  private final List<SolrConnection> nodes = new ArrayList<>();
  private final List<String> urls;
  private final String collection;
  private final Duration patience;
  private volatile int minReplicas = 1;
  private final AtomicInteger next = new AtomicInteger();

  /** A type of replicas that show changes late; null if there are none. */
  private volatile @Nullable String foreignType;

  /** Whether the cluster has told of the collection; before, nothing is waited for. */
  private volatile boolean wasThere;

  private volatile boolean isClosed;

  private final ShownReplicas shown = new ShownReplicas();

  /**
   * Whether a request failed, or a replica did not show what it has, since the last time all did.
   */
  private volatile boolean isSuspect = true;

  SolrCluster(List<String> urls, String collection, Duration patience) {
    this.urls = urls;
    this.collection = collection;
    this.patience = patience;
    for (String url : urls) {
      nodes.add(new SolrConnection(url));
    }
  }

  boolean isSuspect() {
    return isSuspect;
  }

  String collection() {
    return collection;
  }

  // Asking

  /** A search over all shards. */
  QueryResponse query(ModifiableSolrParams params) {
    params.set("shards.tolerant", false);
    // Leaders have everything that was acknowledged; others may lag behind after a restart.
    params.set("shards.preference", "replica.leader:true");
    params.set("distrib.singlePass", true);
    QueryRequest request = new QueryRequest(params, SolrRequest.METHOD.POST);
    Deadline deadline = new Deadline(patience);
    Duration limit = SolrConnection.SOON;
    while (true) {
      params.remove("shards");
      if (isSuspect) {
        requireShown(deadline);
        params.set("shards", shown.shards());
      }
      boolean isLate = false;
      try {
        QueryResponse response = new QueryResponse(send(request, collection, limit), null);
        if (!isPartial(response)) {
          return response;
        }
        deadline.pauseOr(
            () -> new ShardsMissingException(missing("the answer is of some shards only"), null));
      } catch (SolrServerException | IOException | SolrException e) {
        refuseMistakes(e);
        isLate = SolrConnection.isTimeout(e);
        deadline.pauseOr(() -> new ShardsMissingException(missing(reason(e)), e));
      }
      isSuspect = true;
      boolean areInOrder = shown.check(replicas());
      if (isLate && areInOrder) {
        limit = SolrConnection.LATE; // nobody hangs: it takes long
      }
    }
  }

  /** A document by its id, with some of its fields, as the last commit left it. */
  Optional<SolrDocument> get(String id, String... fields) {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", "*:*");
    FilterQuery.addTerms(params, Fields.ID, List.of(id));
    params.set("fl", fields);
    params.set("rows", 1);
    return query(params).getResults().stream().findFirst();
  }

  /** Those of some ids that documents have, in their order. */
  Set<String> existing(Collection<String> ids) {
    Set<String> found = new HashSet<>();
    byId(ids, Fields.ID).forEach(one -> found.add(idOf(one)));
    Set<String> ordered = new LinkedHashSet<>(ids);
    ordered.retainAll(found);
    return ordered;
  }

  /** Documents as they are, to be added again if a change of them fails. */
  List<SolrInputDocument> documents(Collection<String> ids) {
    return byId(ids, Fields.ID, Fields.SEQ, Fields.DATA).stream().map(Fields::again).toList();
  }

  private List<SolrDocument> byId(Collection<String> ids, String... fields) {
    List<SolrDocument> found = new ArrayList<>();
    List<String> all = List.copyOf(ids);
    for (int i = 0; i < all.size(); i += AT_ONCE) {
      ModifiableSolrParams params = new ModifiableSolrParams();
      params.set("q", "*:*");
      FilterQuery.addTerms(params, Fields.ID, all.subList(i, Math.min(all.size(), i + AT_ONCE)));
      params.set("fl", fields);
      params.set("rows", AT_ONCE);
      found.addAll(query(params).getResults());
    }
    return found;
  }

  static String idOf(SolrDocument document) {
    return String.valueOf(document.getFieldValue(Fields.ID));
  }

  /** How many documents match. */
  long count(String query) {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", query);
    params.set("rows", 0);
    return query(params).getResults().getNumFound();
  }

  private static boolean isPartial(QueryResponse response) {
    NamedList<?> header = response.getHeader();
    return header != null && Boolean.TRUE.equals(header.getBooleanArg("partialResults"));
  }

  private String missing(String why) {
    return "the collection "
        + collection
        + " did not answer whole within "
        + patience.toSeconds()
        + " s: "
        + why
        + "; expected one live replica of each shard; start the nodes that are down, and repeat";
  }

  /** What to ask again would change nothing. */
  private void refuseMistakes(Exception e) {
    if (isMistake(e)) {
      throw new FaceSearchException(
          "Solr refused a request to the collection "
              + collection
              + " ("
              + reason(e)
              + "): it was not made with the configset of facesearch-solr (docs/SOLR.md says how),"
              + " or is gone",
          e);
    }
  }

  private static boolean isMistake(Exception e) {
    return e instanceof SolrException solr && solr.code() == 400;
  }

  /** Without what Solr says, which may quote names of people. */
  private static String reason(Exception e) {
    return e instanceof SolrException solr ? "status " + solr.code() : e.getClass().getSimpleName();
  }

  /**
   * To the nodes in turn; the failure of the last if none answers. Who asks a collection does not
   * wait for another node after one that said nothing: a shard may hang that all wait for.
   */
  private NamedList<Object> send(SolrRequest<?> request, @Nullable String where, Duration limit)
      throws SolrServerException, IOException {
    if (isClosed) {
      throw new IllegalStateException("this storage is closed");
    }
    List<FirstContact.Failure> failures = new ArrayList<>();
    for (SolrConnection node : inTurn()) {
      try {
        return node.request(request, where, limit);
      } catch (SolrServerException | IOException | SolrException e) {
        failures.add(new FirstContact.Failure(node.url(), e));
        boolean isLast = isMistake(e) || where != null && SolrConnection.isTimeout(e);
        if (!isLast && failures.size() < nodes.size()) {
          isSuspect = true;
        } else if (wasThere) {
          throw e;
        } else {
          throw FirstContact.notFound(collection, failures);
        }
      }
    }
    throw new IllegalStateException("there are no nodes");
  }

  /** Another first each time, and those last that failed just now. */
  private List<SolrConnection> inTurn() {
    int first = next.getAndIncrement() & Integer.MAX_VALUE;
    List<SolrConnection> sound = new ArrayList<>();
    List<SolrConnection> doubtful = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      SolrConnection node = nodes.get((first + i) % nodes.size());
      (node.isDoubtful() ? doubtful : sound).add(node);
    }
    sound.addAll(doubtful);
    return sound;
  }

  // Changing

  /**
   * Sends a change, and again until it reached so many replicas of each shard.
   *
   * @throws TooFewReplicasException if it did not; it may have reached some
   */
  void change(UpdateRequest request, int wanted) {
    Deadline deadline = new Deadline(patience);
    Duration limit = CHANGE;
    while (true) {
      boolean isLate = false;
      try {
        NamedList<Object> response = send(request, collection, limit);
        int reached = replicationFactor(response);
        if (reached >= wanted) {
          return;
        }
        deadline.pauseOr(
            () ->
                new TooFewReplicasException(
                    few("it reached " + reached + " replicas of a shard"), null));
      } catch (SolrServerException | IOException | SolrException e) {
        if (e instanceof SolrException solr && solr.code() == 400) {
          throw new IndexWriteException(
              "Solr refused faces for the collection "
                  + collection
                  + "; expected one of the configset of facesearch-solr with the dimension of the"
                  + " model",
              e);
        }
        isLate = SolrConnection.isTimeout(e);
        deadline.pauseOr(() -> new TooFewReplicasException(few(reason(e)), e));
      }
      isSuspect = true;
      if (isLate && shown.areInOrder(replicas())) {
        limit = SolrConnection.LATE; // nobody hangs: it takes long
      }
    }
  }

  private String few(String why) {
    return "a change of the collection "
        + collection
        + " did not reach "
        + minReplicas
        + " replicas of each shard within "
        + patience.toSeconds()
        + " s: "
        + why
        + "; start the nodes that are down, or ask for fewer (minReplicas)";
  }

  /** Solr reports the least of all shards, and refuses nothing by itself. */
  private int replicationFactor(NamedList<Object> response) {
    Object header = response.get("responseHeader");
    Object reached = header instanceof NamedList<?> list ? list.get(UpdateRequest.REPFACT) : null;
    return reached instanceof Number number ? number.intValue() : 1;
  }

  /**
   * Waits until a replica of each shard showed what it has. Where the last one of a shard is lost,
   * others show what is just being added, too.
   */
  private void requireShown(Deadline deadline) {
    while (shown.least() == 0) {
      shown.tell(replicas(), new ShownReplicas.Commit(true, false, false));
      if (shown.least() == 0) {
        deadline.pauseOr(() -> new ShardsMissingException(missing(NONE + shown.why()), null));
      }
    }
  }

  /** Writes changes to segments of all replicas that are there; logs hold them already. */
  void write() {
    shown.tell(replicas(), new ShownReplicas.Commit(false, true, false));
  }

  /**
   * Replicas, and those of them that say that they are in order.
   *
   * @param all of the collection
   * @param inOrder some of these
   */
  record Ready(List<Replica> all, List<Replica> inOrder) {}

  /** Asks each replica how it is; waits for a node that hangs. */
  Ready ready() {
    List<Replica> all = replicas();
    return new Ready(all, shown.inOrder(all));
  }

  /**
   * Makes each replica that is in order show all changes; does not wait for others.
   *
   * @param write whether to write segments, and begin new logs, too
   * @param expunge whether to rewrite each segment that holds deleted documents, too
   * @return how many replicas show all, of the shard that has fewest of them
   */
  int show(Ready ready, boolean write, boolean expunge) {
    boolean areAll =
        shown.tell(ready.all, ready.inOrder, new ShownReplicas.Commit(true, write, expunge));
    isSuspect = !areAll;
    return shown.least();
  }

  /** Whether of each shard a replica showed all when they were told last. */
  boolean isShown() {
    return shown.least() > 0;
  }

  /** For who changes, if too few replicas show it. */
  TooFewReplicasException tooFew(int least) {
    return new TooFewReplicasException(
        few("only " + least + " replicas of a shard are in order" + shown.why()), null);
  }

  /** For who reads, if a shard shows it on none. */
  ShardsMissingException none() {
    return new ShardsMissingException(missing(NONE + shown.why()), null);
  }

  /** Refuses a collection of whose replicas some never show at once what was changed. */
  void requireNrt() {
    if (foreignType != null) {
      throw new FaceSearchException(
          "the collection "
              + collection
              + " has replicas of type "
              + foreignType
              + ", which show changes a while later; expected NRT alone; make it with"
              + " replicationFactor or nrtReplicas, or delete those replicas");
    }
  }

  int minReplicas() {
    return minReplicas;
  }

  void minReplicas(int value) {
    minReplicas = value;
  }

  // The state of the cluster

  /** All replicas of the collection, by shard. */
  List<Replica> replicas() {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("action", "CLUSTERSTATUS");
    params.set("collection", collection);
    Deadline deadline = new Deadline(patience);
    while (true) {
      try {
        NamedList<Object> answer =
            send(
                new GenericSolrRequest(SolrRequest.METHOD.GET, "/admin/collections", params),
                null,
                SolrConnection.SOON);
        ClusterState state = ClusterState.of(ClusterState.map(answer.get("cluster")), collection);
        if (state.replicas().isEmpty()) {
          throw new SolrNotFoundException(
              collection
                  + " is not a collection of the SolrCloud at "
                  + urls
                  + "; is it an alias? name the collection that it stands for",
              null);
        }
        wasThere = true;
        foreignType = state.foreignType();
        return state.replicas();
      } catch (SolrServerException | IOException | SolrException e) {
        refuseMistakes(e);
        deadline.pauseOr(() -> new ShardsMissingException(missing(reason(e)), e));
      }
    }
  }

  /** How many values a vector has, by the schema of the collection. */
  int dimension() {
    Deadline deadline = new Deadline(patience);
    while (true) {
      try {
        GenericSolrRequest request =
            new GenericSolrRequest(
                SolrRequest.METHOD.GET, "/schema/fieldtypes/vector", new ModifiableSolrParams());
        NamedList<Object> answer =
            send(request.setRequiresCollection(true), collection, SolrConnection.SOON);
        return Integer.parseInt(
            String.valueOf(ClusterState.map(answer.get("fieldType")).get("vectorDimension")));
      } catch (SolrServerException | IOException | SolrException e) {
        refuseMistakes(e);
        deadline.pauseOr(() -> new ShardsMissingException(missing(reason(e)), e));
      }
    }
  }

  /** Asks one replica alone. */
  NamedList<Object> ask(Replica replica, String handler, SolrParams params)
      throws SolrServerException, IOException {
    return shown.ask(replica, handler, params);
  }

  Duration patience() {
    return patience;
  }

  @Override
  public void close() {
    isClosed = true;
    shown.close();
    nodes.forEach(SolrConnection::close);
  }

  @Override
  public String toString() {
    return collection + " at " + urls;
  }
}
