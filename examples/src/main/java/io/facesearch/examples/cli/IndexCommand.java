package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.FaceSearchException;
import io.facesearch.index.SigmoidTreeIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "index",
    mixinStandardHelpOptions = true,
    description = {
      "Adds the faces of all photos of a folder to an index file.",
      "Photos that the file holds already are skipped, so a stopped run can be repeated.",
      "The file is saved once a minute, at the end, and on Ctrl-C."
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

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    checkTarget();
    SigmoidTreeIndex index =
        Files.exists(file) ? SigmoidTreeIndex.load(file) : SigmoidTreeIndex.builder().build();
    FaceSearch.Builder builder = model.builder().index(index);
    if (threads != null) {
      FaceSearchCommand.atLeastOne(spec, "--threads", threads);
      builder.threads(threads);
    }
    AtomicBoolean stop = new AtomicBoolean();
    StopSignal.onStop(() -> stop.set(true));
    try (FaceSearch faces = builder.build()) {
      Autosave autosave = new Autosave(index, file);
      Indexing.run(
          faces,
          folder,
          out,
          progress -> {
            autosave.saveIfDue();
            return !stop.get();
          });
      index.save(file);
      out.println(index.size() + " faces in " + file);
      out.flush();
    }
    return stop.get() ? FaceSearchCommand.STOPPED : 0;
  }

  /** Before hours of work, not after. */
  private void checkTarget() throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new FaceSearchException("--index must name a file, but is a folder: " + file);
    }
    if (!Files.isDirectory(parent)) {
      throw new FaceSearchException(
          "the folder of the index file " + file + " does not exist; make it first");
    }
    if (!Files.isWritable(parent)) {
      throw new AccessDeniedException(parent.toString());
    }
  }

  /** Saves once a minute, so that a crash costs no more. */
  private static final class Autosave {
    private final SigmoidTreeIndex index;
    private final Path file;
    private long last = System.nanoTime();

    Autosave(SigmoidTreeIndex index, Path file) {
      this.index = index;
      this.file = file;
    }

    void saveIfDue() {
      if (System.nanoTime() - last > TimeUnit.MINUTES.toNanos(1)) {
        try {
          index.save(file);
        } catch (IOException e) {
          throw new UncheckedIOException("cannot save " + file + ": " + e.getMessage(), e);
        }
        last = System.nanoTime();
      }
    }
  }
}
