package io.facesearch.solr;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.solr.common.SolrDocument;
import org.jspecify.annotations.Nullable;

/** What a collection keeps beside faces and photos, small things by name. Thread-safe. */
final class SolrSettings {
  static final String MODEL = "model";
  static final String PEOPLE = "people";
  private static final String SETTINGS = "settings";

  private final SolrCluster cluster;
  private final SolrWrites writes;

  SolrSettings(SolrCluster cluster, SolrWrites writes) {
    this.cluster = cluster;
    this.writes = writes;
  }

  byte @Nullable [] get(String name) {
    return cluster
        .get(Fields.settingId(name), Fields.DATA)
        .map(document -> document.getFieldValue(Fields.DATA))
        .map(data -> data instanceof byte[] bytes ? bytes : new byte[0])
        .orElse(null);
  }

  /** What {@link Fields#sumOf} says of what is kept; empty if nothing is. */
  String sum(String name) {
    Optional<SolrDocument> found =
        cluster.get(Fields.settingId(name), Fields.SUMS.toArray(String[]::new));
    return found.map(Fields::sumOf).orElse("");
  }

  void keep(String name, byte[] data) {
    writes.change(List.of(Fields.other(Fields.settingId(name), Fields.SETTING, data)), List.of());
  }

  /** Settings of the gallery. */
  Map<String, String> all() {
    byte[] kept = get(SETTINGS);
    return kept == null ? Map.of() : Map.copyOf(SettingsCoding.decode(kept));
  }

  void setAll(Map<String, String> settings) {
    keep(SETTINGS, SettingsCoding.encode(settings));
  }
}
