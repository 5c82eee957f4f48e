package io.facesearch.benchmarks;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.facesearch.index.IndexStats;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The results of {@link IndexPeers} for one data set and k, in a JSON file. Not thread-safe. */
final class PeerResults {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  /**
   * One measurement, with the time of facesearch's exact search in the same run.
   *
   * @param ratio quiet time / quiet time of facesearch exact
   */
  record Line(
      String name, double buildSeconds, double median, double quiet, double recall, double ratio) {}

  /** What the file holds. */
  private static final class Content {
    private String data = "";
    private int vectors;
    private int k;
    private String java = "";
    private @Nullable IndexStats exact;
    private @Nullable IndexStats approximate;
    private List<Line> lines = new ArrayList<>();
  }

  private final Path file;
  private final Content content;

  private PeerResults(Path file, Content content) {
    this.file = file;
    this.content = content;
  }

  /**
   * Opens a file that may be there already.
   *
   * @throws IllegalArgumentException if it is about other data or another Java release
   */
  static PeerResults open(Path file, PeerData data) throws IOException {
    Content content = new Content();
    content.data = data.kind();
    content.vectors = data.count();
    content.k = data.k();
    content.java = System.getProperty("java.vm.version");
    PeerResults results = new PeerResults(file, content);
    if (Files.exists(file)) {
      PeerResults old = read(file);
      if (!old.header().equals(results.header())) {
        throw new IllegalArgumentException(
            file
                + " is about "
                + old.header()
                + ", not about "
                + results.header()
                + "; name another file");
      }
      return old;
    }
    return results;
  }

  /** Reads a file. */
  static PeerResults read(Path file) throws IOException {
    return new PeerResults(file, GSON.fromJson(Files.readString(file), Content.class));
  }

  private String header() {
    return title() + ", Java " + content.java;
  }

  /** Data set, number of vectors and k. */
  String title() {
    return String.format(
        Locale.ROOT, "%s, %,d vectors, k = %d", content.data, content.vectors, content.k);
  }

  int vectors() {
    return content.vectors;
  }

  int k() {
    return content.k;
  }

  List<Line> lines() {
    return List.copyOf(content.lines);
  }

  void exact(IndexStats stats) {
    content.exact = stats;
  }

  void approximate(IndexStats stats) {
    content.approximate = stats;
  }

  /**
   * Adds measurements; they replace older ones of the same name.
   *
   * @param exact facesearch's exact search in the same run
   */
  void add(List<Measurement> measured, Measurement exact) {
    double unit = exact.quiet();
    for (Measurement m : measured) {
      Line line =
          new Line(m.name(), m.buildSeconds(), m.median(), m.quiet(), m.recall(), m.quiet() / unit);
      int at = 0;
      while (at < content.lines.size() && !content.lines.get(at).name().equals(m.name())) {
        at++;
      }
      if (at < content.lines.size()) {
        content.lines.set(at, line);
      } else {
        content.lines.add(line);
      }
    }
  }

  void write() throws IOException {
    if (file.toAbsolutePath().getParent() != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
    }
    Files.writeString(file, GSON.toJson(content) + "\n");
  }

  void print(PrintStream out) {
    out.printf(Locale.ROOT, "%s%n", header());
    memory(out, "exact", content.exact);
    memory(out, "approximate", content.approximate);
    out.println();
    out.println("| | build s | median µs | quiet µs | ratio | recall |");
    out.println("| --- | --- | --- | --- | --- | --- |");
    for (Line line : content.lines) {
      out.printf(
          Locale.ROOT,
          "| %s | %.2f | %.1f | %.1f | %.2f | %.4f |%n",
          line.name(),
          line.buildSeconds(),
          line.median(),
          line.quiet(),
          line.ratio(),
          line.recall());
    }
  }

  private static void memory(PrintStream out, String name, @Nullable IndexStats stats) {
    if (stats != null) {
      out.printf(
          Locale.ROOT,
          "%s: memory %.3f times the vectors, %d leaves, kernel %s%n",
          name,
          stats.ratio(),
          stats.leaves(),
          stats.kernel());
    }
  }
}
