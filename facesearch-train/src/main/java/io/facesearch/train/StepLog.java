package io.facesearch.train;

import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The CSV file of a run, with one line a step; writes nothing if none was asked for. */
final class StepLog implements AutoCloseable {
  private final @Nullable PrintWriter out;

  /**
   * Starts a file, or continues it without the lines of steps after the saved state.
   *
   * @param file null for none
   * @param step that comes next
   */
  StepLog(@Nullable Path file, long step) throws IOException {
    if (file == null) {
      out = null;
      return;
    }
    List<String> lines = new ArrayList<>(List.of(StepReport.HEADER));
    if (step > 0 && Files.exists(file)) {
      Files.readAllLines(file).stream()
          .skip(1)
          .filter(line -> line.matches("\\d+,.*"))
          .filter(line -> Long.parseLong(line.substring(0, line.indexOf(','))) < step)
          .forEach(lines::add);
    }
    AtomicFile.writeString(file, String.join("\n", lines) + "\n");
    out = new PrintWriter(PrivateFiles.append(file));
  }

  void write(StepReport report) {
    if (out != null) {
      out.println(report.csv());
      out.flush();
    }
  }

  @Override
  public void close() {
    if (out != null) {
      out.close();
    }
  }
}
