package io.facesearch.solr;

import io.facesearch.spi.PeopleGrouping;
import org.jspecify.annotations.Nullable;

/** Keeps people in a collection that other processes change, too. Used under the lock of people. */
final class SolrPeople implements PeopleGrouping.Keeper {
  private final SolrSettings settings;

  /** Of what was loaded or kept last. */
  private String sum = "";

  SolrPeople(SolrSettings settings) {
    this.settings = settings;
  }

  @Override
  public byte @Nullable [] load() {
    byte[] kept = settings.get(SolrSettings.PEOPLE);
    sum = kept == null ? "" : Fields.sumOf(kept);
    return kept;
  }

  @Override
  public void save(byte[] encoded) {
    String next = Fields.sumOf(encoded);
    if (!next.equals(settings.sum(SolrSettings.PEOPLE))) {
      settings.keep(SolrSettings.PEOPLE, encoded);
    }
    sum = next;
  }

  @Override
  public boolean changedElsewhere() {
    return !sum.equals(settings.sum(SolrSettings.PEOPLE));
  }
}
