package io.facesearch;

import io.facesearch.PhotoWalk.Found;
import io.facesearch.ReembeddingReport.Missing;
import io.facesearch.ReembeddingReport.Why;
import io.facesearch.internal.BulkPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link Gallery#reembed}, on a {@link BulkPipeline}: each batch reads a few photos,
 * finds the faces in them again and embeds them in one batch; only the calling thread changes the
 * index, in the order of the old gallery.
 */
final class ReembeddingRun {
  /** Of two detectors' boxes of one face; neighbors in a photo overlap less. */
  static final double LEAST_OVERLAP = 0.3;

  /** What came of a photo. */
  private static final class Outcome {
    final List<EmbeddedFace> faces = new ArrayList<>();
    final List<Missing> missing = new ArrayList<>();

    void miss(List<FaceRecord> some, Why why, @Nullable String detail) {
      some.forEach(face -> missing.add(new Missing(face, why, detail)));
    }
  }

  /** A face of the old gallery with its chip for the new model. */
  private record Prepared(Outcome outcome, FaceRecord face, FaceImage chip) {}

  /** An old face and one that is found now. */
  private record Pair(int old, int found, double overlap) {}

  private final FaceAnalyzer analyzer;
  private final int threads;

  /** Of the gallery to be filled. */
  private final KeptPhotos crops;

  private final FaceIndex index;
  private final Reembedding old;
  private final ProgressReport progress;
  private final List<Missing> missing = new ArrayList<>();

  /** Ids of the faces that have their new vector; complete before other threads run. */
  private final Set<String> done = new HashSet<>();

  private int photosDone;
  private int faces;
  private int alreadyDone;
  private int updated;
  private int photosNotFound;
  private int photosBroken;

  private ReembeddingRun(
      Enrollment enrollment, KeptPhotos crops, Reembedding old, IndexingListener listener) {
    this.crops = crops;
    this.old = old;
    analyzer = enrollment.analyzer();
    index = enrollment.index();
    threads = enrollment.threads();
    progress = new ProgressReport(listener);
  }

  static ReembeddingReport run(
      Enrollment enrollment, KeptPhotos crops, Reembedding old, IndexingListener listener) {
    return new ReembeddingRun(enrollment, crops, old, listener).run();
  }

  private ReembeddingReport run() {
    requireSameFolders();
    old.roots().forEach(index::setRoot);
    Map<String, List<FaceRecord>> photos = new LinkedHashMap<>();
    for (FaceRecord face : old.faces()) {
      String photo = face.source().map(name -> "source " + name).orElse("face " + face.id());
      photos.computeIfAbsent(photo, name -> new ArrayList<>()).add(face);
    }
    List<List<FaceRecord>> open = new ArrayList<>();
    for (List<FaceRecord> photo : photos.values()) {
      photo.stream().filter(this::isDone).forEach(face -> done.add(face.id()));
      // With those that are done: they keep the faces that they were found as.
      if (!left(photo).isEmpty()) {
        open.add(photo);
      }
    }
    int total = photos.size();
    photosDone = total - open.size();
    boolean cancelled =
        !report(total)
            || !new BulkPipeline("facesearch-reembed", threads)
                .<List<FaceRecord>, Outcome>run(
                    open.iterator(),
                    this::process,
                    outcomes -> {
                      take(outcomes);
                      photosDone += outcomes.size();
                      return report(total);
                    });
    return new ReembeddingReport(
        photos.size(),
        faces,
        alreadyDone,
        updated,
        others(),
        missing,
        cancelled,
        progress.elapsed());
  }

  /** Photos of another folder of that name would be taken for those of the old gallery. */
  private void requireSameFolders() {
    Map<String, Path> known = index.roots();
    old.roots()
        .forEach(
            root -> {
              Path folder = known.get(root.name());
              if (folder != null && !folder.equals(root.folder())) {
                throw new FaceSearchException(
                    "the gallery to be filled has photos of another folder called \""
                        + root.name()
                        + "\": "
                        + folder
                        + ", not "
                        + root.folder()
                        + " as the old one; fill an empty gallery");
              }
            });
  }

  private List<FaceRecord> left(List<FaceRecord> photo) {
    return photo.stream().filter(face -> !done.contains(face.id())).toList();
  }

  private int others() {
    Set<String> ids = new HashSet<>();
    old.faces().forEach(face -> ids.add(face.id()));
    return (int) index.faces().stream().filter(face -> !ids.contains(face.face().id())).count();
  }

  /** Whether the face has its new vector; what else the old gallery says of it since is noted. */
  private boolean isDone(FaceRecord face) {
    Optional<EmbeddedFace> known = index.get(face.id());
    if (known.isEmpty() || !isSameFace(known.get().face(), face)) {
      return false;
    }
    alreadyDone++;
    if (!known.get().face().equals(face)) {
      index.update(new EmbeddedFace(face, known.get().embedding()));
      updated++;
    }
    return true;
  }

  /** Whether both are from one place of one photo. */
  private static boolean isSameFace(FaceRecord a, FaceRecord b) {
    return a.source().equals(b.source())
        && a.box().equals(b.box())
        && a.stamp().map(FileStamp::sha256).equals(b.stamp().map(FileStamp::sha256));
  }

  private boolean report(int total) {
    return progress.report(photosDone, (long) total, faces, photosNotFound, photosBroken);
  }

