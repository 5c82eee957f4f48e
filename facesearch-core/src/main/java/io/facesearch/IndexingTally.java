package io.facesearch;

import io.facesearch.IndexingReport.BrokenFile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a bulk run has done so far, for its progress and its {@link IndexingReport}; and the faces
 * that wait to be added. Used by one thread.
 */
final class IndexingTally {
  final List<String> noFace = new ArrayList<>();
  final List<BrokenFile> broken = new ArrayList<>();
  final List<BrokenFile> ignoredNames = new ArrayList<>();
  final List<EmbeddedFace> batch = new ArrayList<>();
  int images;
  int faces;
  int alreadyIndexed;
  int replaced;
  int renamed;
  int gone;
  int outdated;
  int namedByPhotos;

  /**
   * Counts an image that was read.
   *
   * @param fault why names that it has were ignored; null if none was
   */
  void read(String photo, List<EmbeddedFace> found, @Nullable String fault) {
    images++;
    // Only the photo itself gives names before that of its person is decided.
    namedByPhotos += (int) found.stream().filter(face -> face.face().person().isPresent()).count();
    if (fault != null) {
      ignoredNames.add(new BrokenFile(photo, fault));
    }
  }

  /**
   * Adds the faces that wait to an index.
   *
   * @param photoOf the photo to name where the id of a face is taken
   */
  void flush(FaceIndex index, Function<FaceRecord, String> photoOf) {
    if (batch.isEmpty()) {
      return;
    }
    List<EmbeddedFace> added = List.copyOf(batch);
    batch.clear();
    faces += added.size();
    PersonLabels.addTo(
        index,
        added,
        (face, why) -> {
          faces--;
          broken.add(new BrokenFile(photoOf.apply(face.face()), why.getMessage()));
        });
  }

  /** Tells a listener how far the run is; returns false to stop. */
  boolean report(ProgressReport progress, long done, @Nullable Long total) {
    return progress.report(done, total, faces, noFace.size(), broken.size());
  }
}
