package io.facesearch;

import io.facesearch.Enrollment.PreparedPhoto;
import io.facesearch.IndexingReport.BrokenFile;
import io.facesearch.PersonLabels.Labeled;
import io.facesearch.internal.BulkPipeline;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One run of {@link Gallery#addAll} over a stream of photos, on a {@link BulkPipeline}. A photo of
 * which the index has a face is passed over, so that a stopped run can be repeated. A photo of a
 * person with several faces waits, as vectors, for the end of the stream; see {@link PersonLabels}.
 */
final class StreamIndexing implements PersonLabels.Taker {
  private enum What {
    KNOWN,
    EMBEDDED,
    BROKEN
  }

  private record Outcome(Photo photo, What what, List<EmbeddedFace> faces, String reason) {}

  private final Enrollment enrollment;
  private final FaceIndex index;
  private final PhotoSource.StreamSource source;
  private final ProgressReport progress;
  private final PersonLabels labels;
  private final Set<String> crowdedPeople = new HashSet<>();
  private final List<String> noFace = new ArrayList<>();
  private final List<BrokenFile> broken = new ArrayList<>();
  private final List<EmbeddedFace> batch = new ArrayList<>();
  private int done;
  private int images;
  private int faces;
  private int alreadyIndexed;

  private StreamIndexing(
      Enrollment enrollment, PhotoSource.StreamSource source, ProgressReport progress) {
    this.enrollment = enrollment;
    this.source = source;
    this.progress = progress;
    index = enrollment.index();
    labels = enrollment.labels(this);
  }

  static IndexingReport run(
      Enrollment enrollment, PhotoSource.StreamSource source, IndexingListener listener) {
    return new StreamIndexing(enrollment, source, new ProgressReport(listener)).run();
  }

  private IndexingReport run() {
    boolean cancelled =
        !report()
            || !new BulkPipeline("facesearch-index", enrollment.threads())
                .<Photo, Outcome>run(
                    source.photos(),
                    this::process,
                    outcomes -> {
                      outcomes.forEach(this::take);
                      flush();
                      return report();
                    });
    // Also of a stopped run: what was read stays.
    crowdedPeople.forEach(labels::decide);
    flush();
    return new IndexingReport(
        done,
        images,
        faces,
        alreadyIndexed,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        broken,
        labels.crowded,
        noFace,
        cancelled,
        progress.elapsed());
  }

  private boolean report() {
    return progress.report(done, source.total(), faces, noFace.size(), broken.size());
  }

  // In any thread

  private List<Outcome> process(List<Photo> photos) {
    List<Outcome> outcomes = new ArrayList<>();
    List<PreparedPhoto> prepared = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Photo photo : photos) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      if (index.get(photo.name() + "#0").isPresent()) {
        outcomes.add(new Outcome(photo, What.KNOWN, List.of(), null));
        continue;
      }
      try {
        PhotoFile file = photo.read(enrollment.analyzer().reader());
        prepared.add(enrollment.prepare(file, photo.info(), photo.name()));
        places.add(outcomes.size());
        outcomes.add(null);
      } catch (IllegalStateException | NativeRuntimeException e) {
        throw e; // no fault of the photo
      } catch (IOException | RuntimeException e) {
        outcomes.add(broken(photo, Reasons.of(photo.name(), e)));
      } catch (OutOfMemoryError e) {
        outcomes.add(broken(photo, photo.name() + " cannot be read: not enough heap; raise -Xmx"));
      }
    }
    List<List<EmbeddedFace>> embedded = enrollment.embed(prepared);
    for (int i = 0; i < places.size(); i++) {
      Photo photo = photos.get(places.get(i));
      outcomes.set(places.get(i), new Outcome(photo, What.EMBEDDED, embedded.get(i), null));
    }
    return outcomes;
  }

  private static Outcome broken(Photo photo, String reason) {
    return new Outcome(photo, What.BROKEN, List.of(), reason);
  }

  // In the calling thread

  private void take(Outcome outcome) {
    done++;
    Photo photo = outcome.photo;
    switch (outcome.what) {
      case KNOWN -> alreadyIndexed++;
      case BROKEN -> broken.add(new BrokenFile(photo.name(), outcome.reason));
      case EMBEDDED -> {
        images++;
        if (outcome.faces.isEmpty()) {
          noFace.add(photo.name());
        } else if (photo.info().person().isPresent()) {
          String person = photo.info().person().get();
          crowdedPeople.add(person);
          labels.add(new Labeled(photo.name(), person, outcome.faces, Set.of()));
        } else {
          batch.addAll(outcome.faces);
        }
      }
    }
  }

  @Override
  public void take(Labeled photo, List<EmbeddedFace> decided) {
    batch.addAll(decided);
  }

  @Override
  public void flush() {
    if (batch.isEmpty()) {
      return;
    }
    List<EmbeddedFace> added = List.copyOf(batch);
    batch.clear();
    try {
      index.addAll(added);
      faces += added.size();
    } catch (DuplicateFaceException e) {
      // One by one, so that one taken id stops no other photo.
      for (EmbeddedFace face : added) {
        try {
          index.add(face);
          faces++;
        } catch (DuplicateFaceException one) {
          String name = face.face().source().orElse(face.face().id());
          broken.add(new BrokenFile(name, one.getMessage()));
        }
      }
    }
  }
}
