package io.facesearch.index.internal.snapshot;

import io.facesearch.TagValue;
import io.facesearch.index.internal.snapshot.Postings.Slice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which faces have which value of one tag. Not thread-safe; what it returns stays as it is. */
final class TagTable {
  private final String name;
  private final Map<String, Postings> texts = new HashMap<>();
  private final Numbers numbers = new Numbers();

  private int read;

  private long textBytes;

  TagTable(String name) {
    this.name = name;
  }

  void follow(Faces now) {
    for (; read < now.size(); read++) {
      TagValue value = now.getOrGone(read).tags().get(name);
      if (value instanceof TagValue.Numeric number) {
        numbers.add(number.value(), read);
      } else if (value instanceof TagValue.Text text) {
        Postings postings = texts.get(text.value());
        if (postings == null) {
          postings = new Postings();
          texts.put(text.value(), postings);
          textBytes += Postings.OVERHEAD + 4;
        }
        textBytes += postings.add(read);
      }
    }
    numbers.sortIn();
  }

  /** So many faces were read. */
  int read() {
    return read;
  }

  List<Slice> of(TagValue value) {
    if (value instanceof TagValue.Numeric number) {
      return between(number.value(), number.value());
    }
    Postings postings = texts.get(((TagValue.Text) value).value());
    return postings == null ? List.of() : List.of(postings.slice());
  }

  List<Slice> between(double min, double max) {
    return numbers.between(min, max);
  }

  long bytes() {
    return textBytes + numbers.bytes();
  }
}
