package io.facesearch;

import io.facesearch.Enrollment.PreparedPhoto;
import io.facesearch.IndexedFolder.Known;
import io.facesearch.IndexingReport.BrokenFile;
import io.facesearch.PersonLabels.Labeled;
import io.facesearch.PhotoWalk.Found;
import io.facesearch.internal.BulkPipeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link Gallery#addAll} over a folder, on a {@link BulkPipeline}. Each batch looks at a
 * few photos, reads, detects and aligns those that are new or changed and embeds their faces
 * together. Only the calling thread changes the index, in the order of the photos' names; see
 * {@link PersonLabels} for those that wait.
 */
final class FolderIndexing implements PersonLabels.Taker {
  private enum What {
    /** Nothing is to be done. */
    UNCHANGED,
    /** The same photo under another name, or with another time, or of an older release. */
    NOTED,
    /** Its faces are to be added. */
    NEW,
    /** Its old faces are to be replaced. */
    REPLACED,
    NO_FACE,
    BROKEN
  }

  /**
   * What came of a photo.
   *
   * @param known what the index has of it: under its name, or of a photo that it was renamed from;
   *     null also for a photo that could not be read, unless what is there now is no photo
   * @param stamp null if the file was not looked at
   * @param reason why it is broken, or why its names were ignored; null if nothing is wrong
   */
  private record Outcome(
      Found photo,
      What what,
      @Nullable Known known,
      @Nullable FileStamp stamp,
      List<EmbeddedFace> faces,
      @Nullable String reason) {
    Outcome(Found photo, What what, @Nullable Known known, @Nullable FileStamp stamp) {
      this(photo, what, known, stamp, List.of(), null);
    }
  }

  private final Enrollment enrollment;
  private final FolderSource source;
  private final FaceIndex index;
  private final IndexedFolder folder;
  private final PhotoWalk walk;
  private final ProgressReport progress;
  private final PersonLabels labels;

  /** Photos that the index has faces of, by name; those dealt with are taken out. */
  private final Map<String, Known> known;

  /** Of these, those that are not there any more: by size, to find them under other names. */
  private final Map<Long, List<Known>> goneBySize = new HashMap<>();

  private final Set<Known> claimed = new HashSet<>();
  private final Map<String, Integer> photosOf = new HashMap<>();
  private final IndexingTally tally = new IndexingTally();
  private int done;

  private FolderIndexing(
      Enrollment enrollment,
      FolderSource source,
      IndexedFolder folder,
      PhotoWalk walk,
      ProgressReport progress) {
    this.enrollment = enrollment;
    this.source = source;
    this.folder = folder;
    this.walk = walk;
    this.progress = progress;
    index = enrollment.index();
    tally.broken.addAll(walk.broken);
    known = folder.known(walk);
    labels = enrollment.labels(this);
  }

  static IndexingReport run(Enrollment enrollment, FolderSource source, IndexingListener listener)
      throws IOException {
    ProgressReport progress = new ProgressReport(listener);
    IndexedFolder folder = IndexedFolder.of(enrollment.index(), source.root());
    PhotoWalk walk = PhotoWalk.of(folder.folder, folder.source, source.followsLinks());
    return new FolderIndexing(enrollment, source, folder, walk, progress).run();
  }

  private IndexingReport run() {
    folder.requireSame(source.root(), known, walk);
    index.setRoot(folder.root);
    index.replaceAll(folder.twice, List.of());
    sortOutGone();
    for (Found photo : walk.photos) {
      personOf(photo).ifPresent(person -> photosOf.merge(person, 1, Integer::sum));
    }
    int total = walk.photos.size() + walk.broken.size();
    done = walk.broken.size();
    boolean cancelled =
        !report(total)
            || !new BulkPipeline("facesearch-index", enrollment.threads())
                .<Found, Outcome>run(
                    walk.photos.iterator(),
                    files -> process(files, true),
                    outcomes -> {
                      outcomes.forEach(this::take);
                      flush();
                      done += outcomes.size();
                      return report(total);
                    });
    if (!cancelled) {
      folder.absorbed.keySet().forEach(index::removeRoot);
    }
    tally.faces -= enrollment.dropped();
    tally.gone -= claimed.size();
    return new IndexingReport(tally, total, walk, labels.crowded, cancelled, progress.elapsed());
  }

  /** Renames what is gone and had a name of an older release; it cannot be found again else. */
  private void sortOutGone() {
    Set<String> present = new HashSet<>();
    walk.photos.forEach(photo -> present.add(photo.source()));
    known.forEach(
        (name, photo) -> {
          if (!present.contains(name) && folder.isGone(name, walk)) {
            tally.gone++;
            if (photo.size >= 0) {
              goneBySize.computeIfAbsent(photo.size, size -> new ArrayList<>()).add(photo);
            }
          }
          if (!present.contains(name) && !photo.indexed.equals(name)) {
            List<EmbeddedFace> now = new ArrayList<>();
            for (EmbeddedFace face : facesOf(photo)) {
              now.add(called(face, photo, name, photo.photoOf, null));
            }
            replace(photo, now);
            photo.ids.clear();
            now.forEach(face -> photo.ids.add(face.face().id()));
            photo.indexed = name;
          }
        });
  }

