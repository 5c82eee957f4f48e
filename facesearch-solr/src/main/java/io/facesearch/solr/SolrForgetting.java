package io.facesearch.solr;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.Forgotten;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.internal.Mentions;
import io.facesearch.internal.Sha256;
import io.facesearch.spi.PeopleGrouping;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.common.SolrInputDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/** Removes faces with every trace of them in segments and transaction logs of all replicas. */
final class SolrForgetting {
  private final SolrCluster cluster;
  private final SolrWrites writes;
  private final SolrFaces faces;
  private final PeopleGrouping people;
  private final PeopleCount composition;

  SolrForgetting(
      SolrCluster cluster,
      SolrWrites writes,
      SolrFaces faces,
      PeopleGrouping people,
      PeopleCount composition) {
    this.cluster = cluster;
    this.writes = writes;
    this.faces = faces;
    this.people = people;
    this.composition = composition;
  }

  ForgetReceipt forget(String person) {
    requireWhole();
    return forget(person, person, recordsOf(person), List.of());
  }

  ForgetReceipt forget(Person person) {
    requireWhole();
    return forget(told(person), person.name().orElse(null), recordsOf(person), List.of());
  }

  /** With crops of photos; the storage tells where photos are. */
  Forgotten erase(String person, FaceIndex storage) {
    requireWhole();
    dropMentions(person, storage);
    return erase(person, person, recordsOf(person), storage);
  }

  /** With crops of photos; the storage tells where photos are. */
  Forgotten erase(Person person, FaceIndex storage) {
    requireWhole();
    person.name().ifPresent(name -> dropMentions(name, storage));
    return erase(told(person), person.name().orElse(null), recordsOf(person), storage);
  }

  private static String told(Person person) {
    return person.name().orElse(person.id());
  }

  /**
   * Before faces are looked for and anything is changed: a replica that is down would keep them,
   * and one that lags would not name them.
   */
  private void requireWhole() {
    Replicas.requireAll(cluster, writes);
  }

  private void dropMentions(String person, FaceIndex storage) {
    List<EmbeddedFace> mentions = new ArrayList<>();
    faces
        .scan(params -> FilterQuery.addMentions(params, person))
        .forEach(each -> mentions.add(each.face()));
    Mentions.drop(storage, mentions, person);
  }

  private Forgotten erase(
      String told, @Nullable String name, List<FaceRecord> records, FaceIndex storage) {
    List<String> sources = records.stream().flatMap(face -> face.source().stream()).toList();
    Set<String> crops = new HashSet<>();
    cluster
        .existing(
            sources.stream()
                .filter(source -> KeptPhotos.fileOf(source).isPresent())
                .map(Fields::photoId)
                .toList())
        .forEach(id -> crops.add(id.substring(2)));
    ForgetReceipt receipt = forget(told, name, records, crops);
    List<Path> left =
        records.stream().flatMap(face -> storage.photoOf(face).stream()).distinct().toList();
    return new Forgotten(receipt, crops.size(), List.of(), left);
  }

  private List<FaceRecord> recordsOf(String person) {
    List<FaceRecord> records = new ArrayList<>();
    faces
        .scan(params -> FilterQuery.addConcerns(params, person))
        .forEach(each -> records.add(each.face().face()));
    return records;
  }

  private List<FaceRecord> recordsOf(Person person) {
    Map<String, FaceRecord> records = new LinkedHashMap<>();
    faces.stored(person.faceIds()).forEach((id, each) -> records.put(id, each.face().face()));
    person.name().map(this::recordsOf).orElse(List.of()).forEach(r -> records.put(r.id(), r));
    return List.copyOf(records.values());
  }

  private ForgetReceipt forget(
      String told, @Nullable String name, List<FaceRecord> records, Collection<String> crops) {
    return people.forgetting(
        cut ->
            faces.alone(
                () -> {
                  composition.changed(records.size());
                  return forget(told, name, records, crops, cut);
                }));
  }

  /**
   * Forgets faces.
   *
   * @param told the name that the receipt tells
   * @param name the name of the person that goes; null for none
   * @param records which
   * @param crops names of photos that go with them
   * @param cut takes the faces out of the people that are kept
   */
  private ForgetReceipt forget(
      String told,
      @Nullable String name,
      List<FaceRecord> records,
      Collection<String> crops,
      PeopleGrouping.Cut cut) {
    Set<String> ids = new HashSet<>();
    records.forEach(face -> ids.add(face.id()));
    List<SolrInputDocument> changed = new ArrayList<>();
    boolean areGrouped = cluster.get(Fields.settingId(SolrSettings.PEOPLE), Fields.ID).isPresent();
    Set<String> kept = new HashSet<>();
    if (areGrouped) {
      for (FaceScan.Stored each : faces.scan(params -> {})) {
        kept.add(each.face().face().id());
      }
      kept.removeAll(ids);
    }
    byte[] left = cut.without(name, kept);
    if (left != null) {
      changed.add(Fields.other(Fields.settingId(SolrSettings.PEOPLE), Fields.SETTING, left));
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
