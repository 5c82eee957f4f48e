package io.facesearch.server;

import io.facesearch.FaceFilter;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.PhotoTags;
import io.facesearch.TagValue;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which faces a client asks for: by person, folder of the photo, tags, day and quality, all of
 * which must match. Immutable and thread-safe.
 */
final class Filters {
  /** The one parameter that may be said again. */
  static final String TAG = "tag";

  /** What requests call them. */
  static final Set<String> NAMES =
      Set.of("person", "folder", TAG, "takenFrom", "takenTo", "quality");

  private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
  private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
  private static final int MAX_TAGS = 10;
  private static final Pattern PERCENT = Pattern.compile("%(?=[0-9A-Fa-f]{2})");

  /** What a part is about; tags count one by one. */
  enum Facet {
    PERSON,
    FOLDER,
    TAG,
    TAKEN,
    QUALITY
  }

  /**
   * One of the filters.
   *
   * @param tag whose values it is about; empty of other facets
   */
  record Part(Facet facet, String tag, FaceFilter filter) {}

  private final List<Part> parts;

  private Filters(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /** What the query of a request asks for. */
  static Filters of(Exchange exchange, Gallery gallery) {
    return read(exchange::queryParam, exchange.queryParams(TAG), gallery);
  }

  /** What a JSON object asks for. */
  static Filters of(Fields fields, Gallery gallery) {
    return read(
        name -> fields.numeral(name).orElse(null),
        fields.has(TAG) ? fields.texts(TAG) : List.of(),
        gallery);
  }

  private static Filters read(
      Function<String, @Nullable String> text, List<String> tags, Gallery gallery) {
    List<Part> parts = new ArrayList<>();
    String person = text.apply("person");
    if (person != null) {
      if (person.isEmpty()) {
        throw Problem.badRequest("person must not be empty; leave it out for everybody");
      }
      parts.add(new Part(Facet.PERSON, "", FaceFilter.person(person)));
    }
    String folder = text.apply("folder");
    if (folder != null) {
      parts.add(new Part(Facet.FOLDER, "", folder(folder, gallery)));
    }
    if (tags.size() > MAX_TAGS) {
      throw Problem.badRequest("there may be at most " + MAX_TAGS + " tags");
    }
    for (String tag : tags) {
      parts.add(tag(tag));
    }
    String from = text.apply("takenFrom");
    String to = text.apply("takenTo");
    if (from != null || to != null) {
      LocalDate first = from == null ? FIRST : day("takenFrom", from);
      LocalDate last = to == null ? LAST : day("takenTo", to);
      if (first.isAfter(last)) {
        throw Problem.badRequest("takenFrom must not be after takenTo");
      }
      parts.add(new Part(Facet.TAKEN, "", FaceFilter.takenBetween(first, last)));
    }
    String quality = text.apply("quality");
    if (quality != null) {
      parts.add(new Part(Facet.QUALITY, "", FaceFilter.qualityAtLeast(share("quality", quality))));
    }
    return new Filters(parts);
  }

  /** Clients know the names of photos without that of the root, as it may be a secret. */
  private static FaceFilter folder(String folder, Gallery gallery) {
    if (folder.isEmpty()) {
      throw Problem.badRequest("folder must not be empty; leave it out for all photos");
    }
    List<FaceFilter> roots = new ArrayList<>();
    // Galleries write a % that looks like an escape as %25; people write it as it is.
    String escaped = PERCENT.matcher(folder).replaceAll("%25");
    for (String root : gallery.folders()) {
      roots.add(FaceFilter.folder(root + "/" + folder));
      if (!escaped.equals(folder)) {
        roots.add(FaceFilter.folder(root + "/" + escaped));
      }
    }
    return new FaceFilter.Or(roots);
  }

  private static Part tag(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw Problem.badRequest("tag must be the name of a tag, = and a value");
    }
    String name = text.substring(0, equals);
    String value = text.substring(equals + 1);
    Set<TagValue> values = new HashSet<>(Set.of(TagValue.of(value)));
    try {
      double number = Double.parseDouble(value);
      if (Double.isFinite(number)) {
        values.add(TagValue.of(number)); // a number is kept as one
      }
    } catch (NumberFormatException e) {
      // A text alone.
    }
    return new Part(Facet.TAG, name, new FaceFilter.Tag(name, values));
  }

  private static LocalDate day(String name, String text) {
    try {
      LocalDate day = LocalDate.parse(text);
      if (!day.isBefore(FIRST) && !day.isAfter(LAST)) {
        return day;
      }
    } catch (DateTimeException e) {
      // It is said below.
    }
    throw Problem.badRequest(name + " must be a day such as 2024-05-17");
  }

  private static double share(String name, String text) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value >= 0 && value <= 1)) {
      throw Problem.badRequest(name + " must be a number between 0 and 1");
    }
    return value;
  }

  /** Equal of filters that ask for the same in the same order. */
  Object key() {
    return parts;
  }

  /** What all of them match. */
  FaceFilter filter() {
    return parts.size() == 1
        ? parts.get(0).filter()
        : new FaceFilter.And(parts.stream().map(Part::filter).toList());
  }

  /**
   * What keeps a face out: null if nothing does, the part if it is one alone, and any other object
   * of several.
   */
  @Nullable Object missed(FaceRecord face) {
    Object missed = null;
    for (Part part : parts) {
      if (!part.filter().matches(face)) {
        if (missed != null) {
          return this;
        }
        missed = part;
      }
    }
    return missed;
  }

  /** Whether a tag is one of the gallery's own, which clients filter by day and quality. */
  static boolean isOwn(String tag) {
    return tag.startsWith(PhotoTags.PREFIX);
  }
}
