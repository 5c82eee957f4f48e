package io.facesearch.embed;

import java.util.List;

/**
 * Which tensors of a file were loaded into a network. Immutable and thread-safe.
 *
 * @param loaded names of the network's parameters that were loaded
 * @param missing parameters of the network that are not in the file; they are unchanged
 * @param misshapen parameters that have a different shape in the file; they are unchanged
 * @param unexpected tensors of the file that the network does not have
 */
public record LoadReport(
    List<String> loaded, List<String> missing, List<String> misshapen, List<String> unexpected) {

  /** Copies the lists. */
  public LoadReport {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    misshapen = List.copyOf(misshapen);
    unexpected = List.copyOf(unexpected);
  }

  /** {@return whether nothing is missing, misshapen or unexpected} */
  public boolean complete() {
    return missing.isEmpty() && misshapen.isEmpty() && unexpected.isEmpty();
  }
}
