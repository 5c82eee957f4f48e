package io.facesearch.examples.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "forget",
    mixinStandardHelpOptions = true,
    description = {
      "Removes a person from an index and its files, and prints a receipt.",
      "Photos that clients of 'serve' had added are deleted, others are not touched."
    })
final class ForgetCommand implements Callable<Integer> {
  /** Exit status: the index knows nobody of that name. */
  private static final int NOBODY = 3;

  @Parameters(paramLabel = "PERSON", description = "The name, as 'search' prints it.")
  private String person;

  @Mixin private IndexOption where;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    try (FaceIndex index = where.open()) {
      List<FaceRecord> faces =
          index.faces().stream()
              .map(EmbeddedFace::face)
              .filter(face -> face.concerns(person))
              .toList();
      int photos = where.deletePhotos(faces);
      ForgetReceipt receipt = index.forget(person);
      if (receipt.faces() == 0) {
        spec.commandLine()
            .getErr()
            .println("facesearch: " + where.path() + " has no face of " + person);
        return NOBODY;
      }
      where.save(index);
      PrintWriter out = spec.commandLine().getOut();
      out.println("forgotten    " + receipt.person());
      out.println("at           " + receipt.at());
      out.println("faces        " + receipt.faces());
      out.println("photos       " + photos + " deleted, which clients had added");
      long left = IndexOption.photosLeft(index, faces);
      if (left > 0) {
        out.println("             " + left + " left on disk: 'index' would bring them back");
      }
      out.println("faces left   " + index.size());
      out.println("state hash   " + receipt.stateHash());
      out.flush();
    }
    return 0;
  }
}