  private void take(List<Outcome> outcomes) {
    List<EmbeddedFace> fresh = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      for (EmbeddedFace face : outcome.faces) {
        if (index.get(face.face().id()).isPresent()) {
          index.update(face); // of what its photo was before
        } else {
          fresh.add(face);
        }
      }
      faces += outcome.faces.size();
      missing.addAll(outcome.missing);
      photosNotFound += outcome.missing.stream().anyMatch(f -> f.why() == Why.NOT_FOUND) ? 1 : 0;
      photosBroken += outcome.missing.stream().anyMatch(f -> f.why() == Why.BROKEN) ? 1 : 0;
    }
    index.addAll(fresh);
  }

  // In any thread

  private List<Outcome> process(List<List<FaceRecord>> photos) {
    List<Outcome> outcomes = new ArrayList<>();
    List<Prepared> prepared = new ArrayList<>();
    for (List<FaceRecord> photo : photos) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      Outcome outcome = new Outcome();
      outcomes.add(outcome);
      List<Prepared> found = new ArrayList<>();
      String name = photo.get(0).source().orElse("");
      try {
        Optional<PhotoFile> read = read(photo.get(0));
        if (read.isEmpty()) {
          outcome.miss(left(photo), Why.NO_PHOTO, null);
          continue;
        }
        prepare(read.get(), photo, outcome, found);
        prepared.addAll(found);
      } catch (IllegalStateException | NativeRuntimeException | IndexWriteException e) {
        throw e; // no fault of the photo
      } catch (IOException | RuntimeException e) {
        outcome.missing.clear();
        outcome.miss(left(photo), Why.BROKEN, Reasons.of(name, e));
      } catch (OutOfMemoryError e) {
        outcome.missing.clear();
        outcome.miss(
            left(photo),
            Why.BROKEN,
            name + " cannot be read: not enough heap (" + e.getMessage() + "); raise -Xmx");
      }
    }
    if (!prepared.isEmpty()) {
      List<Embedding> vectors =
          analyzer.embedAligned(prepared.stream().map(Prepared::chip).toList());
      for (int i = 0; i < prepared.size(); i++) {
        Prepared one = prepared.get(i);
        one.outcome.faces.add(new EmbeddedFace(one.face, vectors.get(i)));
      }
    }
    return outcomes;
  }

  /** The photo of a face; a crop is copied, before its face comes. */
  private Optional<PhotoFile> read(FaceRecord face) throws IOException {
    Optional<byte[]> crop = old.cropOf(face);
    if (crop.isPresent()) {
      String name = face.source().orElseThrow();
      FaceImage image = analyzer.reader().read(crop.get(), name);
      if (!crops.has(name)) {
        try {
          crops.put(name, crop.get());
        } catch (IOException e) {
          throw new IndexWriteException("the crop " + name + " cannot be written", e);
        }
      }
      return Optional.of(new PhotoFile(image, null, null, PhotoPeople.NOBODY));
    }
    Optional<Path> file = old.photoOf(face);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    long size = Files.size(file.get());
    long modified = Files.getLastModifiedTime(file.get()).toMillis();
    Found place = new Found(file.get(), face.source().orElse(""), size, modified);
    return Optional.of(PhotoFile.read(place, analyzer.reader()));
  }

  private void prepare(
      PhotoFile read, List<FaceRecord> photo, Outcome outcome, List<Prepared> found) {
    Optional<String> now = Optional.ofNullable(read.stamp()).map(FileStamp::sha256);
    List<FaceRecord> same = new ArrayList<>();
    for (FaceRecord face : photo) {
      // Another photo under the same name may show somebody else in the same place.
      if (now.isEmpty() || face.stamp().map(FileStamp::sha256).or(() -> now).equals(now)) {
        same.add(face);
      } else {
        outcome.miss(left(List.of(face)), Why.CHANGED, null);
      }
    }
    if (same.isEmpty()) {
      return;
    }
    List<DetectedFace> detected = analyzer.boxes(read.image());
    int[] match = match(same, detected);
    for (int i = 0; i < match.length; i++) {
      if (done.contains(same.get(i).id())) {
        continue;
      }
      if (match[i] < 0) {
        outcome.miss(List.of(same.get(i)), Why.NOT_FOUND, null);
        continue;
      }
      DetectedFace face = analyzer.withLandmarks(read.image(), detected.get(match[i]));
      found.add(new Prepared(outcome, same.get(i), analyzer.align(read.image(), face)));
    }
  }

  /**
   * Finds each old face among those that are found now: the pair that overlaps most first, and each
   * face in one pair at most, so that neighbors keep their own.
   *
   * @return for each old face the place of the other in its list; -1 if it is not found again
   */
  static int[] match(List<FaceRecord> old, List<DetectedFace> detected) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < old.size(); i++) {
      Optional<BoundingBox> box = old.get(i).box();
      for (int j = 0; box.isPresent() && j < detected.size(); j++) {
        double overlap = box.get().iou(detected.get(j).box());
        if (overlap >= LEAST_OVERLAP) {
          pairs.add(new Pair(i, j, overlap));
        }
      }
    }
    pairs.sort((a, b) -> Double.compare(b.overlap, a.overlap));
    int[] match = new int[old.size()];
    Arrays.fill(match, -1);
    boolean[] taken = new boolean[detected.size()];
    for (Pair pair : pairs) {
      if (match[pair.old] < 0 && !taken[pair.found]) {
        match[pair.old] = pair.found;
        taken[pair.found] = true;
      }
    }
    return match;
  }
}
