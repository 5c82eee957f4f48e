package io.facesearch.solr;

import io.facesearch.KeptPhotos;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;

/** Crops of photos, as documents of the collection. Thread-safe. */
final class SolrPhotos implements KeptPhotos {
  private static final int PAGE = 500;

  private final SolrCluster cluster;
  private final SolrWrites writes;

  SolrPhotos(SolrCluster cluster, SolrWrites writes) {
    this.cluster = cluster;
    this.writes = writes;
  }

  @Override
  public void put(String name, byte[] jpeg) {
    if (KeptPhotos.fileOf(name).isEmpty()) {
      throw new IllegalArgumentException("the name of a crop must be one that newName gave");
    }
    writes.change(
        List.of(Fields.other(Fields.photoId(name), Fields.PHOTO, jpeg.clone())), List.of());
  }

  @Override
  public Optional<byte[]> read(String name) {
    if (KeptPhotos.fileOf(name).isEmpty()) {
      return Optional.empty();
    }
    return cluster.get(Fields.photoId(name), Fields.DATA).map(SolrPhotos::data);
  }

  private static byte[] data(SolrDocument document) {
    return document.getFieldValue(Fields.DATA) instanceof byte[] data ? data : new byte[0];
  }

  @Override
  public boolean has(String name) {
    return KeptPhotos.fileOf(name).isPresent()
        && cluster.get(Fields.photoId(name), Fields.ID).isPresent();
  }

  @Override
  public Deleted delete(Collection<String> names) {
    List<String> ids =
        names.stream()
            .filter(name -> KeptPhotos.fileOf(name).isPresent())
            .map(Fields::photoId)
            .distinct()
            .toList();
    Set<String> there = cluster.existing(ids);
    writes.change(List.of(), there);
    return new Deleted(there.size(), List.of());
  }

  @Override
  public Deleted sweep(Supplier<Set<String>> names) {
    List<String> all = new ArrayList<>();
    names(Long.MAX_VALUE).forEach(all::add);
    if (!all.isEmpty()) {
      all.removeAll(names.get());
    }
    return delete(all);
  }

  /** Those that were added before a time, in milliseconds. */
  List<String> names(long before) {
    List<String> names = new ArrayList<>();
    String cursor = "*";
    while (true) {
      ModifiableSolrParams params = new ModifiableSolrParams();
      params.set("q", "kind:" + Fields.PHOTO);
      params.add("fq", "{!lucene cache=false}seq:[* TO " + before + "]");
      params.set("fl", Fields.ID);
      params.set("sort", "id asc");
      params.set("rows", PAGE);
      params.set("cursorMark", cursor);
      var response = cluster.query(params);
      for (SolrDocument document : response.getResults()) {
        names.add(String.valueOf(document.getFieldValue(Fields.ID)).substring(2));
      }
      if (cursor.equals(response.getNextCursorMark())) {
        return names;
      }
      cursor = response.getNextCursorMark();
    }
  }

  /** Deletes those that no face has and that were added before a time, in milliseconds. */
  Deleted sweepOlder(long before) {
    List<String> orphans = new ArrayList<>();
    List<String> all = names(before);
    for (int i = 0; i < all.size(); i += PAGE) {
      List<String> some = all.subList(i, Math.min(all.size(), i + PAGE));
      Set<String> borne = new LinkedHashSet<>();
      ModifiableSolrParams params = new ModifiableSolrParams();
      params.set("q", "*:*");
      FilterQuery.addTerms(params, Fields.SOURCE, some.stream().map(Fields::text).toList());
      params.set("rows", 10 * PAGE);
      params.set("fl", Fields.ID, Fields.SEQ, Fields.DATA);
      for (SolrDocument document : cluster.query(params).getResults()) {
        FaceScan.read(document, "any").face().face().source().ifPresent(borne::add);
      }
      some.stream().filter(name -> !borne.contains(name)).forEach(orphans::add);
    }
    return delete(orphans);
  }
}
