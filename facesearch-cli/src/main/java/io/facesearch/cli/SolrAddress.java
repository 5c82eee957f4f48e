package io.facesearch.cli;

import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.GalleryBuilder;
import io.facesearch.solr.SolrStorage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a gallery on SolrCloud is: {@code solr:COLLECTION@URL,URL}.
 *
 * @param collection its collection
 * @param nodes addresses of nodes, such as {@code http://host:8983/solr}
 */
record SolrAddress(String collection, List<String> nodes) {
  private static final String PREFIX = "solr:";
  private static final Pattern WHOLE =
      Pattern.compile("solr:([A-Za-z0-9._-]+)@(https?://[^,\\s]+(?:,https?://[^,\\s]+)*)");

  /** Less than a server gives a request, so that who asks learns what the matter is. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Whether a gallery that was named so is on SolrCloud. */
  static boolean isOne(String given) {
    return given.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }

  /** Reads an address. */
  static SolrAddress of(String given) {
    Matcher matcher = WHOLE.matcher(given);
    if (!matcher.matches()) {
      throw new FaceSearchException(
          "a gallery on SolrCloud is named solr:COLLECTION@URL (an address), with several URLs of nodes parted by"
              + " commas, such as solr:faces@http://localhost:8983/solr; this one is not"); // secrets
    }
    String[] nodes = matcher.group(2).split(",", -1);
    SolrStorage.builder(matcher.group(1), nodes); // refuses what is none
    return new SolrAddress(matcher.group(1), List.of(nodes));
  }

  /** Opens the gallery, which closes the storage; to be closed by the caller. */
  Gallery open(GalleryBuilder builder) throws IOException {
    SolrStorage storage =
        SolrStorage.builder(collection, nodes.toArray(String[]::new)).patience(PATIENCE).open();
    try {
      return builder.storage(storage).open();
    } catch (IOException | RuntimeException e) {
      storage.close();
      throw e;
    }
  }
}
