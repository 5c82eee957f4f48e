package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description = {
      "Adds the faces of all photos of a folder to an index file.",
      "Photos that the file holds already are skipped, so a stopped run can be repeated."
    })
final class IndexCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "Photos; a subfolder's name is the person.")
  private Path folder;

  @Option(
      names = "--index",
      paramLabel = "FILE",
      defaultValue = "faces.fsx",
      description = "The index file, made if missing (default: ${DEFAULT-VALUE}).")
  private Path file;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Photos worked on at once (default: number of cores).")
  private Integer threads;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    SigmoidTreeIndex index =
        Files.exists(file) ? SigmoidTreeIndex.load(file) : SigmoidTreeIndex.builder().build();
    FaceSearch.Builder builder = FaceSearch.builder().index(index);
    if (threads != null) {
      builder.threads(threads);
    }
    try (FaceSearch faces = builder.build()) {
      Indexing.run(faces, folder, out);
    }
    index.save(file);
    out.println(index.size() + " faces in " + file);
    return 0;
  }
}
