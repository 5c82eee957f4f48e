package io.facesearch.cli;

import java.util.regex.Pattern;

/** Words of commands that are printed to be copied. */
final class ShellWord {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");

  private ShellWord() {}

  /** One word of a POSIX shell, whatever it holds: names of files are other people's data. */
  static String of(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
