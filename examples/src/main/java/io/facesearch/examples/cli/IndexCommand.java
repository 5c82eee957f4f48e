package io.facesearch.examples.cli;

import io.facesearch.FaceIndex;
import io.facesearch.FaceSearch;
import io.facesearch.train.CelebA;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
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
      "Adds the faces of all photos of a folder to an index.",
      "Photos that it holds already are skipped, so a stopped run can be repeated.",
      "A file is saved once a minute, at the end, and on Ctrl-C; a store keeps each face at once."
    })
final class IndexCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FOLDER",
      description = "Photos; a subfolder's name is the person. Or CelebA with its lists.")
  private Path folder;

  @Mixin private IndexOption where;

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
    AtomicBoolean stop = new AtomicBoolean();
    StopSignal.onStop(() -> stop.set(true));
    try (FaceIndex index = where.openOrMake()) {
      FaceSearch.Builder builder = model.builder().index(index);
      if (threads != null) {
        FaceSearchCommand.atLeastOne(spec, "--threads", threads);
        builder.threads(threads);
      }
      Path photos = folder;
      if (CelebA.isOne(folder)) {
        try (CelebA lists = CelebA.read(folder)) {
          builder.person(lists::identityOf);
          photos = lists.folder().orElse(folder);
        }
      }
      try (FaceSearch faces = builder.build()) {
        Autosave autosave = new Autosave(where, index);
        Indexing.run(
            faces,
            photos,
            out,
            progress -> {
              autosave.saveIfDue();
              return !stop.get();
            });
        where.save(index);
        out.println(index.size() + " faces in " + where.path());
        out.flush();
      }
    }
    return stop.get() ? FaceSearchCommand.STOPPED : 0;
  }

  /** Saves once a minute, so that a crash costs no more. */
  private static final class Autosave {
    private final IndexOption where;
    private final FaceIndex index;
    private long last = System.nanoTime();

    Autosave(IndexOption where, FaceIndex index) {
      this.where = where;
      this.index = index;
    }

    void saveIfDue() {
      if (System.nanoTime() - last > TimeUnit.MINUTES.toNanos(1)) {
        try {
          where.save(index);
        } catch (IOException e) {
          throw new UncheckedIOException("cannot save " + where.path() + ": " + e.getMessage(), e);
        }
        last = System.nanoTime();
      }
    }
  }
}
