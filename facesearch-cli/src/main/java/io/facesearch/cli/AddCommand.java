package io.facesearch.cli;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.PhotoPeople;
import io.facesearch.PhotoTags;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    description = {
      "Adds the faces of single photos to a store, which is made if it is missing.",
      "Whole folders are added by 'index'. A photo that lies in no folder of the store is called by"
          + " its",
      "name and its content, so that it is added once however often it is given."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch add ann.jpg --person Ann",
      "  facesearch add 'inbox/*.jpg' --tag source=inbox --gallery faces"
    })
final class AddCommand implements Callable<Integer> {
  /** Hexadecimal digits of the content in a name. */
  private static final int DIGITS = 12;

  @Mixin private PhotoArguments photos;

  @Option(
      names = "--person",
      paramLabel = "NAME",
      description = "Whom the photos show; at most one face of each gets the name.")
  private @Nullable String person;

  @Option(
      names = "--tag",
      paramLabel = "NAME=VALUE",
      description = "A tag that all faces get; may be repeated. A number is kept as one.")
  private Map<String, String> tags = Map.of();

  @Option(
      names = "--names-from-photos",
      description =
          "Take the names that photos themselves give their faces, as digiKam and Lightroom write them (regions in the XMP data of JPEG files).")
  private boolean namesFromPhotos;

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    if (person != null && person.isBlank() || tags.containsKey("")) {
      throw new ParameterException(
          spec.commandLine(), "the name of a person or of a tag must not be empty");
    }
    for (String tag : tags.keySet()) {
      if (tag.startsWith(PhotoTags.PREFIX)) {
        throw new ParameterException(
            spec.commandLine(),
            "tags that begin with "
                + PhotoTags.PREFIX
                + " are the gallery's own, but --tag is "
                + tag);
      }
    }
    where.requireStoreOrPlace();
    List<PhotoArguments.@Nullable Given> given = photos.find(spec, out);
    if (given.stream().noneMatch(Objects::nonNull)) {
      return 1;
    }
    try (StoreToFill made = where.fill(model, Gallery.builder().namesFromPhotos(namesFromPhotos))) {
      int status = PhotoArguments.each(given, out, photo -> add(photo, made.gallery(), out));
      out.note(made.gallery().size() + " faces in " + where.path());
      return status;
    }
  }

  private int add(PhotoArguments.Given given, Gallery gallery, Output out) throws IOException {
    if (namesFromPhotos) {
      PhotoPeople.of(given.bytes())
          .fault()
          .ifPresent(fault -> out.note(given.name() + ": names were ignored: " + fault));
    }
    String name = name(given, gallery);
    Photo photo =
        given.file().flatMap(gallery::nameOf).isPresent()
            ? Photo.of(given.file().orElseThrow())
            : given.photo(name);
    if (person != null) {
      photo = photo.person(person);
    }
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      photo = tagged(photo, tag.getKey(), tag.getValue());
    }
    List<EmbeddedFace> faces;
    String outcome = "added";
    try {
      faces = gallery.add(photo);
    } catch (DuplicateFaceException e) {
      faces = List.of();
      outcome = "known";
    }
    if (faces.isEmpty() && outcome.equals("added")) {
      return PhotoArguments.noFace(given, out);
    }
    if (outcome.equals("known") && person != null && !isCalled(name, person, gallery)) {
      out.problem(given.name(), "other-name", otherName(given, name, gallery));
      return 1;
    }
    long named = faces.stream().filter(face -> face.face().person().isPresent()).count();
    out.text()
        .println(
            outcome.equals("known")
                ? given.name() + ": is in the gallery already"
                : given.name()
                    + ": "
                    + faces.size()
                    + " faces added"
                    + (person == null || named > 0
                        ? ""
                        : ", none of them as "
                            + person
                            + ": it cannot be told which of them it is"));
    out.json(
        "added",
        "photo",
        given.name(),
        "name",
        name,
        "outcome",
        outcome,
        "faces",
        faces.stream().map(face -> Faces.json(face.face())).toList());
    return 0;
  }

  /** Whether a photo that is there already shows whom it should. */
  private static boolean isCalled(String name, String wanted, Gallery gallery) {
    return facesOf(name, gallery).anyMatch(face -> face.concerns(wanted));
  }

  private static Stream<FaceRecord> facesOf(String name, Gallery gallery) {
    return gallery.faces().stream()
        .map(EmbeddedFace::face)
        .filter(face -> face.source().filter(name::equals).isPresent());
  }

  private String otherName(PhotoArguments.Given given, String name, Gallery gallery) {
    String whose =
        facesOf(name, gallery)
            .flatMap(face -> face.person().stream())
            .distinct()
            .collect(Collectors.joining(" and "));
    Optional<FaceRecord> first =
        facesOf(name, gallery).filter(face -> face.person().isPresent()).findFirst();
    return given.name()
        + " is in the gallery already, "
        + (whose.isEmpty() ? "without a name" : "as " + whose)
        + ", and stays so; "
        + first
            .map(
                face ->
                    "to call a face of it "
                        + person
                        + " use: facesearch people split "
                        + String.join(
                            " ",
                            ShellWord.of(face.person().orElseThrow()),
                            ShellWord.of(face.id()),
                            "--as",
                            ShellWord.of(Objects.requireNonNull(person)),
                            "--gallery",
                            ShellWord.of(where.path().toString())))
            .orElse("the query page gives it a name");
  }

  /** Below the folder of the gallery that it lies in, else by its content. */
  private static String name(PhotoArguments.Given given, Gallery gallery) throws IOException {
    Optional<String> inFolder = given.file().flatMap(gallery::nameOf);
    if (inFolder.isPresent()) {
      return inFolder.get();
    }
    String file = given.file().map(path -> path.getFileName().toString()).orElse("standard-input");
    byte[] digest = Sha256.digest().digest(given.bytes());
    return file + "@" + Sha256.hex(digest).substring(0, DIGITS);
  }

  private static Photo tagged(Photo photo, String tag, String value) {
    try {
      double number = Double.parseDouble(value);
      return Double.isFinite(number) ? photo.tag(tag, number) : photo.tag(tag, value);
    } catch (NumberFormatException e) {
      return photo.tag(tag, value);
    }
  }
}
