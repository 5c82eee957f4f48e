package io.facesearch.solr;

import io.facesearch.GalleryComposition;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.solr.client.solrj.response.json.BucketBasedJsonFacet;
import org.apache.solr.client.solrj.response.json.BucketJsonFacet;
import org.apache.solr.client.solrj.response.json.NestableJsonFacet;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/**
 * Of how many people the collection has how many faces, counted by Solr, and whether it changed.
 * Thread-safe.
 */
final class PeopleCount {
  private final SolrCluster cluster;
  private final Duration every;

  private @Nullable GalleryComposition known;
  private long countedAt;
  private long countedFaces;
  private long changed;

  /** Of all faces and settings, as it was when they were counted. */
  private String state = "";

  /** How often another state was met. */
  private long states;

  PeopleCount(SolrCluster cluster, Duration every) {
    this.cluster = cluster;
    this.every = every;
  }

  /** This process added or removed faces. */
  synchronized void changed(int faces) {
    changed += faces;
  }

  synchronized GalleryComposition now() {
    GalleryComposition last = known;
    boolean isOld = System.nanoTime() - countedAt >= every.toNanos();
    if (last != null && !isOld && 100 * changed <= countedFaces) {
      return last;
    }
    changed = 0;
    GalleryComposition now = count();
    known = now;
    countedAt = System.nanoTime();
    return now;
  }

  /** Grows when it is met that faces changed, by this process or another. */
  synchronized long states() {
    now();
    return states;
  }

  private GalleryComposition count() {
    ModifiableSolrParams params = new ModifiableSolrParams();
    // People are a setting: another process may have corrected them, and left the faces.
    params.set("q", "kind:(" + Fields.FACE + " " + Fields.SETTING + ")");
    params.set("rows", 0);
    params.set(
        "json.facet",
        "{people:{type:terms,field:person,limit:-1},faces:{type:query,q:\"kind:"
            + Fields.FACE
            + "\"},"
            + Replicas.facets().substring(1));
    var response = cluster.query(params);
    NestableJsonFacet faces = response.getJsonFacetingResponse().getQueryFacet("faces");
    countedFaces = faces == null ? 0 : faces.getCount();
    String met = countedFaces + " " + Replicas.checksum(response);
    if (!met.equals(state)) {
      state = met;
      states++;
    }
    long named = 0;
    SortedMap<Integer, Integer> photos = new TreeMap<>();
    for (BucketJsonFacet bucket : buckets(response.getJsonFacetingResponse())) {
      named += bucket.getCount();
      photos.merge(Math.toIntExact(bucket.getCount()), 1, Integer::sum);
    }
    return new GalleryComposition(Math.toIntExact(countedFaces - named), photos);
  }

  private static List<BucketJsonFacet> buckets(@Nullable NestableJsonFacet facets) {
    BucketBasedJsonFacet people = facets == null ? null : facets.getBucketBasedFacets("people");
    return people == null ? List.of() : people.getBuckets();
  }
}
