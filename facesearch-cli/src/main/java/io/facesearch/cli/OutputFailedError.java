package io.facesearch.cli;

import java.io.IOException;
import java.util.Locale;

/**
 * Standard output takes no more: its reader is gone, or its disk is full. Ends a command; an error,
 * so that nothing on the way takes it for a failure of its own.
 */
final class OutputFailedError extends Error {
  private static final long serialVersionUID = 1;

  /** As shells say it of a program that SIGPIPE ended. */
  private static final int BROKEN_PIPE = 141;

  /** In words of the system. */
  private final String why;

  OutputFailedError(IOException cause) {
    super(cause);
    why = String.valueOf(cause.getMessage());
  }

  private boolean isBrokenPipe() {
    return why.toLowerCase(Locale.ROOT).contains("broken pipe");
  }

  /** What to say of it. */
  String words() {
    return isBrokenPipe()
        ? "stopped, as nobody reads what is printed any more (broken pipe)"
        : "stopped, as what is printed cannot be written: " + why;
  }

  int status() {
    return isBrokenPipe() ? BROKEN_PIPE : 1;
  }
}
