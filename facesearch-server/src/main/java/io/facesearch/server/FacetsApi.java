package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.KeptPhotos;
import io.facesearch.PhotoTags;
import io.facesearch.TagValue;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells how many faces each filter would leave, beside the others that are set: a filter's own
 * choice does not narrow what it offers. Goes through all faces. Thread-safe.
 */
final class FacetsApi {
  private static final int MAX_FOLDERS = 500;
  private static final int MAX_TAGS = 100;

  /** A tag with more values is no choice, but an id, or a measure. */
  private static final int MAX_VALUES = 50;

  private static final int STEPS = 10;

  private final Gallery gallery;

  FacetsApi(Gallery gallery) {
    this.gallery = gallery;
  }

  void count(Exchange exchange) {
    Counts counts = new Counts(Filters.of(exchange, gallery));
    for (EmbeddedFace face : gallery.faces()) {
      counts.add(face.face());
    }
    exchange.json(counts.answer(gallery.size()));
  }

  private static final class Counts {
    private final Filters filters;
    private final LocalDate future = LocalDate.now(ZoneOffset.UTC).plusDays(2);
    private int faces;
    private final Set<String> people = new HashSet<>();
    private final Map<String, Integer> folders = new HashMap<>();
    private final Map<String, Map<String, Integer>> tags = new TreeMap<>();
    private final Map<String, Integer> years = new TreeMap<>();
    private @Nullable LocalDate first;
    private @Nullable LocalDate last;
    private int dated;
    private final int[] quality = new int[STEPS + 1];

    Counts(Filters filters) {
      this.filters = filters;
    }

    void add(FaceRecord face) {
      Object missed = filters.missed(face);
      if (missed == null) {
        faces++;
        face.person().ifPresent(people::add);
        folder(face);
        face.tags().forEach(this::tag);
        taken(face);
        quality(face);
      } else if (missed instanceof Filters.Part part) {
        switch (part.facet()) {
          case FOLDER -> folder(face);
          case TAG ->
              Optional.ofNullable(face.tags().get(part.tag()))
                  .ifPresent(value -> tag(part.tag(), value));
          case TAKEN -> taken(face);
          case QUALITY -> quality(face);
          case PERSON -> {
            // Names are offered as they are typed.
          }
        }
      }
    }

    /** In the folder of its photo and in those around it. */
    private void folder(FaceRecord face) {
      String source = face.source().orElse("");
      if (source.startsWith(KeptPhotos.ROOT)) {
        return;
      }
      String shown = FaceKeys.shownSource(source);
      for (int end = shown.lastIndexOf('/'); end > 0; end = shown.lastIndexOf('/', end - 1)) {
        folders.merge(shown.substring(0, end), 1, Integer::sum);
      }
    }

    private void tag(String name, TagValue value) {
      if (Filters.isOwn(name)) {
        return;
      }
      Map<String, Integer> values = tags.computeIfAbsent(name, key -> new TreeMap<>());
      if (values.size() <= MAX_VALUES || values.containsKey(value.toString())) {
        values.merge(value.toString(), 1, Integer::sum);
      }
    }

    private void taken(FaceRecord face) {
      PhotoTags.taken(face)
          .filter(day -> day.isBefore(future)) // a clock that was never set
          .ifPresent(
              day -> {
                dated++;
                years.merge(Integer.toString(day.getYear()), 1, Integer::sum);
                first = first == null || day.isBefore(first) ? day : first;
                last = last == null || day.isAfter(last) ? day : last;
              });
    }

    private void quality(FaceRecord face) {
      if (face.tags().get(PhotoTags.QUALITY) instanceof TagValue.Numeric number) {
        for (int i = 0; i <= STEPS && number.value() >= i / (double) STEPS; i++) {
          quality[i]++;
        }
      }
    }

    Answers.Facets answer(int gallerySize) {
      return new Answers.Facets(
          faces,
          people.size(),
          gallerySize,
          folders.entrySet().stream()
              .sorted(
                  Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(Map.Entry.comparingByKey()))
              .limit(MAX_FOLDERS)
              .sorted(Map.Entry.comparingByKey())
              .map(Counts::count)
              .toList(),
          tags.entrySet().stream()
              .filter(tag -> tag.getValue().size() <= MAX_VALUES)
              .limit(MAX_TAGS)
              .map(tag -> new Answers.TagCounts(tag.getKey(), counts(tag.getValue())))
              .toList(),
          first == null || last == null
              ? null
              : new Answers.Taken(first.toString(), last.toString(), dated, counts(years)),
          quality[0] == 0 ? List.of() : Arrays.stream(quality).boxed().toList());
    }

    private static List<Answers.Count> counts(Map<String, Integer> values) {
      return values.entrySet().stream().map(Counts::count).toList();
    }

    private static Answers.Count count(Map.Entry<String, Integer> value) {
      return new Answers.Count(value.getKey(), value.getValue());
    }
  }
}
