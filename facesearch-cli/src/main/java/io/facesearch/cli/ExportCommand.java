package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.store.VectorFile;
import java.io.IOException;
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
          + " alone.",
      "With --xmp, FILE is a folder: it gets the names of each photo as a sidecar file (photo.xmp),",
      "which digiKam, Lightroom and others read beside the photo. Photos are never changed."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch export faces.npy", "  facesearch export names --xmp --gallery faces"})
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "FILE",
      description = "*.npy, *.csv or *.jsonl; - prints JSON Lines. With --xmp a folder.")
  private String file;

  @Mixin private GalleryOption where;

  @Option(names = "--person", paramLabel = "NAME", description = "Only the faces of this person.")
  private @Nullable String person;

  @Option(names = "--xmp", description = "Write names as XMP sidecar files of the photos.")
  private boolean xmp;

  @Option(names = "--overwrite", description = "Also if the file is there.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    FaceSearchCommand.notEmpty(spec, "FILE", file);
    if (xmp) {
      return sidecars(out);
    }
    boolean print = file.equals("-");
    if (!print && !VectorFile.isOne(Path.of(file))) {
      throw new ParameterException(
          spec.commandLine(), "FILE must end in .npy, .csv or .jsonl, but is: " + file);
    }
    if (!print && !overwrite) {
      for (Path one : VectorFile.files(Path.of(file))) {
        if (Files.exists(one, LinkOption.NOFOLLOW_LINKS)) {
          throw new FaceSearchException(one + " already exists; add --overwrite to replace it");
        }
      }
    }
    try (Gallery gallery = where.openToRead()) {
      List<EmbeddedFace> faces = faces(gallery);
      if (faces.isEmpty() && person != null) {
        return nobody(out);
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

  /** Those that were asked for. */
  private List<EmbeddedFace> faces(Gallery gallery) {
    if (person == null) {
      return gallery.faces();
    }
    Optional<String> meant = Optional.of(PersonNames.meant(gallery, person));
    return gallery.faces().stream().filter(face -> face.face().person().equals(meant)).toList();
  }

  private int nobody(Output out) {
    out.error(where.path() + " has no face of " + person);
    return FaceSearchCommand.NO_FACE;
  }

  private int sidecars(Output out) throws IOException {
    if (file.equals("-")) {
      throw new ParameterException(spec.commandLine(), "with --xmp, FILE must be a folder");
    }
    if (Files.exists(Path.of(file)) && !Files.isDirectory(Path.of(file))) {
      throw new FaceSearchException("with --xmp, FILE must be a folder, but is a file: " + file);
    }
    where.files(); // which know where their photos are
    try (Gallery gallery = where.openToRead()) {
      List<EmbeddedFace> faces = faces(gallery);
      if (faces.isEmpty() && person != null) {
        return nobody(out);
      }
      Sidecars written = new Sidecars(gallery, Path.of(file), overwrite, out);
      written.write(faces);
      out.text().println("names of " + written.photos() + " photos are in " + file);
      if (written.left() > 0) {
        out.text().println("  " + written.left() + " photos were left out: they are not there");
      }
      out.json(
          "sidecars",
          Output.object(
              "folder", file,
              "photos", written.photos(),
              "faces", written.faces(),
              "left", written.left()));
      return written.failed() ? 1 : 0;
    }
  }
}
