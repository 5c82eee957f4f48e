package io.facesearch.cli;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists the faces of a gallery: person, where in the photo, id.",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch list --person Ann",
      "  facesearch list --nameless --gallery faces --json"
    })
final class ListCommand implements Callable<Integer> {
  @Mixin private GalleryOption where;

  @Option(names = "--person", paramLabel = "NAME", description = "Only the faces of this person.")
  private @Nullable String person;

  @Option(names = "--nameless", description = "Only faces without a name.")
  private boolean nameless;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    try (Gallery gallery = where.openToRead()) {
      Optional<String> asked =
          Optional.ofNullable(person).map(given -> PersonNames.meant(gallery, given));
      int listed = 0;
      for (EmbeddedFace one : gallery.faces()) {
        FaceRecord face = one.face();
        if (asked.isPresent() && !face.person().equals(asked)
            || nameless && face.person().isPresent()) {
          continue;
        }
        listed++;
        out.text()
            .printf(
                "%-20s  %-16s  %s%n",
                face.person().orElse("-"), face.box().map(Faces::words).orElse("-"), face.id());
        out.json("listed", "face", Faces.json(face), "tags", face.tags());
      }
      out.note(listed + " of " + gallery.size() + " faces");
      if (listed == 0 && person != null) {
        out.error(where.path() + " has no face of " + person);
        return FaceSearchCommand.NO_FACE;
      }
      return 0;
    }
  }
}
