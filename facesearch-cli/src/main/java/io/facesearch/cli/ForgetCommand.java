package io.facesearch.cli;

import io.facesearch.Forgotten;
import io.facesearch.Gallery;
import io.facesearch.KeptPhotos;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "forget",
    mixinStandardHelpOptions = true,
    description = {
      "Removes a person from a store and its files, and prints a receipt.",
      "Photos that clients of 'serve' had added are deleted, others are not touched."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch forget 'Ann Smith'",
      "  facesearch forget Ann --gallery faces --key-file key --json"
    })
final class ForgetCommand implements Callable<Integer> {
  /** Exit status: the index knows nobody of that name. */
  private static final int NOBODY = 3;

  @Parameters(paramLabel = "PERSON", description = "The name, as 'search' prints it.")
  private String person;

  @Mixin private GalleryOption where;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    if (person.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "PERSON must be a name, but is empty; 'people list' prints the names");
    }
    try (Gallery gallery = where.openToKeep()) {
      PrintWriter text = out.text();
      KeptPhotos.Deleted swept = gallery.swept();
      GalleryOption.printLeft(swept, out);
      if (swept.photos() > 0) {
        text.println("swept        " + swept.photos() + " added photos that no face had");
      }
      Forgotten done = gallery.forget(PersonNames.meant(gallery, person));
      if (done.receipt().faces() == 0) {
        out.error(where.path() + " has no face of " + person);
        return swept.left().isEmpty() ? NOBODY : 1;
      }
      text.println("forgotten    " + done.receipt().person());
      text.println("at           " + done.receipt().at());
      text.println("faces        " + done.receipt().faces());
      text.println("photos       " + done.photosDeleted() + " deleted, which clients had added");
      int others = done.photosLeft().size();
      if (others > 0) {
        text.println(
            "             "
                + others
                + " of a folder are not touched: 'index' would bring them back");
      }
      text.println("faces left   " + gallery.size());
      text.println("state hash   " + done.receipt().stateHash());
      text.flush();
      out.json(
          "forgotten",
          Output.object(
              "person", done.receipt().person(),
              "at", done.receipt().at(),
              "faces", done.receipt().faces(),
              "photosDeleted", done.photosDeleted(),
              "photosNotDeleted",
                  done.photosNotDeleted().stream().map(left -> left.file().toString()).toList(),
              "photosLeft", others,
              "photosLeftPaths", done.photosLeft().stream().map(Path::toString).toList(),
              "facesLeft", gallery.size(),
              "stateHash", done.receipt().stateHash()));
      // Not part of the receipt, which is shown to others.
      done.photosLeft().stream().limit(Indexing.LISTED).forEach(file -> out.note("left: " + file));
      if (others > Indexing.LISTED) {
        out.note("... and " + (others - Indexing.LISTED) + " more; --json names all");
      }
      KeptPhotos.Deleted crops =
          new KeptPhotos.Deleted(done.photosDeleted(), done.photosNotDeleted());
      GalleryOption.printLeft(crops, out);
      return swept.left().isEmpty() && crops.left().isEmpty() ? 0 : 1;
    }
  }
}
