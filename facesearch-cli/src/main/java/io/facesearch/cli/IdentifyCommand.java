package io.facesearch.cli;

import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.PersonMatch;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "identify",
    mixinStandardHelpOptions = true,
    description = {
      "Tells whom each face of each photo shows: a name, unsure, or nobody of the gallery."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch identify group.jpg",
      "  facesearch identify 'inbox/**.jpg' --gallery faces --json"
    })
final class IdentifyCommand implements Callable<Integer> {
  /** Of the people that may be meant, so many are told with {@code --json}. */
  private static final int CANDIDATES = 5;

  @Mixin private PhotoArguments photos;

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    List<PhotoArguments.@Nullable Given> given = photos.find(spec, out);
    if (given.stream().noneMatch(Objects::nonNull)) {
      return 1;
    }
    try (Gallery gallery = where.open(model)) {
      int status = PhotoArguments.each(given, out, photo -> identify(photo, gallery, out));
      out.note(Thresholds.inGallery(gallery.threshold(), gallery.pairThreshold()));
      return status;
    }
  }

  private static int identify(PhotoArguments.Given photo, Gallery gallery, Output out)
      throws IOException {
    List<IdentifiedFace> faces = gallery.identify(photo.read());
    if (faces.isEmpty()) {
      return PhotoArguments.noFace(photo, out);
    }
    for (IdentifiedFace face : faces) {
      List<PersonMatch> candidates = face.who().candidates();
      out.text()
          .printf(
              Locale.ROOT,
              "%s  %-16s  %s%s%n",
              photo.name(),
              Faces.words(face.box()),
              face,
              candidates.isEmpty()
                  ? ""
                  : String.format(Locale.ROOT, "  (nearest %.3f)", candidates.get(0).distance()));
      out.json(
          "identity",
          Output.object(
              "photo", photo.name(),
              "face", Faces.json(face.face()),
              "decision", face.who().decision(),
              "person", face.person(),
              "threshold", Thresholds.json(face.who().threshold()),
              "candidates",
                  candidates.stream()
                      .limit(CANDIDATES)
                      .map(
                          one ->
                              Output.object(
                                  "person", one.person(),
                                  "distance", one.distance(),
                                  "decision", one.decision(),
                                  "photos", one.photos(),
                                  "nearest", one.nearest().id()))
                      .toList()));
    }
    return 0;
  }
}
