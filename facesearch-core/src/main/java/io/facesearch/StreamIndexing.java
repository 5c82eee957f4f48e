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
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@link Gallery#addAll} over a stream of photos, on a {@link BulkPipeline}. A photo of
 * which the index has a face is passed over, so that a stopped run can be repeated. A photo of a
 * person with several faces waits, as vectors, for others of the person; see {@link PersonLabels}.
 */
final class StreamIndexing implements PersonLabels.Taker {
  private enum What {
    KNOWN,
    EMBEDDED,
    BROKEN
  }

  /**
   * What came of a photo.
   *
   * @param reason why it is broken, or why its names were ignored; null if nothing is wrong
   */
  private record Outcome(
      Photo photo, What what, List<EmbeddedFace> faces, @Nullable String reason) {}

  private final Enrollment enrollment;
  private final FaceIndex index;
  private final PhotoSource.StreamSource source;
  private final ProgressReport progress;
  private final PersonLabels labels;

  /** So many photos with several faces wait for others of their people at most. */
  private static final int MOST_WAITING = 256;

  /** They are decided when the stream pauses for so many of {@link BulkPipeline}'s pauses. */
  private static final int PAUSES = 10;

  /** Names of the photos that the index has faces of, and of those that this run dealt with. */
  private final Set<String> known = ConcurrentHashMap.newKeySet();

  private final Set<String> dealtWith = new HashSet<>();
  private final Set<String> waitingPeople = new HashSet<>();
  private int waiting;
  private int pauses;
  private final IndexingTally tally = new IndexingTally();
  private int done;

  private StreamIndexing(
      Enrollment enrollment, PhotoSource.StreamSource source, ProgressReport progress) {
    this.enrollment = enrollment;
    this.source = source;
    this.progress = progress;
    index = enrollment.index();
    labels = enrollment.labels(this);
    index.faces().forEach(face -> face.face().source().ifPresent(known::add));
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
                      pauses = 0;
                      outcomes.forEach(this::take);
                      if (waiting >= MOST_WAITING) {
                        decide();
                      }
                      flush();
                      return report();
                    },
                    this::pause);
    decide(); // also of a stopped run: what was read stays
    tally.faces -= enrollment.dropped();
    return new IndexingReport(tally, done, null, labels.crowded, cancelled, progress.elapsed());
  }

  private boolean pause() {
    if (++pauses == PAUSES) {
      decide();
    }
    return report();
  }

  private void decide() {
    waitingPeople.forEach(labels::decide);
    waitingPeople.clear();
    waiting = 0;
    flush();
  }

  private boolean report() {
    return tally.report(progress, done, source.total());
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
      if (known.contains(photo.name())) {
        outcomes.add(new Outcome(photo, What.KNOWN, List.of(), null));
        continue;
      }
      PhotoFile file;
      try {
        file = photo.read(enrollment.analyzer().reader());
      } catch (IOException | RuntimeException | StackOverflowError e) {
        outcomes.add(broken(photo, Reasons.of(photo.name(), e)));
        continue;
      } catch (OutOfMemoryError e) {
        outcomes.add(broken(photo, photo.name() + " cannot be read: not enough heap; raise -Xmx"));
        continue;
      }
      prepared.add(enrollment.prepare(file, photo.info(), photo.name()));
      places.add(outcomes.size());
      outcomes.add(null);
    }
    List<List<EmbeddedFace>> embedded = enrollment.embed(prepared);
    for (int i = 0; i < places.size(); i++) {
      Photo photo = photos.get(places.get(i));
      String fault = prepared.get(i).fault();
      outcomes.set(places.get(i), new Outcome(photo, What.EMBEDDED, embedded.get(i), fault));
    }
    return outcomes;
  }

  private static Outcome broken(Photo photo, @Nullable String reason) {
    return new Outcome(photo, What.BROKEN, List.of(), reason);
  }

  // In the calling thread

  private void take(Outcome outcome) {
    done++;
    Photo photo = outcome.photo;
    if (outcome.what == What.EMBEDDED && !dealtWith.add(photo.name())) {
      tally.broken.add(
          new BrokenFile(
              photo.name(),
              "two photos are called \"" + photo.name() + "\"; give the second another name"));
      return;
    }
    switch (outcome.what) {
      case KNOWN -> tally.alreadyIndexed++;
      case BROKEN -> tally.broken.add(new BrokenFile(photo.name(), outcome.reason));
      case EMBEDDED -> {
        tally.read(photo.name(), outcome.faces, outcome.reason);
        if (outcome.faces.isEmpty()) {
          tally.noFace.add(photo.name());
        } else if (photo.info().person().isPresent()) {
          String person = photo.info().person().get();
          waiting += outcome.faces.size() > 1 ? 1 : 0;
          waitingPeople.add(person);
          labels.add(new Labeled(photo.name(), person, outcome.faces, Set.of()));
        } else {
          tally.batch.addAll(outcome.faces);
        }
      }
    }
  }

  @Override
  public void take(Labeled photo, List<EmbeddedFace> decided) {
    tally.batch.addAll(decided);
  }

  @Override
  public void flush() {
    tally.flush(index, face -> face.source().orElse(face.id()));
  }
}
