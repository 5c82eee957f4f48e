package io.facesearch.cli;

import java.io.Console;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is, on stderr: a bar on a terminal, with colors unless {@code NO_COLOR} is set;
 * elsewhere a line every ten seconds. Thread-safe.
 */
final class Progress implements AutoCloseable {
  private static final long BETWEEN_LINES = 10_000_000_000L;

  private final String task;
  private final String unit;

  /** Null on a terminal, and if nothing is to be said. */
  private final @Nullable PrintWriter lines;

  /** Null but on a terminal. */
  private final @Nullable ProgressBar bar;

  private long last = System.nanoTime();

  private Progress(
      String task, String unit, @Nullable PrintWriter lines, @Nullable ProgressBar bar) {
    this.task = task;
    this.unit = unit;
    this.lines = lines;
    this.bar = bar;
  }

  /**
   * Starts.
   *
   * @param err null to say nothing
   */
  static Progress of(String task, String unit, @Nullable PrintWriter err) {
    if (err == null || !isTerminal()) {
      return new Progress(task, unit, err, null);
    }
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setUnit(" " + unit, 1)
            .setInitialMax(-1)
            .showSpeed();
    String noColor = System.getenv("NO_COLOR"); // https://no-color.org
    if (noColor != null && !noColor.isEmpty() || "dumb".equals(System.getenv("TERM"))) {
      builder.setStyle(ProgressBarStyle.ASCII);
    }
    return new Progress(task, unit, null, builder.build());
  }

  /** Java 22 and later have a console without a terminal, too. */
  @SuppressWarnings("SystemConsoleNull") // newer ones are asked below
  static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  /**
   * Tells how far it is.
   *
   * @param total -1 if it is not known
   * @param extra what else there is to say, may be empty
   */
  synchronized void report(long done, long total, String extra) {
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(done);
      bar.setExtraMessage(extra.isEmpty() ? "" : " " + extra);
    } else if (lines != null && System.nanoTime() - last > BETWEEN_LINES) {
      last = System.nanoTime();
      lines.println(
          task
              + ": "
              + done
              + (total < 0 ? "" : " of " + total)
              + " "
              + unit
              + (extra.isEmpty() ? "" : ", " + extra));
      lines.flush();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
