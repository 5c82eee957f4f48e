package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceSearchException;
import io.facesearch.Forgotten;
import io.facesearch.KeptPhotos;
import io.facesearch.store.FaceStore;
import java.io.PrintWriter;
import java.util.Set;
import java.util.TreeSet;
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
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (person.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "PERSON must be a name, but is empty; 'search' prints the names");
    }
    try (FaceStore store = where.openStore()) {
      KeptPhotos.Deleted swept = store.sweep();
      GalleryOption.printLeft(swept, err);
      if (swept.photos() > 0) {
        out.println("swept        " + swept.photos() + " added photos that no face had");
      }
      Forgotten done = store.erase(meant(store, person));
      if (done.receipt().faces() == 0) {
        out.flush();
        err.println("facesearch: " + where.path() + " has no face of " + person);
        return swept.left().isEmpty() ? NOBODY : 1;
      }
      out.println("forgotten    " + done.receipt().person());
      out.println("at           " + done.receipt().at());
      out.println("faces        " + done.receipt().faces());
      out.println("photos       " + done.photosDeleted() + " deleted, which clients had added");
      int others = done.photosLeft().size();
      if (others > 0) {
        out.println(
            "             "
                + others
                + " of a folder are not touched: 'index' would bring them back");
      }
      out.println("faces left   " + store.size());
      out.println("state hash   " + done.receipt().stateHash());
      out.flush();
      KeptPhotos.Deleted crops =
          new KeptPhotos.Deleted(done.photosDeleted(), done.photosNotDeleted());
      GalleryOption.printLeft(crops, err);
      return swept.left().isEmpty() && crops.left().isEmpty() ? 0 : 1;
    }
  }

  /** Whose name is given, also as it is printed: with escapes that nobody can type otherwise. */
  private static String meant(FaceStore store, String given) {
    Set<String> printedSo = new TreeSet<>();
    for (EmbeddedFace face : store.faces()) {
      String name = face.face().person().orElse("");
      if (name.equals(given)) {
        return given;
      }
      if (TerminalWriter.visible(name).equals(given)) {
        printedSo.add(name);
      }
    }
    if (printedSo.size() > 1) {
      throw new FaceSearchException(
          printedSo.size()
              + " people are printed as "
              + given
              + ", though their names differ; forget them on the page of 'serve'");
    }
    return printedSo.isEmpty() ? given : printedSo.iterator().next();
  }
}
