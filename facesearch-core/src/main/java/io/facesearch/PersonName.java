package io.facesearch;

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
          "the name of a person must not be empty; give it at least one letter");
    }
    OneLine.check("the name of a person", name, LONGEST);
    return name.strip();
  }
}
