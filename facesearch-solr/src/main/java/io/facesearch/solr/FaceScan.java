package io.facesearch.solr;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.apache.solr.client.solrj.response.QueryResponse;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.params.ModifiableSolrParams;

/**
 * Goes through faces in order of insertion, a page at a time: by ranges of their numbers, so that a
 * page costs what it holds. A face that is removed meanwhile is left out, one that is added
 * meanwhile too.
 */
final class FaceScan implements Iterator<FaceScan.Stored> {
  /**
   * A face and its place in the order.
   *
   * @param seq the place
   * @param face the face
   */
  record Stored(long seq, EmbeddedFace face) {}

  static final int PAGE = 2_000;

  private final SolrCluster cluster;
  private final String model;
  private final Consumer<ModifiableSolrParams> which;
  private final long end;
  private final Deque<Stored> page = new ArrayDeque<>();

  /** The next number to look at. */
  private long from;

  private long width = PAGE;

  /**
   * A scan from the first face on.
   *
   * @param which adds filters
   * @param end the greatest number that is looked at
   */
  FaceScan(SolrCluster cluster, String model, Consumer<ModifiableSolrParams> which, long end) {
    this.cluster = cluster;
    this.model = model;
    this.which = which;
    this.end = end;
  }

  @Override
  public boolean hasNext() {
    while (page.isEmpty() && from <= end) {
      advance();
    }
    return !page.isEmpty();
  }

  @Override
  public Stored next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there are no more faces");
    }
    return page.remove();
  }

  private void advance() {
    long last = Math.min(end, from + width - 1);
    QueryResponse found = ask(from, last, PAGE);
    long count = found.getResults().getNumFound();
    if (count > PAGE && width > 1) {
      width = Math.max(1, width / 2); // writers beside each other gave the same numbers
      return;
    }
    if (count > PAGE) {
      found = ask(from, last, Math.toIntExact(count));
    }
    for (SolrDocument document : found.getResults()) {
      page.add(read(document, model));
    }
    from = last + 1;
    if (page.isEmpty() && from <= end) {
      QueryResponse later = ask(from, end, 1); // a gap may be wide
      from = later.getResults().isEmpty() ? end + 1 : seq(later.getResults().get(0));
    } else if (count < PAGE / 4) {
      width *= 2;
    }
  }

  private QueryResponse ask(long first, long last, int rows) {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", "*:*");
    params.add("fq", "{!term cache=false f=kind}face");
    params.add("fq", "{!lucene cache=false}seq:[" + first + " TO " + last + "]");
    which.accept(params);
    params.set("sort", "seq asc, id asc");
    params.set("rows", rows);
    params.set("fl", Fields.ID, Fields.SEQ, Fields.DATA);
    return cluster.query(params);
  }

  static long seq(SolrDocument document) {
    return document.getFieldValue(Fields.SEQ) instanceof Number number ? number.longValue() : 0;
  }

  static Stored read(SolrDocument document, String model) {
    if (!(document.getFieldValue(Fields.DATA) instanceof byte[] data)) {
      throw new CorruptIndexException(
          "a face of the collection has no data; was it written by another program?");
    }
    try {
      return new Stored(seq(document), FaceCoding.decode(data, model));
    } catch (IllegalArgumentException e) {
      throw new CorruptIndexException(
          "a face of the collection cannot be read (" + e.getMessage() + "); add it again", e);
    }
  }
}
