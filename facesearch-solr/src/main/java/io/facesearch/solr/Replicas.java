package io.facesearch.solr;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.solr.client.solrj.SolrServerException;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.client.solrj.response.json.NestableJsonFacet;
import org.apache.solr.common.SolrException;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.apache.solr.common.util.NamedList;

/** Looks at each replica by itself. */
final class Replicas {
  private Replicas() {}

  /** How many replicas the shard has that has fewest. */
  static int leastPerShard(List<SolrCluster.Replica> replicas) {
    Map<String, Integer> count = new TreeMap<>();
    replicas.forEach(each -> count.merge(each.shard(), 1, Integer::sum));
    return count.values().stream().mapToInt(Integer::intValue).min().orElse(1);
  }

  /** Waits until all replicas show what they have; ZooKeeper believes in dead ones for a while. */
  static void requireAll(SolrCluster cluster, SolrWrites writes) {
    Deadline deadline = new Deadline(cluster.patience());
    while (!writes.showOnAll()) {
      deadline.pauseOr(
          () ->
              new TooFewReplicasException(
                  "forgetting must reach the files of all replicas of the collection "
                      + cluster.collection()
                      + ", but some are not active; nothing was changed; start the nodes that are"
                      + " down, or delete their replicas, and repeat",
                  null));
    }
  }

  /** Waits until no replica has deleted documents in its files; merges may go on. */
  static void requirePurged(SolrCluster cluster, Runnable again) {
    Deadline deadline = new Deadline(cluster.patience());
    while (true) {
      long left =
          states(cluster).stream().filter(each -> !each.isActive() || each.deleted() > 0).count();
      if (left == 0) {
        return;
      }
      deadline.pauseOr(
          () ->
              new TooFewReplicasException(
                  "the faces are removed, but the files of "
                      + left
                      + " replicas of the collection "
                      + cluster.collection()
                      + " still hold deleted documents, or they are down; forget again when all are"
                      + " active",
                  null));
      again.run();
    }
  }

  static List<ReplicaState> states(SolrCluster cluster) {
    List<ReplicaState> states = new ArrayList<>();
    for (SolrCluster.Replica each : cluster.replicas()) {
      ReplicaState down = new ReplicaState(each.shard(), each.url(), false, 0, 0, "");
      try {
        states.add(each.isActive() ? state(cluster, each) : down);
      } catch (SolrServerException | IOException | SolrException e) {
        states.add(down);
      }
    }
    return states;
  }

  private static ReplicaState state(SolrCluster cluster, SolrCluster.Replica replica)
      throws SolrServerException, IOException {
    ModifiableSolrParams luke = new ModifiableSolrParams();
    luke.set("numTerms", 0);
    luke.set("show", "index");
    NamedList<Object> index = cluster.ask(replica, "/admin/luke", luke);
    ModifiableSolrParams sums = new ModifiableSolrParams();
    sums.set("q", "*:*");
    sums.set("rows", 0);
    sums.set("json.facet", facets());
    QueryResponse response = new QueryResponse(cluster.ask(replica, "/select", sums), null);
    return new ReplicaState(
        replica.shard(),
        replica.url(),
        true,
        response.getResults().getNumFound(),
        ClusterState.map(index.get("index")).get("deletedDocs") instanceof Number number
            ? number.longValue()
            : Long.MAX_VALUE,
        checksum(response));
  }

  static String facets() {
    StringBuilder facets = new StringBuilder("{");
    for (String sum : Fields.SUMS) {
      facets.append(sum).append(":\"sum(").append(sum).append(")\",");
    }
    facets.setCharAt(facets.length() - 1, '}');
    return facets.toString();
  }

  static String checksum(QueryResponse response) {
    NestableJsonFacet facets = response.getJsonFacetingResponse();
    StringBuilder sums = new StringBuilder();
    for (String sum : Fields.SUMS) {
      Object value = facets == null ? null : facets.getStatValue(sum);
      long whole = value instanceof Number number ? number.longValue() : 0;
      sums.append(sums.isEmpty() ? "" : "-").append(Long.toHexString(whole));
    }
    return sums.toString();
  }
}
