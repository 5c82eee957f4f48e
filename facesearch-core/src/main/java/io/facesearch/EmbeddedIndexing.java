package io.facesearch;

import io.facesearch.PersonLabels.Labeled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One run of {@link Gallery#addEmbedded}: photos whose faces were embedded elsewhere. What the
 * index has already is only asked for where an id is taken, as that costs a lookup a face. Used by
 * one thread.
 */
final class EmbeddedIndexing implements PersonLabels.Taker {
  private final FaceIndex index;
  private final Enrollment enrollment;
  private final PersonLabels labels;
  private final ProgressReport progress = new ProgressReport(done -> true);
  private final List<Labeled> batch = new ArrayList<>();
  private final IndexingTally tally = new IndexingTally();

  private EmbeddedIndexing(Enrollment enrollment) {
    this.enrollment = enrollment;
    index = enrollment.index();
    labels = enrollment.labels(this);
  }

  static IndexingReport run(Enrollment enrollment, List<EmbeddedFace> faces) {
    Map<String, List<EmbeddedFace>> photos = new LinkedHashMap<>();
    for (EmbeddedFace face : faces) {
      String photo =
          face.face()
              .source()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "face \""
                              + face.face().id()
                              + "\" has no source (the name of its photo); add it with addFaces"));
      photos.computeIfAbsent(photo, name -> new ArrayList<>()).add(face);
    }
    return new EmbeddedIndexing(enrollment).run(photos);
  }

  private IndexingReport run(Map<String, List<EmbeddedFace>> photos) {
    Set<String> people = new LinkedHashSet<>();
    photos.forEach(
        (name, photo) -> {
          Optional<String> person = photo.get(0).face().photoOf();
          boolean isOpen = photo.stream().allMatch(face -> face.face().person().isEmpty());
          if (person.isPresent() && isOpen) {
            people.add(person.get());
            labels.add(new Labeled(name, person.get(), photo, Set.of()));
          } else {
            take(new Labeled(name, "", photo, Set.of()), photo);
          }
        });
    flush();
    people.forEach(labels::decide);
    flush();
    tally.faces -= enrollment.dropped();
    return new IndexingReport(
        tally, photos.size(), null, labels.crowded, false, progress.elapsed());
  }

  @Override
  public void take(Labeled photo, List<EmbeddedFace> decided) {
    batch.add(new Labeled(photo.photo(), photo.person(), decided, photo.replaces()));
  }

  @Override
  public void flush() {
    List<EmbeddedFace> all = batch.stream().flatMap(photo -> photo.faces().stream()).toList();
    try {
      add(all);
    } catch (DuplicateFaceException e) {
      List<EmbeddedFace> missing = new ArrayList<>();
      for (Labeled photo : batch) {
        List<EmbeddedFace> of =
            photo.faces().stream().filter(face -> index.get(face.face().id()).isEmpty()).toList();
        tally.alreadyIndexed += of.isEmpty() ? 1 : 0;
        missing.addAll(of);
      }
      add(missing);
    }
    batch.clear();
  }

  private void add(List<EmbeddedFace> some) {
    if (!some.isEmpty()) {
      index.addAll(some);
      tally.faces += some.size();
    }
  }
}
