package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.KeptPhotos;
import io.facesearch.PhotoTags;
import io.facesearch.TagValue;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tells how many faces each filter would leave, beside the others that are set: a filter's own
 * choice does not narrow what it offers. Goes through all faces once for each choice; answers are
 * kept until the gallery changes. Thread-safe.
 */
final class FacetsApi {
  private static final int MAX_FOLDERS = 500;
  private static final int MAX_TAGS = 100;

  /** A tag with more values is no choice, but an id, or a measure. */
  private static final int MAX_VALUES = 50;

  private static final int STEPS = 10;

  /** So many answers are kept, of a few kilobytes each. */
  private static final int KEPT = 64;

  private final Gallery gallery;

  /** By what was asked; those asked for longest ago go first. */
  private final Map<Object, Answers.Facets> answers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Answers.Facets> eldest) {
          return size() > KEPT;
        }
      };

  /** Of the gallery that the answers are of. */
  private long version = -1;

  FacetsApi(Gallery gallery) {
    this.gallery = gallery;
  }

  void count(Exchange exchange) {
    Filters filters = Filters.of(exchange, gallery);
    long now = gallery.version(); // before: what changes meanwhile is counted the next time
    Answers.Facets answer = known(now, filters);
    if (answer == null) {
      Counts counts = new Counts(filters);
      List<EmbeddedFace> faces = gallery.faces();
      for (EmbeddedFace face : faces) {
        counts.add(face.face());
      }
      answer = counts.answer(faces.size());
      keep(now, filters, answer);
    }
    exchange.json(answer);
  }

  private synchronized Answers.@Nullable Facets known(long now, Filters filters) {
    if (version != now) {
      answers.clear();
    }
    return answers.get(filters.key());
  }

  private synchronized void keep(long now, Filters filters, Answers.Facets answer) {
    if (version < now) {
      answers.clear();
      version = now;
    }
    if (version == now) {
      answers.put(filters.key(), answer);
    }
  }

  private static final class Counts {
    private final Filters filters;

    /** A clock that was never set tells days to come. */
    private final int future = number(LocalDate.now(ZoneOffset.UTC).plusDays(2));

    private int faces;
    private final Set<String> people = new HashSet<>();

    /** By the folder that a photo lies in, as the gallery calls it. */
    private final Map<String, Integer> folders = new HashMap<>();

    private final Map<String, Map<TagValue, Integer>> tags = new TreeMap<>();

    /** By the number of the day. */
    private final Map<Integer, Integer> days = new TreeMap<>();

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

    private void folder(FaceRecord face) {
      String source = face.source().orElse("");
      int end = source.lastIndexOf('/');
      if (end > 0 && !source.startsWith(KeptPhotos.ROOT)) {
        folders.merge(source.substring(0, end), 1, Integer::sum);
      }
    }

    /** Each with those below it, as clients know them. */
    private Map<String, Integer> shownFolders() {
      Map<String, Integer> shown = new HashMap<>();
      folders.forEach(
          (folder, n) -> {
            String name = FaceKeys.shownSource(folder + "/");
            for (int end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
              shown.merge(name.substring(0, end), n, Integer::sum);
            }
          });
      return shown;
    }

    private void tag(String name, TagValue value) {
      if (Filters.isOwn(name)) {
        return;
      }
      Map<TagValue, Integer> values = tags.computeIfAbsent(name, key -> new HashMap<>());
      if (values.size() <= MAX_VALUES || values.containsKey(value)) {
        values.merge(value, 1, Integer::sum);
      }
    }

    private void taken(FaceRecord face) {
      if (face.tags().get(PhotoTags.TAKEN) instanceof TagValue.Numeric number
          && number.value() < future) {
        days.merge((int) number.value(), 1, Integer::sum);
      }
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
          shownFolders().entrySet().stream()
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
              .map(tag -> new Answers.TagCounts(tag.getKey(), values(tag.getValue())))
              .toList(),
          taken(),
          quality[0] == 0 ? List.of() : Arrays.stream(quality).boxed().toList());
    }

    /** Null if no photo tells its day. */
    private Answers.@Nullable Taken taken() {
      LocalDate first = null;
      LocalDate last = null;
      int dated = 0;
      Map<String, Integer> years = new TreeMap<>();
      for (Map.Entry<Integer, Integer> one : days.entrySet()) {
        Optional<LocalDate> day = day(one.getKey());
        if (day.isPresent()) { // else a tag of the same name that somebody set
          first = first == null ? day.get() : first;
          last = day.get();
          dated += one.getValue();
          years.merge(Integer.toString(last.getYear()), one.getValue(), Integer::sum);
        }
      }
      return first == null || last == null
          ? null
          : new Answers.Taken(
              first.toString(),
              last.toString(),
              dated,
              years.entrySet().stream().map(Counts::count).toList());
    }

    private static Optional<LocalDate> day(int number) {
      try {
        return Optional.of(LocalDate.of(number / 10_000, number / 100 % 100, number % 100));
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }

    private static int number(LocalDate day) {
      return 10_000 * day.getYear() + 100 * day.getMonthValue() + day.getDayOfMonth();
    }

    /** Texts and numbers that are written alike are one. */
    private static List<Answers.Count> values(Map<TagValue, Integer> values) {
      Map<String, Integer> byText = new TreeMap<>();
      values.forEach((value, n) -> byText.merge(value.toString(), n, Integer::sum));
      return byText.entrySet().stream().map(Counts::count).toList();
    }

    private static Answers.Count count(Map.Entry<String, Integer> value) {
      return new Answers.Count(value.getKey(), value.getValue());
    }
  }
}
