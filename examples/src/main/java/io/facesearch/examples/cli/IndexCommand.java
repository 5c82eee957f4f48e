package io.facesearch.examples.cli;

import io.facesearch.FaceSearch;
import io.facesearch.index.FaceStore;
import io.facesearch.train.CelebA;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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
      "Adds the faces of all photos of a folder to a store, which keeps each at once.",
      "Photos that it holds already are skipped, so a stopped run can be repeated."
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
    // Before a store is made for nothing.
    GalleryFiles.requireFolder(folder);
    AtomicBoolean stop = new AtomicBoolean();
    StopSignal.onStop(() -> stop.set(true));
    try (FaceStore index = where.openStoreOrMake()) {
      where.sweep(index, spec.commandLine().getErr());
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
        Indexing.run(faces, photos, out, progress -> !stop.get());
        out.println(index.size() + " faces in " + where.path());
        out.flush();
      }
    }
    return stop.get() ? FaceSearchCommand.STOPPED : 0;
  }
}
