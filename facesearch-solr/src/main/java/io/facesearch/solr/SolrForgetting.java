package io.facesearch.solr;

import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.internal.Sha256;
import io.facesearch.spi.PeopleGrouping;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.common.SolrInputDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/** Removes faces with every trace of them in segments and transaction logs of all replicas. */
final class SolrForgetting {
  private final SolrCluster cluster;
  private final SolrWrites writes;

  SolrForgetting(SolrCluster cluster, SolrWrites writes) {
    this.cluster = cluster;
    this.writes = writes;
  }

  /**
   * Forgets faces.
   *
   * @param told the name that the receipt tells
   * @param name the name of the person that goes; null for none
   * @param faces which
   * @param crops names of photos that go with them
   * @param cut takes the faces out of the people that are kept
   * @param everybody all faces that are there now
   */
  ForgetReceipt forget(
      String told,
      @Nullable String name,
      Collection<FaceRecord> faces,
      Collection<String> crops,
      PeopleGrouping.Cut cut,
      Supplier<Iterable<FaceScan.Stored>> everybody) {
    Set<String> ids = new HashSet<>();
    faces.forEach(face -> ids.add(face.id()));
    List<SolrInputDocument> changed = new ArrayList<>();
    boolean areGrouped = cluster.get(Fields.settingId(SolrStorage.PEOPLE), Fields.ID).isPresent();
    Set<String> kept = new HashSet<>();
    if (areGrouped) {
      for (FaceScan.Stored each : everybody.get()) {
        kept.add(each.face().face().id());
      }
      kept.removeAll(ids);
    }
    byte[] people = cut.without(name, kept);
    if (people != null) {
      changed.add(Fields.other(Fields.settingId(SolrStorage.PEOPLE), Fields.SETTING, people));
    }
    Set<String> deleted = new HashSet<>();
    ids.forEach(id -> deleted.add(Fields.faceId(id)));
    crops.forEach(crop -> deleted.add(Fields.photoId(crop)));
    writes.change(changed, deleted);
    writes.purge();
    Replicas.requirePurged(cluster, writes::purge);
    return new ForgetReceipt(told, Instant.now(), ids.size(), stateHash());
  }

  /** Of the sums over all faces, so that it costs no reading of them. */
  private String stateHash() {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", "kind:" + Fields.FACE);
    params.set("rows", 0);
    params.set("json.facet", Replicas.facets());
    QueryResponse response = cluster.query(params);
    String state = response.getResults().getNumFound() + " " + Replicas.checksum(response);
    byte[] hash = Sha256.digest().digest(state.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }
}