  private boolean report(int total) {
    return tally.report(progress, done, (long) total);
  }

  // In any thread

  /** Each photo comes to an outcome, whatever is wrong with it. */
  private List<Outcome> process(List<Found> files, boolean mayBeRenamed) {
    List<Outcome> outcomes = new ArrayList<>();
    List<PreparedPhoto> photos = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Found photo : files) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      try {
        Outcome seen = look(photo, mayBeRenamed);
        if (seen != null) {
          outcomes.add(seen);
          continue;
        }
        PhotoFile file = PhotoFile.read(photo, enrollment.analyzer().reader());
        PreparedPhoto prepared = enrollment.prepare(file, infoOf(photo), photo.source());
        Known before = known.get(photo.source());
        if (prepared.faces().isEmpty()) {
          outcomes.add(
              new Outcome(photo, What.NO_FACE, before, file.stamp(), List.of(), prepared.fault()));
        } else {
          places.add(outcomes.size());
          photos.add(prepared);
          What what = before == null ? What.NEW : What.REPLACED;
          outcomes.add(new Outcome(photo, what, before, file.stamp()));
        }
      } catch (IllegalStateException | NativeRuntimeException e) {
        throw e; // no fault of the photo
      } catch (ImageFormatException e) {
        Known before = known.get(photo.source());
        outcomes.add(
            new Outcome(photo, What.BROKEN, before, null, List.of(), Reasons.of(photo.file(), e)));
      } catch (IOException | RuntimeException e) {
        outcomes.add(broken(photo, Reasons.of(photo.file(), e)));
      } catch (OutOfMemoryError e) {
        outcomes.add(
            broken(
                photo,
                photo.file()
                    + " cannot be read: not enough heap ("
                    + e.getMessage()
                    + "); raise -Xmx"));
      }
    }
    List<List<EmbeddedFace>> embedded = enrollment.embed(photos);
    for (int i = 0; i < places.size(); i++) {
      Outcome old = outcomes.get(places.get(i));
      outcomes.set(
          places.get(i),
          new Outcome(
              old.photo, old.what, old.known, old.stamp, embedded.get(i), photos.get(i).fault()));
    }
    return outcomes;
  }

  private static Outcome broken(Found photo, @Nullable String reason) {
    return new Outcome(photo, What.BROKEN, null, null, List.of(), reason);
  }

  /** What can be said of a photo without decoding it; null if it must be read. */
  private @Nullable Outcome look(Found photo, boolean mayBeRenamed) throws IOException {
    Known before = known.get(photo.source());
    if (before == null) {
      if (mayBeRenamed && goneBySize.containsKey(photo.size())) {
        FileStamp stamp = PhotoFile.stamp(photo);
        for (Known other : goneBySize.get(photo.size())) {
          if (other.hasContent(index, stamp)) {
            return new Outcome(photo, What.NOTED, other, stamp);
          }
        }
      }
      return null;
    }
    boolean isNamedSo = before.indexed.equals(photo.source());
    if (namesItself(before, photo)) {
      return null;
    }
    if (before.size == photo.size() && before.modified == photo.modified()) {
      boolean done =
          isNamedSo
              && !before.isOpen()
              && Objects.equals(before.photoOf, personOf(photo).orElse(null));
      return new Outcome(photo, done ? What.UNCHANGED : What.NOTED, before, null);
    }
    if (before.size < 0 || before.size == photo.size()) {
      FileStamp stamp = PhotoFile.stamp(photo);
      if (before.size < 0 || before.hasContent(index, stamp)) {
        return new Outcome(photo, What.NOTED, before, stamp);
      }
    }
    return null;
  }

  /** Whether a photo whose faces have no name here has names for them. */
  private boolean namesItself(Known before, Found photo) throws IOException {
    return enrollment.settings().namesFromPhotos()
        && before.named == 0
        && !PhotoPeople.of(photo.file()).regions().isEmpty();
  }

  private Optional<String> personOf(Found photo) {
    return source.personOf(folder.root.folder().relativize(photo.file()));
  }

  private FaceInfo infoOf(Found photo) {
    FaceInfo info = personOf(photo).map(FaceInfo::named).orElse(FaceInfo.nothing());
    for (var tag : source.tagsOf(folder.root.folder().relativize(photo.file())).entrySet()) {
      info = info.tag(tag.getKey(), tag.getValue());
    }
    return info;
  }

  // In the calling thread

  private void take(Outcome outcome) {
    Found photo = outcome.photo;
    switch (outcome.what) {
      case UNCHANGED -> tally.alreadyIndexed++;
      case NOTED -> note(outcome);
      case NEW, REPLACED -> {
        tally.read(photo.file().toString(), outcome.faces, outcome.reason);
        tally.replaced += outcome.what == What.REPLACED ? 1 : 0;
        Set<String> old = outcome.known == null ? Set.of() : Set.copyOf(outcome.known.ids);
        label(photo, outcome.faces, old);
      }
      case NO_FACE -> {
        tally.read(photo.file().toString(), List.of(), outcome.reason);
        tally.noFace.add(photo.file().toString());
        if (outcome.known != null) {
          tally.replaced++;
          replace(outcome.known, List.of());
        }
      }
      case BROKEN -> {
        tally.broken.add(new BrokenFile(photo.file().toString(), outcome.reason));
        tally.outdated += outcome.known == null ? 0 : 1;
      }
      default -> throw new AssertionError(outcome.what);
    }
    personOf(photo)
        .ifPresent(
            person -> {
              if (photosOf.merge(person, -1, Integer::sum) == 0) {
                flush();
                labels.decide(person);
              }
            });
  }

  /** Keeps the faces of a photo that is the same, with what is known of it now. */
  private void note(Outcome outcome) {
    Known before = Objects.requireNonNull(outcome.known);
    Found photo = outcome.photo;
    boolean isRename = known.get(photo.source()) == null;
    if (isRename && !claimed.add(before)) {
      process(List.of(photo), false).forEach(this::takeAgain); // a second copy
      return;
    }
    tally.renamed += isRename ? 1 : 0;
    tally.alreadyIndexed += isRename ? 0 : 1;
    Optional<String> person = personOf(photo);
    List<EmbeddedFace> now = new ArrayList<>();
    for (EmbeddedFace face : facesOf(before)) {
      now.add(called(face, before, photo.source(), person.orElse(null), outcome.stamp));
    }
    if (now.size() != before.ids.size()) {
      return; // somebody removed a face meanwhile; the next run looks again
    }
    boolean newPerson = !Objects.equals(before.photoOf, person.orElse(null));
    long named = now.stream().filter(face -> hasName(face, before.photoOf)).count();
    if (newPerson || before.old && named > 1) {
      now.replaceAll(face -> nameless(face, before.photoOf));
      named = 0;
    }
    if (named == 0 && now.stream().allMatch(face -> face.face().person().isEmpty())) {
      label(photo, now, Set.copyOf(before.ids));
    } else {
      replace(before, now);
    }
  }

  /** An outcome whose person is counted already. */
  private void takeAgain(Outcome outcome) {
    personOf(outcome.photo).ifPresent(person -> photosOf.merge(person, 1, Integer::sum));
    take(outcome);
  }

  private static boolean hasName(EmbeddedFace face, @Nullable String name) {
    return Objects.equals(face.face().person().orElse(null), name);
  }

  private static EmbeddedFace nameless(EmbeddedFace face, @Nullable String name) {
    return hasName(face, name)
        ? new EmbeddedFace(face.face().renamed(null), face.embedding())
        : face;
  }

  private List<EmbeddedFace> facesOf(Known photo) {
    List<EmbeddedFace> found = new ArrayList<>();
    photo.ids.forEach(id -> index.get(id).ifPresent(found::add));
    return found;
  }

  private static EmbeddedFace called(
      EmbeddedFace face,
      Known photo,
      String name,
      @Nullable String photoOf,
      @Nullable FileStamp newStamp) {
    FileStamp stamp = newStamp == null ? face.face().stamp().orElse(null) : newStamp;
    String id = face.face().id();
    String newId =
        id.startsWith(photo.indexed + "#") ? name + id.substring(photo.indexed.length()) : id;
    return new EmbeddedFace(face.face().inPhoto(newId, name, photoOf, stamp), face.embedding());
  }

  private void label(Found photo, List<EmbeddedFace> nameless, Set<String> old) {
    Optional<String> person = personOf(photo);
    if (person.isPresent()) {
      labels.add(new Labeled(photo.file().toString(), person.get(), nameless, old));
    } else {
      take(new Labeled(photo.file().toString(), "", nameless, old), nameless);
    }
  }

  /** Puts the faces of a photo into the index; new photos wait for {@link #flush}. */
  @Override
  public void take(Labeled photo, List<EmbeddedFace> decided) {
    if (photo.replaces().isEmpty()) {
      tally.batch.addAll(decided);
      return;
    }
    if (photo.replaces().size() == decided.size()
        && decided.stream()
            .allMatch(face -> index.get(face.face().id()).equals(Optional.of(face)))) {
      return; // open before, and still
    }
    try {
      index.replaceAll(photo.replaces(), decided);
      tally.faces += Math.max(0, decided.size() - photo.replaces().size());
    } catch (UnknownFaceException e) {
      // Somebody removed a face meanwhile; the next run looks again.
    } catch (DuplicateFaceException e) {
      tally.broken.add(new BrokenFile(photo.photo(), e.getMessage()));
    }
  }

  private void replace(Known photo, List<EmbeddedFace> now) {
    take(new Labeled(folder.folder.toString(), "", List.of(), Set.copyOf(photo.ids)), now);
  }

  @Override
  public void flush() {
    tally.flush(index, face -> folder.folder.toString());
  }
}
