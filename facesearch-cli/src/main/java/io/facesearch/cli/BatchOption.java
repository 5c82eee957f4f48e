package io.facesearch.cli;

import picocli.CommandLine.Option;

/** How many images are learned from at once. */
final class BatchOption {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images in a batch (default: ${DEFAULT-VALUE}).")
  int size;
}
