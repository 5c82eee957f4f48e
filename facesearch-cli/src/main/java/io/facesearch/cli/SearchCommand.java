package io.facesearch.cli;

import io.facesearch.FaceFilter;
import io.facesearch.FaceMatch;
import io.facesearch.Gallery;
import io.facesearch.PhotoMatches;
import io.facesearch.Search;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = "Prints the most similar faces of a gallery, for the largest face of each photo.",
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch search who.jpg",
      "  facesearch search 'new/*.jpg' -k 3 --taken-from 2024-01-01 --gallery faces --json"
    })
final class SearchCommand implements Callable<Integer> {
  @Mixin private PhotoArguments photos;

  @Mixin private GalleryOption where;

  @Option(
      names = "-k",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many matches (default: ${DEFAULT-VALUE}).")
  private int k;

  @Option(
      names = "--taken-from",
      paramLabel = "DAY",
      description = "Only faces of photos taken on this day or later, such as 2024-01-31 (EXIF).")
  private @Nullable LocalDate takenFrom;

  @Option(
      names = "--taken-to",
      paramLabel = "DAY",
      description = "Only faces of photos taken on this day or before.")
  private @Nullable LocalDate takenTo;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    FaceSearchCommand.atLeastOne(spec, "-k", k);
    if (takenFrom != null && takenTo != null && takenFrom.isAfter(takenTo)) {
      throw new ParameterException(spec.commandLine(), "--taken-from must not be after --taken-to");
    }
    List<PhotoArguments.@Nullable Given> given = photos.find(spec, out);
    if (given.stream().noneMatch(Objects::nonNull)) {
      return 1;
    }
    try (Gallery gallery = where.open(model)) {
      return PhotoArguments.each(
          given, out, photo -> search(photo, given.size() > 1, gallery, out));
    }
  }

  private Search wanted() {
    if (takenFrom == null && takenTo == null) {
      return Search.nearest(k);
    }
    return Search.nearest(k)
        .where(
            FaceFilter.takenBetween(
                takenFrom == null ? LocalDate.of(1, 1, 1) : takenFrom,
                takenTo == null ? LocalDate.of(9999, 12, 31) : takenTo));
  }

  private int search(PhotoArguments.Given photo, boolean several, Gallery gallery, Output out)
      throws IOException {
    PhotoMatches answer = gallery.search(photo.read(), wanted());
    if (!(answer instanceof PhotoMatches.Found found)) {
      return PhotoArguments.noFace(photo, out);
    }
    PrintWriter text = out.text();
    if (several) {
      text.println(photo.name() + ":");
    }
    if (found.otherFaces() > 0) {
      out.note("not searched: further faces in the photo: " + found.otherFaces());
    }
    String poor = Faces.rejections(found.face().quality());
    if (!poor.isEmpty()) {
      out.note("the photo is ill suited: " + poor);
    }
    text.printf("%8s  %-9s  %-20s  %s%n", "distance", "says", "person", "face");
    for (FaceMatch match : found.result()) {
      text.printf(
          Locale.ROOT,
          "%8.3f  %-9s  %-20s  %s%n",
          match.distance(),
          found.who().decision(match),
          match.face().person().orElse("-"),
          match.face().id());
    }
    text.flush();
    out.note(Thresholds.inGallery(found.who().threshold(), gallery.pairThreshold()));
    out.json(
        "search",
        Output.object(
            "photo", photo.name(),
            "face", Faces.json(found.face()),
            "otherFaces", found.otherFaces(),
            "person", found.who().person(),
            "threshold", Thresholds.json(found.who().threshold()),
            "matches",
                found.result().matches().stream()
                    .map(
                        match ->
                            Output.object(
                                "distance", match.distance(),
                                "decision", found.who().decision(match),
                                "face", Faces.json(match.face())))
                    .toList()));
    return 0;
  }
}
