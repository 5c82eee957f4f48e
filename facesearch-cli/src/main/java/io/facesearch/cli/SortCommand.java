package io.facesearch.cli;

import io.facesearch.Decision;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.IdentifiedFace;
import io.facesearch.PhotoSource;
import io.facesearch.internal.PrivateFiles;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
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

  /** What a photo is called while it is copied: a kill leaves no half photo. */
  private static final String PART = ".facesearch-sort.part";

  /** In bytes; disks take 255. */
  private static final int LONGEST_NAME = 200;

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

  private int sorted;

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
          "--into must be outside the folder of photos, and not contain it: " + into);
    }
    List<PhotoArguments.@Nullable Given> given =
        PhotoSource.folder(from).files().stream()
            .map(file -> new PhotoArguments.Given(photos.resolve(from.relativize(file)) + "", file))
            .toList();
    try (Gallery gallery = where.open(model);
        Progress progress = out.progress("Sorting", "photos")) {
      int[] done = new int[1];
      int others = tellOthers(from, out);
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
              : sorted
                  + " photos are sorted into "
                  + into
                  + (sorted < given.size() + others
                      ? "; " + (given.size() + others - sorted) + " could not be"
                      : ""));
      return others > 0 ? 1 : status;
    }
  }

  /** Says what lies among the photos and cannot be looked at; returns how much that is. */
  private int tellOthers(Path from, Output out) throws IOException {
    int[] others = new int[1];
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isOther()) {
              tell(file, "is a pipe or a device, not a photo; it is left out");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            tell(file, "cannot be read: " + FaceSearchCommand.words(e).orElseThrow());
            return FileVisitResult.CONTINUE;
          }

          private void tell(Path file, String what) {
            String name = photos.resolve(from.relativize(file)).toString();
            out.problem(name, "broken", name + " " + what);
            others[0]++;
          }
        });
    return others[0];
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
    sorted++;
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
    boolean newFolder = Files.notExists(folder);
    PrivateFiles.createFolders(folder); // is called by a person
    Path part = folder.resolve(PART);
    try {
      if (copy) {
        Files.copy(
            photo, part, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, target);
      } else {
        Files.createSymbolicLink(target, photo);
      }
      return target;
    } catch (UnsupportedOperationException | IOException e) {
      Files.deleteIfExists(part);
      if (newFolder) {
        Files.delete(folder); // nothing is in it
      }
      throw new FaceSearchException(
          photo
              + " cannot be "
              + (copy ? "copied" : "linked")
              + " into "
              + folder
              + " ("
              + e.getMessage()
              + "); make room or rights for it"
              + (copy ? "" : ", or use --copy"),
          e);
    }
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
   * The folder of a person: the name, with the UTF-8 bytes of what is no part of a name on some
   * system, or would lead elsewhere, as {@code %2E}. Two names never have one folder; on disks that
   * do not tell upper from lower case, names that differ in nothing else do.
   */
  static String folder(String person) {
    StringBuilder name = new StringBuilder();
    int last = person.offsetByCodePoints(person.length(), -1);
    for (int i = 0; i < person.length(); i += Character.charCount(person.codePointAt(i))) {
      String c = Character.toString(person.codePointAt(i));
      boolean odd =
          Character.isISOControl(c.charAt(0))
              || "/\\:*?\"<>|%".contains(c)
              || (c.equals(".") || c.equals(" ")) && (i == 0 || i == last)
              || c.equals("_") && i == 0
              || !TerminalWriter.visible(c).equals(c);
      name.append(odd ? escaped(c) : c);
    }
    String safe = name.toString();
    if (DEVICE.matcher(safe).matches()) {
      safe = escaped(safe.substring(0, 1)) + safe.substring(1);
    }
    if (safe.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME) {
      return safe;
    }
    int end = 0;
    for (int bytes = 0; bytes < LONGEST_NAME - 40; ) {
      int next = safe.offsetByCodePoints(end, 1);
      bytes += safe.substring(end, next).getBytes(StandardCharsets.UTF_8).length;
      end = next;
    }
    return safe.substring(0, end)
        + "%~"
        + Sha256.hex(person.getBytes(StandardCharsets.UTF_8)).substring(0, 32);
  }

  private static String escaped(String c) {
    StringBuilder all = new StringBuilder();
    if (c.length() == 1 && Character.isSurrogate(c.charAt(0))) {
      return String.format(Locale.ROOT, "%%u%04X", (int) c.charAt(0)); // no character, so no UTF-8
    }
    for (byte b : c.getBytes(StandardCharsets.UTF_8)) {
      all.append(String.format(Locale.ROOT, "%%%02X", b));
    }
    return all.toString();
  }
}
