package io.facesearch.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.Locale;

/**
 * Prints what all commands print. Names of files and people are what others chose: control
 * characters in them would be orders to the terminal, and directional marks would show another name
 * than it is. So they are written as escapes, such as {@code \n}; no other control character than
 * the end of a line passes. Thread-safe as its base is.
 */
final class TerminalWriter extends PrintWriter {
  /** What is printed to a stream, flushed at the end of each line. */
  TerminalWriter(OutputStream stream) {
    super(new Visible(new OutputStreamWriter(stream, charset())), true);
  }

  /** Of the terminal, which {@code System.out} does not tell before Java 18. */
  private static Charset charset() {
    String name = System.getProperty("stdout.encoding", System.getProperty("sun.stdout.encoding"));
    return name != null && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }

  /** A text in one line, with escapes for what is not to be seen. */
  static String visible(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (pair) {
        clean.append(c).append(text.charAt(++i));
      } else {
        appendVisible(clean, c);
      }
    }
    return clean.toString();
  }

  private static void appendVisible(StringBuilder to, char c) {
    switch (c) {
      case '\n' -> to.append("\\n");
      case '\r' -> to.append("\\r");
      case '\t' -> to.append("\\t");
      default -> {
        if (isUnseen(c) || Character.isSurrogate(c)) {
          to.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
        } else {
          to.append(c);
        }
      }
    }
  }

  /** Control characters (C0, DEL, C1), ends of lines, and marks that change the direction. */
  private static boolean isUnseen(char c) {
    return Character.isISOControl(c)
        || c == '\u061C'
        || c == '\u200E'
        || c == '\u200F'
        || c >= '\u2028' && c <= '\u202E'
        || c >= '\u2066' && c <= '\u2069'
        || c == '\uFEFF';
  }

  @Override
  public void println(String text) {
    super.println(visible(String.valueOf(text)));
  }

  /** Also the lines of a stack trace, which begin with a tab. */
  @Override
  public void println(Object value) {
    String text = String.valueOf(value);
    super.println(text.startsWith("\tat ") ? "        " + visible(text.strip()) : visible(text));
  }

  @Override
  public PrintWriter format(String format, Object... args) {
    return super.format(format, visible(args));
  }

  @Override
  public PrintWriter format(Locale locale, String format, Object... args) {
    return super.format(locale, format, visible(args));
  }

  private static Object[] visible(Object... args) {
    Object[] clean = args.clone();
    for (int i = 0; i < clean.length; i++) {
      if (clean[i] != null && !(clean[i] instanceof Number)) {
        clean[i] = visible(clean[i].toString());
      }
    }
    return clean;
  }

  /** The last guard, for texts of several lines, such as those of picocli. */
  private static final class Visible extends FilterWriter {
    Visible(Writer out) {
      super(out);
    }

    @Override
    public void write(int c) throws IOException {
      char one = (char) c;
      if (one == '\n' || one == '\r' && System.lineSeparator().startsWith("\r")) {
        out.write(one);
      } else if (one == '\t' || isUnseen(one)) {
        StringBuilder escape = new StringBuilder();
        appendVisible(escape, one);
        out.write(escape.toString());
      } else {
        out.write(one);
      }
    }

    @Override
    public void write(char[] buffer, int from, int count) throws IOException {
      for (int i = from; i < from + count; i++) {
        write(buffer[i]);
      }
    }

    @Override
    public void write(String text, int from, int count) throws IOException {
      for (int i = from; i < from + count; i++) {
        write(text.charAt(i));
      }
    }
  }
}
