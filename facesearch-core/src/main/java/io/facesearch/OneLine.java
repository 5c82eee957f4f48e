package io.facesearch;

import java.util.Locale;

/** Texts that people and programs give: one line that all can see and keep. Stateless. */
final class OneLine {
  private OneLine() {}

  /**
   * Checks a text.
   *
   * @param what such as "the id of a face"
   * @param most characters
   * @throws IllegalArgumentException if it is longer, or holds what nobody can see or type; the
   *     message does not repeat the text
   */
  static void check(String what, String text, int most) {
    if (text.length() > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s must have at most %d characters, but has %d; shorten it",
              what,
              most,
              text.length()));
    }
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      int type = Character.getType(c);
      if (Character.isISOControl(c)
          || type == Character.LINE_SEPARATOR
          || type == Character.PARAGRAPH_SEPARATOR
          || type == Character.SURROGATE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s must be one line of text without control characters, but character %d of %d is"
                    + " U+%04X; leave it out",
                what,
                i + 1,
                text.length(),
                c));
      }
    }
  }
}
