package io.facesearch.cli;

import io.facesearch.Decision;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.PhotoSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "sort",
    mixinStandardHelpOptions = true,
    description = {
      "Sorts the photos of a folder into a folder for each person that they show.",
      "As symbolic links, or with --copy as copies; a photo of several people is in several"
          + " folders.",
      "What shows nobody of the gallery goes to _nobody, _unsure or _no face. The photos stay"
          + " where",
      "they are, nothing is overwritten, and a second run adds what is new."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {
      "  facesearch sort photos --into people --dry-run",
      "  facesearch sort photos --into people --copy --gallery faces"
    })
final class SortCommand implements Callable<Integer> {
  private static final String NOBODY = "_nobody";
  private static final String UNSURE = "_unsure";
  private static final String NO_FACE = "_no face";

  /** Of names that Windows gives to devices. */
  private static final Pattern DEVICE =
      Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");

  private static final int LONGEST_NAME = 100;

  @Parameters(paramLabel = "PHOTOS", description = "A folder of photos.")
  private Path photos;

  @Option(
      names = "--into",
      paramLabel = "FOLDER",
      required = true,
      description = "Where the folders go; made if missing.")
  private Path into;

  @Option(names = "--copy", description = "Copy the photos instead of linking to them.")
  private boolean copy;

  @Option(names = "--dry-run", description = "Only print what would be done.")
  private boolean dryRun;

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  /** Folders that the photos go to, and how many each gets. */
  private final java.util.Map<String, Integer> counts = new java.util.TreeMap<>();

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    GalleryFiles.requireFolder(photos);
    Path from = photos.toRealPath();
    Path to = Files.exists(into) ? into.toRealPath() : into.toAbsolutePath().normalize();
    if (to.startsWith(from) || from.startsWith(to)) {
      throw new ParameterException(
          spec.commandLine(),
          "--into must lie outside of the photos, and they outside of it: " + into);
    }
    List<PhotoArguments.@Nullable Given> given =
        PhotoSource.folder(from).files().stream()
            .map(file -> new PhotoArguments.Given(photos.resolve(from.relativize(file)) + "", file))
            .toList();
    try (Gallery gallery = where.open(model);
        Progress progress = out.progress("Sorting", "photos")) {
      int[] done = new int[1];
      int status =
          PhotoArguments.each(
              given,
              out,
              photo -> {
                progress.report(done[0]++, given.size(), "");
                return sort(photo, gallery, out);
              });
      counts.forEach((folder, count) -> out.note(String.format("%7d  %s", count, folder)));
      out.note(
          dryRun
              ? "nothing was done; without --dry-run it is"
              : given.size() + " photos are sorted into " + into);
      return status;
    }
  }

  private int sort(PhotoArguments.Given photo, Gallery gallery, Output out) throws IOException {
    List<IdentifiedFace> faces = gallery.identify(photo.read());
    Set<String> people = new TreeSet<>();
    faces.forEach(face -> face.person().ifPresent(people::add));
    Set<String> folders = new TreeSet<>();
    people.forEach(person -> folders.add(folder(person)));
    if (folders.isEmpty()) {
      boolean unsure = faces.stream().anyMatch(face -> face.who().decision() == Decision.UNSURE);
      folders.add(faces.isEmpty() ? NO_FACE : unsure ? UNSURE : NOBODY);
    }
    List<String> targets = new ArrayList<>();
    for (String folder : folders) {
      counts.merge(folder, 1, Integer::sum);
      Path target = place(photo.file().orElseThrow(), into.resolve(folder));
      targets.add(target.toString());
      out.text().println(photo.name() + " -> " + target);
    }
    out.json("sorted", "photo", photo.name(), "people", people, "files", targets, "dryRun", dryRun);
    return 0;
  }

  /** Links or copies a photo into a folder, unless it is there; returns where. */
  private Path place(Path photo, Path folder) throws IOException {
    String name = photo.getFileName().toString();
    int dot = name.lastIndexOf('.') < 1 ? name.length() : name.lastIndexOf('.');
    Path target = folder.resolve(name);
    for (int again = 2; Files.exists(target, LinkOption.NOFOLLOW_LINKS); again++) {
      if (isSame(photo, target)) {
        return target;
      }
      target = folder.resolve(name.substring(0, dot) + " (" + again + ")" + name.substring(dot));
    }
    if (dryRun) {
      return target;
    }
    Files.createDirectories(folder);
    if (copy) {
      Path part = folder.resolve("." + name + ".part"); // a kill leaves no half photo
      Files.copy(
          photo, part, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target);
    } else {
      try {
        Files.createSymbolicLink(target, photo);
      } catch (UnsupportedOperationException | java.nio.file.FileSystemException e) {
        throw new FaceSearchException(
            "no link can be made in "
                + folder
                + " ("
                + e.getMessage()
                + "); make room or rights for it, or use --copy",
            e);
      }
    }
    return target;
  }

  /** Whether a file is a link to a photo or a copy of it. */
  private static boolean isSame(Path photo, Path file) throws IOException {
    if (Files.isSymbolicLink(file)) {
      return Files.readSymbolicLink(file).equals(photo);
    }
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && Files.size(file) == Files.size(photo)
        && Files.mismatch(file, photo) < 0;
  }

  /**
   * The folder of a person: the name, with escapes for what is no part of a name on some system,
   * and for what would lead elsewhere. Two people never have one folder, whatever the case of
   * letters on disk tells apart.
   */
  static String folder(String person) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < person.length(); i++) {
      char c = person.charAt(i);
      boolean odd =
          Character.isISOControl(c)
              || "/\\:*?\"<>|%".indexOf(c) >= 0
              || (c == '.' || c == ' ') && (i == 0 || i == person.length() - 1)
              || c == '_' && i == 0
              || !TerminalWriter.visible(String.valueOf(c)).equals(String.valueOf(c))
                  && !Character.isSurrogate(c);
      name.append(odd ? String.format(Locale.ROOT, "%%%02X", (int) c) : String.valueOf(c));
    }
    String safe = name.toString();
    if (DEVICE.matcher(safe).matches()) {
      safe = String.format(Locale.ROOT, "%%%02X", (int) safe.charAt(0)) + safe.substring(1);
    }
    if (safe.length() > LONGEST_NAME) {
      safe = safe.substring(0, LONGEST_NAME - 9) + "%" + Integer.toHexString(person.hashCode());
    }
    return safe;
  }
}
