package io.facesearch.solr;

import io.facesearch.FaceFilter;
import io.facesearch.TagValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.solr.common.params.ModifiableSolrParams;

/**
 * A {@link FaceFilter} as a query of Solr. Every text is a parameter of its own, which the query
 * names, so that nothing of it is read as syntax.
 */
final class FilterQuery {
  /** Between the values of {@code terms}; in a value it is escaped. */
  private static final char SEPARATOR = '\u001F';

  private static final String NONE = "kind:none";

  private final ModifiableSolrParams params;

  private FilterQuery(ModifiableSolrParams params) {
    this.params = params;
  }

  /** Adds a filter to a request. */
  static void add(ModifiableSolrParams params, FaceFilter filter) {
    if (!filter.equals(FaceFilter.all())) {
      addQuery(params, new FilterQuery(params).query(filter));
    }
  }

  /** Adds the filter of faces that {@link io.facesearch.FaceRecord#concerns} takes. */
  static void addConcerns(ModifiableSolrParams params, String person) {
    FilterQuery own = new FilterQuery(params);
    String named = own.name(own.terms(Fields.PERSON, List.of(Fields.text(person))));
    String inPhoto = own.name(own.terms(Fields.PHOTO_OF, List.of(Fields.text(person))));
    String nameless =
        own.name("{!bool must=$" + inPhoto + " must_not=$" + own.name(someone()) + "}");
    addQuery(params, "{!bool should=$" + named + " should=$" + nameless + "}");
  }

  /** Adds the filter of faces of others in photos of a person. */
  static void addMentions(ModifiableSolrParams params, String person) {
    FilterQuery own = new FilterQuery(params);
    String inPhoto = own.name(own.terms(Fields.PHOTO_OF, List.of(Fields.text(person))));
    String named = own.name(own.terms(Fields.PERSON, List.of(Fields.text(person))));
    addQuery(
        params,
        "{!bool must=$" + inPhoto + " must=$" + own.name(someone()) + " must_not=$" + named + "}");
  }

  private static String someone() {
    return Fields.PERSON + ":[* TO *]";
  }

  /** Adds the filter of documents with one of some values. */
  static void addTerms(ModifiableSolrParams params, String field, Collection<String> values) {
    addQuery(params, new FilterQuery(params).terms(field, values));
  }

  private static void addQuery(ModifiableSolrParams params, String query) {
    params.add("fq", "{!bool cache=false filter=$" + new FilterQuery(params).name(query) + "}");
  }

  private String query(FaceFilter filter) {
    if (filter instanceof FaceFilter.Person person) {
      return terms(Fields.PERSON, person.names().stream().map(Fields::text).toList());
    } else if (filter instanceof FaceFilter.Tag tag) {
      return tag(tag);
    } else if (filter instanceof FaceFilter.TagRange range) {
      if (range.min() == Double.POSITIVE_INFINITY || range.max() == Double.NEGATIVE_INFINITY) {
        return NONE; // numbers of tags are finite
      }
      return Fields.numberTag(range.name())
          + ":["
          + bound(range.min())
          + " TO "
          + bound(range.max())
          + "]";
    } else if (filter instanceof FaceFilter.And and) {
      return and.filters().isEmpty() ? "*:*" : bool("filter", and.filters());
    } else if (filter instanceof FaceFilter.Or or) {
      return or.filters().isEmpty() ? NONE : bool("should", or.filters());
    } else if (filter instanceof FaceFilter.Not not) {
      return "{!bool filter=$" + name("*:*") + " must_not=$" + name(query(not.filter())) + "}";
    }
    throw new IllegalArgumentException("a kind of filter that is not known: " + filter.getClass());
  }

  private static String bound(double value) {
    return Double.isInfinite(value) ? "*" : Double.toString(value);
  }

  private String tag(FaceFilter.Tag tag) {
    List<String> texts = new ArrayList<>();
    List<String> numbers = new ArrayList<>();
    for (TagValue value : tag.values()) {
      if (value instanceof TagValue.Numeric number) {
        numbers.add(Double.toString(number.value()));
      } else if (value instanceof TagValue.Text text) {
        texts.add(Fields.text(text.value()));
      }
    }
    if (numbers.isEmpty()) {
      return terms(Fields.textTag(tag.name()), texts);
    }
    String some = terms(Fields.numberTag(tag.name()), numbers);
    return texts.isEmpty()
        ? some
        : "{!bool should=$"
            + name(some)
            + " should=$"
            + name(terms(Fields.textTag(tag.name()), texts))
            + "}";
  }

  private String bool(String how, List<FaceFilter> filters) {
    StringBuilder query = new StringBuilder("{!bool");
    for (FaceFilter filter : filters) {
      query.append(' ').append(how).append("=$").append(name(query(filter)));
    }
    return query.append('}').toString();
  }

  private String terms(String field, Collection<String> values) {
    if (values.isEmpty()) {
      return NONE;
    }
    // One value is taken as it is, whatever it holds.
    if (values.size() == 1 && !field.startsWith("n_")) {
      return "{!term f=" + field + " v=$" + name(values.iterator().next()) + "}";
    }
    for (String value : values) {
      if (value.indexOf(SEPARATOR) >= 0) {
        return either(field, values);
      }
    }
    String separator = name(String.valueOf(SEPARATOR));
    String all = name(String.join(String.valueOf(SEPARATOR), values));
    return "{!terms f=" + field + " separator=$" + separator + " v=$" + all + "}";
  }

  private String either(String field, Collection<String> values) {
    StringBuilder query = new StringBuilder("{!bool");
    for (String value : values) {
      query.append(" should=$").append(name(terms(field, List.of(value))));
    }
    return query.append('}').toString();
  }

  /** Sets a parameter, and gives its name. */
  private String name(String value) {
    String name = "p" + params.size();
    params.set(name, value);
    return name;
  }
}
