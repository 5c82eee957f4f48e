package io.facesearch;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Which faces a search may return, by person and tags. An index tests it during the search, so that
 * the k nearest faces that match come back. Immutable and thread-safe.
 *
 * <pre>{@code
 * FaceFilter.tag("camera", "door").and(FaceFilter.tagBetween("year", 2020, 2026)).and(
 *     FaceFilter.person("Ann").not())
 * }</pre>
 */
public sealed interface FaceFilter {
  /**
   * Tells whether a face may be returned.
   *
   * @param face a face of the gallery
   * @return true if it may
   */
  boolean matches(FaceRecord face);

  /**
   * Faces of certain people.
   *
   * @param names any of them; faces of nobody known never match
   */
  record Person(Set<String> names) implements FaceFilter {
    /** Copies the names. */
    public Person {
      names = Set.copyOf(names);
    }

    @Override
    public boolean matches(FaceRecord face) {
      return face.person().isPresent() && names.contains(face.person().get());
    }
  }

  /**
   * Faces with a tag of certain values.
   *
   * @param name of the tag
   * @param values any of them; faces without the tag never match
   */
  record Tag(String name, Set<TagValue> values) implements FaceFilter {
    /** Copies the values. */
    public Tag {
      Objects.requireNonNull(name, "name");
      values = Set.copyOf(values);
    }

    @Override
    public boolean matches(FaceRecord face) {
      TagValue value = face.tags().get(name);
      return value != null && values.contains(value);
    }
  }

  /**
   * Faces with a number within a range.
   *
   * @param name of the tag; faces without it, or with a text, never match
   * @param min the least, included; −∞ for none
   * @param max the greatest, included; ∞ for none
   */
  record TagRange(String name, double min, double max) implements FaceFilter {
    /** Checks that the range holds a number. */
    public TagRange {
      Objects.requireNonNull(name, "name");
      if (!(min <= max)) {
        throw new IllegalArgumentException(
            "the range of tag \""
                + name
                + "\" must have min <= max, but is: "
                + min
                + " to "
                + max);
      }
    }

    @Override
    public boolean matches(FaceRecord face) {
      return face.tags().get(name) instanceof TagValue.Numeric number
          && number.value() >= min
          && number.value() <= max;
    }
  }

  /**
   * Faces of photos in a folder or below it. An index reads all records for it.
   *
   * @param name begins with the name of the root ({@link PhotoRoot}), such as {@code
   *     photos/holidays}; faces without a source never match
   */
  record Folder(String name) implements FaceFilter {
    /** Checks that it is not empty, and takes a slash from its end. */
    public Folder {
      name = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
      if (name.isEmpty()) {
        throw new IllegalArgumentException(
            "the name of a folder must not be empty; it begins with the name of the root");
      }
    }

    @Override
    public boolean matches(FaceRecord face) {
      String source = face.source().orElse("");
      return source.length() > name.length()
          && source.charAt(name.length()) == '/'
          && source.startsWith(name);
    }
  }

  /**
   * Faces that all of some filters match.
   *
   * @param filters all of them; none matches every face
   */
  record And(List<FaceFilter> filters) implements FaceFilter {
    /** Copies the list. */
    public And {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean matches(FaceRecord face) {
      for (FaceFilter filter : filters) {
        if (!filter.matches(face)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Faces that any of some filters matches.
   *
   * @param filters any of them; none matches no face
   */
  record Or(List<FaceFilter> filters) implements FaceFilter {
    /** Copies the list. */
    public Or {
      filters = List.copyOf(filters);
    }

    @Override
    public boolean matches(FaceRecord face) {
      for (FaceFilter filter : filters) {
        if (filter.matches(face)) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Faces that a filter does not match.
   *
   * @param filter the filter
   */
  record Not(FaceFilter filter) implements FaceFilter {
    /** Checks that it is there. */
    public Not {
      Objects.requireNonNull(filter, "filter");
    }

    @Override
    public boolean matches(FaceRecord face) {
      return !filter.matches(face);
    }
  }

  /** {@return a filter that every face passes} */
  static FaceFilter all() {
    return new And(List.of());
  }

  /**
   * Faces of certain people.
   *
   * @param names any of them
   * @return the filter
   */
  static FaceFilter person(String... names) {
    return new Person(new HashSet<>(List.of(names)));
  }

  /**
   * Faces with a tag of certain texts.
   *
   * @param name of the tag
   * @param values any of them
   * @return the filter
   */
  static FaceFilter tag(String name, String... values) {
    Set<TagValue> set = new HashSet<>();
    for (String value : values) {
      set.add(TagValue.of(value));
    }
    return new Tag(name, set);
  }

  /**
   * Faces with a tag of certain numbers.
   *
   * @param name of the tag
   * @param values any of them, finite
   * @return the filter
   */
  static FaceFilter tag(String name, double... values) {
    Set<TagValue> set = new HashSet<>();
    for (double value : values) {
      set.add(TagValue.of(value));
    }
    return new Tag(name, set);
  }

  /**
   * Faces with a number within a range.
   *
   * @param name of the tag
   * @param min the least, included; −∞ for none
   * @param max the greatest, included; ∞ for none
   * @return the filter
   */
  static FaceFilter tagBetween(String name, double min, double max) {
    return new TagRange(name, min, max);
  }

  /**
   * Faces of photos in a folder or below it.
   *
   * @param name begins with the name of the root ({@link PhotoRoot}), such as {@code
   *     photos/holidays}
   * @return the filter
   */
  static FaceFilter folder(String name) {
    return new Folder(name);
  }

  /**
   * Faces of photos that were taken within some days, by {@link PhotoTags#TAKEN}.
   *
   * @param from the first day, included
   * @param to the last day, included
   * @return the filter; photos that do not tell their day never match
   */
  static FaceFilter takenBetween(LocalDate from, LocalDate to) {
    if (from.isAfter(to)) {
      throw new IllegalArgumentException(
          "the first day must not be after the last, but they are: " + from + " and " + to);
    }
    return new TagRange(PhotoTags.TAKEN, PhotoTags.number(from), PhotoTags.number(to));
  }

  /**
   * Faces that are so well suited for recognition, by {@link PhotoTags#QUALITY}.
   *
   * @param least 0 to 1; from .5 on nothing is beyond its limit
   * @return the filter; faces whose quality is not known never match
   */
  static FaceFilter qualityAtLeast(double least) {
    return new TagRange(PhotoTags.QUALITY, least, Double.POSITIVE_INFINITY);
  }

  /**
   * Faces that this and another filter match.
   *
   * @param other the other
   * @return the filter
   */
  default FaceFilter and(FaceFilter other) {
    return new And(joined(this instanceof And and ? and.filters() : List.of(this), other));
  }

  /**
   * Faces that this or another filter matches.
   *
   * @param other the other
   * @return the filter
   */
  default FaceFilter or(FaceFilter other) {
    return new Or(joined(this instanceof Or or ? or.filters() : List.of(this), other));
  }

  /** Long chains are one list, not a deep tree. */
  private static List<FaceFilter> joined(List<FaceFilter> filters, FaceFilter other) {
    List<FaceFilter> joined = new ArrayList<>(filters);
    joined.add(other);
    return joined;
  }

  /** {@return a filter for the faces that this one does not match} */
  default FaceFilter not() {
    return new Not(this);
  }
}
