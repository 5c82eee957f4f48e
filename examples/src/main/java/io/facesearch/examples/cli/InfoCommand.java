package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.ModelCard;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Prints the model with its licence, the platform, and what an index file holds.")
final class InfoCommand implements Callable<Integer> {
  @Option(names = "--index", paramLabel = "FILE", description = "An index file to describe.")
  private Path file;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (FaceSearch faces = model.builder().build()) {
      ModelCard card = faces.model();
      out.println("model        " + card.name());
      out.println("dimension    " + card.dimension());
      out.println("input        " + card.input());
      out.println("licence      " + card.licence());
      out.println("fingerprint  " + card.fingerprint());
      out.printf(
          Locale.ROOT,
          "threshold    %.3f (false accept rate %.2g; calibrated on %s)%n",
          card.threshold().distance(),
          card.threshold().falseAcceptRate(),
          card.threshold().calibratedOn());
    }
    out.printf(
        "platform     %s %s, Java %s, %d cores, heap at most %d MiB%n",
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        System.getProperty("java.version"),
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20);
    if (file != null) {
      SigmoidTreeIndex index = FaceSearchCommand.load(file);
      out.println("index        " + file);
      out.println("faces        " + index.size());
      out.println(
          "people       "
              + index.faces().stream().flatMap(f -> f.face().person().stream()).distinct().count());
      out.println("made with    " + index.model().orElse("(empty)"));
    }
    out.flush();
    return 0;
  }
}
