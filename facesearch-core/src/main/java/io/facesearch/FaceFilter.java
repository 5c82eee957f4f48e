package io.facesearch;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A condition on the faces that a search may return. It is tested during the search, not
 * afterwards, so the search returns the k nearest faces that match. Immutable and thread-safe.
 *
 * <pre>{@code
 * FaceFilter.tag("camera", "door").and(FaceFilter.tagBetween("year", 2020, 2026)).and(
 *     FaceFilter.person("Ann").not())
 * }</pre>
 */
public sealed interface FaceFilter {
  /**
   * Returns whether a face matches.
   *
   * @param face a face of the gallery
   * @return true if a search may return it
   */
  boolean matches(FaceRecord face);

  /**
   * Matches the faces of certain people.
   *
   * @param names any of these; faces without a name never match
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
   * Matches faces with a tag that has one of certain values.
   *
   * @param name of the tag
   * @param values any of these; faces without the tag never match
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
   * Matches faces with a tag whose value is a number within a range.
   *
   * @param name of the tag; faces without it, or whose value is a text, never match
   * @param min the least value, inclusive; −∞ for no limit
   * @param max the greatest value, inclusive; ∞ for no limit
   */
  record TagRange(String name, double min, double max) implements FaceFilter {
    /** Checks that the range is not empty. */
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
   * Matches faces of photos in a folder or its subfolders. To apply it, an index goes through all
   * records.
   *
   * @param name of the folder, beginning with the name of its root ({@link PhotoRoot}), such as
   *     {@code photos/holidays}; faces without a source never match
   */
  record Folder(String name) implements FaceFilter {
    /** Checks that the name is not empty, and removes a trailing slash. */
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
   * Matches the faces that all of several filters match.
   *
   * @param filters the filters; an empty list matches every face
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
   * Matches the faces that any of several filters matches.
   *
   * @param filters the filters; an empty list matches no face
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
   * Matches the faces that a filter does not match.
   *
   * @param filter the filter
   */
  record Not(FaceFilter filter) implements FaceFilter {
    /** Checks that it is not null. */
    public Not {
      Objects.requireNonNull(filter, "filter");
    }

    @Override
    public boolean matches(FaceRecord face) {
      return !filter.matches(face);
    }
  }

  /** {@return a filter that matches every face} */
  static FaceFilter all() {
    return new And(List.of());
  }

  /**
   * Matches the faces of certain people.
   *
   * @param names any of these
   * @return the filter
   */
  static FaceFilter person(String... names) {
    return new Person(new HashSet<>(List.of(names)));
  }

  /**
   * Matches faces with a tag that has one of certain texts as its value.
   *
   * @param name of the tag
   * @param values any of these
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
   * Matches faces with a tag that has one of certain numbers as its value.
   *
   * @param name of the tag
   * @param values any of these, finite
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
   * Matches faces with a tag whose value is a number within a range.
   *
   * @param name of the tag
   * @param min the least value, inclusive; −∞ for no limit
   * @param max the greatest value, inclusive; ∞ for no limit
   * @return the filter
   */
  static FaceFilter tagBetween(String name, double min, double max) {
    return new TagRange(name, min, max);
  }

  /**
   * Matches faces of photos in a folder or its subfolders.
   *
   * @param name of the folder, beginning with the name of its root ({@link PhotoRoot}), such as
   *     {@code photos/holidays}
   * @return the filter
   */
  static FaceFilter folder(String name) {
    return new Folder(name);
  }

  /**
   * Matches faces of photos that were taken within a range of days, by {@link PhotoTags#TAKEN}.
   *
   * @param from the first day, inclusive
   * @param to the last day, inclusive
   * @return the filter; photos whose day is unknown never match
   */
  static FaceFilter takenBetween(LocalDate from, LocalDate to) {
    if (from.isAfter(to)) {
      throw new IllegalArgumentException(
          "the first day must not be after the last, but they are: " + from + " and " + to);
    }
    return new TagRange(PhotoTags.TAKEN, PhotoTags.number(from), PhotoTags.number(to));
  }

  /**
   * Matches faces of at least a given quality, by {@link PhotoTags#QUALITY}.
   *
   * @param least 0 to 1; with .5 or more, no measure of a matching face is beyond its limit
   * @return the filter; faces of unknown quality never match
   */
  static FaceFilter qualityAtLeast(double least) {
    return new TagRange(PhotoTags.QUALITY, least, Double.POSITIVE_INFINITY);
  }

  /**
   * Matches the faces that both this filter and another match.
   *
   * @param other the other
   * @return the filter
   */
  default FaceFilter and(FaceFilter other) {
    return new And(joined(this instanceof And and ? and.filters() : List.of(this), other));
  }

  /**
   * Matches the faces that this filter or another matches.
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

  /** {@return a filter that matches the faces that this one does not match} */
  default FaceFilter not() {
    return new Not(this);
  }
}
