package io.facesearch.cli;

import io.facesearch.Gallery;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies a store to another folder, encrypted if the store is.",
      "To restore it, name it with --gallery, or put it in the place of the old folder."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch backup faces-monday",
      "  facesearch backup /backup/faces --gallery faces --key-file key"
    })
final class BackupCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FOLDER", description = "A new or empty folder.")
  private Path target;

  @Mixin private GalleryOption where;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    try (Gallery gallery = where.openToKeep()) {
      gallery.backup(target);
      out.text().println(gallery.size() + " faces are copied to " + target);
      out.json("backup", "folder", target, "faces", gallery.size());
      out.note("whom you forget in the store is still in the copy");
    }
    return 0;
  }
}
