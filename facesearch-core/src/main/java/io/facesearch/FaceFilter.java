package io.facesearch;

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
