package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.store.VectorFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the faces of a gallery with their vectors to a file, as 'import' takes them.",
      "NumPy with a CSV file beside it, CSV, or JSON Lines (docs/IMPORT.md), readable by its owner"
          + " alone."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch export faces.npy",
      "  facesearch export - --person Ann --gallery faces"
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "*.npy, *.csv or *.jsonl; - prints JSON Lines.")
  private String file;

  @Mixin private GalleryOption where;

  @Option(names = "--person", paramLabel = "NAME", description = "Only the faces of this person.")
  private @Nullable String person;

  @Option(names = "--overwrite", description = "Also if the file is there.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    FaceSearchCommand.notEmpty(spec, "FILE", file);
    boolean print = file.equals("-");
    if (!print && !VectorFile.isOne(Path.of(file))) {
      throw new ParameterException(
          spec.commandLine(), "FILE must end in .npy, .csv or .jsonl, but is: " + file);
    }
    if (!print && !overwrite) {
      for (Path one : VectorFile.files(Path.of(file))) {
        if (Files.exists(one, LinkOption.NOFOLLOW_LINKS)) {
          throw new FaceSearchException(one + " is there already; add --overwrite to replace it");
        }
      }
    }
    try (Gallery gallery = where.openToRead()) {
      List<EmbeddedFace> faces = gallery.faces();
      if (person != null) {
        Optional<String> meant = Optional.of(PersonNames.meant(gallery, person));
        faces = faces.stream().filter(face -> face.face().person().equals(meant)).toList();
        if (faces.isEmpty()) {
          out.error(where.path() + " has no face of " + person);
          return FaceSearchCommand.NO_FACE;
        }
      }
      if (print) {
        for (EmbeddedFace face : faces) {
          spec.commandLine().getOut().println(VectorFile.jsonLine(face));
        }
        spec.commandLine().getOut().flush();
        return 0;
      }
      VectorFile.write(Path.of(file), faces);
      out.text().println(faces.size() + " faces are in " + file);
      out.json("export", "file", file, "faces", faces.size());
      out.note("the vectors of faces are biometric data, and the file is not encrypted");
    }
    return 0;
  }
}
