package io.facesearch.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A command that ran in this process, as a user runs it.
 *
 * @param status its exit status
 * @param text what it printed, to both streams
 * @param out what it printed to stdout
 */
record Run(int status, String text, String out) {
  static Run run(Object... args) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    System.setOut(new PrintStream(new Tee(both, data), true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(both, true, StandardCharsets.UTF_8));
    try {
      String[] words = new String[args.length];
      for (int i = 0; i < args.length; i++) {
        words[i] = args[i].toString();
      }
      int status = FaceSearchCommand.run(words);
      return new Run(
          status, both.toString(StandardCharsets.UTF_8), data.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** The lines of stdout. */
  List<String> lines() {
    return out.lines().toList();
  }

  private static final class Tee extends OutputStream {
    private final OutputStream first;
    private final OutputStream second;

    Tee(OutputStream first, OutputStream second) {
      this.first = first;
      this.second = second;
    }

    @Override
    public void write(int b) throws java.io.IOException {
      first.write(b);
      second.write(b);
    }
  }
}
