package io.facesearch.solr;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.solr.common.util.NamedList;
import org.jspecify.annotations.Nullable;

/**
 * What ZooKeeper knows of a collection. Immutable.
 *
 * @param replicas all of it, by shard; empty if there is no such collection
 * @param foreignType of a replica that does not obey commits, and copies segments of the leader a
 *     while later; null if all do
 */
record ClusterState(List<SolrCluster.Replica> replicas, @Nullable String foreignType) {
  /** The type of replicas that obey commits; others count as not active. */
  private static final String NRT = "NRT";

  /** Reads what {@code CLUSTERSTATUS} answers. */
  static ClusterState of(Map<String, Object> cluster, String collection) {
    List<?> live = cluster.get("live_nodes") instanceof List<?> list ? list : List.of();
    Map<String, Object> own = map(map(cluster.get("collections")).get(collection));
    List<SolrCluster.Replica> replicas = new ArrayList<>();
    String foreign = null;
    for (var shard : new TreeMap<>(map(own.get("shards"))).entrySet()) {
      if ("inactive".equals(map(shard.getValue()).get("state"))) {
        continue;
      }
      for (Object of : new TreeMap<>(map(map(shard.getValue()).get("replicas"))).values()) {
        Map<String, Object> replica = map(of);
        String type = String.valueOf(replica.getOrDefault("type", NRT));
        if (!type.equals(NRT)) {
          foreign = type;
        }
        boolean isActive =
            "active".equals(replica.get("state"))
                && live.contains(replica.get("node_name"))
                && type.equals(NRT);
        replicas.add(
            new SolrCluster.Replica(
                shard.getKey(),
                String.valueOf(replica.get("base_url")),
                String.valueOf(replica.get("core")),
                isActive,
                "true".equals(String.valueOf(replica.get("leader")))));
      }
    }
    return new ClusterState(List.copyOf(replicas), foreign);
  }

  /** An object of an answer, which Solr hands out in either form; empty if it is none. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> map(@Nullable Object value) {
    if (value instanceof NamedList<?> list) {
      Map<String, Object> map = new LinkedHashMap<>();
      list.forEach((name, each) -> map.put(name, each));
      return map;
    }
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }
}
