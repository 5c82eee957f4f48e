package io.facesearch.embed;

import java.util.List;

/**
 * What became of the tensors of a file when a network was loaded.
 *
 * @param loaded names of the network's parameters that got their values
 * @param missing parameters of the network that the file lacks; they stay as they were
 * @param misshapen parameters whose shape in the file is another; they stay as they were
 * @param unexpected tensors of the file that the network has no use for
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
