package io.facesearch;

import java.util.Locale;

/**
 * What people may be called when somebody says so: one line of text. Names of folders, and those
 * that a gallery has, are taken as they are. Stateless.
 */
final class PersonName {
  private static final int LONGEST = 1000;

  private PersonName() {}

  /**
   * Checks a name.
   *
   * @return the same without blanks at its ends, which nobody sees
   * @throws IllegalArgumentException if it is blank, longer than 1,000 characters, or holds what
   *     nobody can see or type
   */
  static String check(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "the name of a person must not be empty; give at least one letter");
    }
    if (name.length() > LONGEST) {
      throw new IllegalArgumentException(
          "the name of a person must have at most "
              + LONGEST
              + " characters, but has "
              + name.length()
              + "; shorten it");
    }
    for (int i = 0; i < name.length(); i += Character.charCount(name.codePointAt(i))) {
      int c = name.codePointAt(i);
      int type = Character.getType(c);
      if (Character.isISOControl(c)
          || type == Character.LINE_SEPARATOR
          || type == Character.PARAGRAPH_SEPARATOR
          || type == Character.SURROGATE) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "the name of a person must be one line of text without control characters, but"
                    + " character %d of %d is U+%04X; leave it out",
                i + 1,
                name.length(),
                c));
      }
    }
    return name.strip();
  }
}
