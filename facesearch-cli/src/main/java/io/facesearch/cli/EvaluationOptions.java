package io.facesearch.cli;

import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceEmbedder;
import io.facesearch.FaceSearchException;
import io.facesearch.eval.EmbeddedPhoto;
import io.facesearch.eval.EmbeddingCache;
import io.facesearch.eval.LabeledFace;
import io.facesearch.eval.Report;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.LeftOut;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all evaluations share: the cache, the pipeline, where the report goes. */
final class EvaluationOptions {
  @Option(
      names = "--cache",
      paramLabel = "FILE",
      defaultValue = "embeddings.fse",
      description = "Keeps embeddings, made if missing (default: ${DEFAULT-VALUE}).")
  private Path cache;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Also write report.html, report.json and CSV files there.")
  private @Nullable Path out;

  @Option(
      names = "--choice",
      paramLabel = "CHOICE",
      description = "Which face of a photo is meant: ${COMPLETION-CANDIDATES}.")
  private @Nullable FaceChoice choice;

  @Option(
      names = "--haar",
      description = "Detect with the Haar cascade alone; photos it finds no face in are dropped.")
  private boolean haar;

  @Mixin private ModelOption model;

  static void describe(FaceDataset dataset, Report report) {
    report.note(dataset.toString());
    for (LeftOut out : dataset.leftOut()) {
      report.note(
          "left out: "
              + out.count()
              + " "
              + out.reason()
              + " (such as "
              + out.examples().get(0)
              + ")");
    }
  }

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  FaceAnalyzer open(FaceChoice byDefault) throws IOException {
    FaceAnalyzer.Builder builder =
        FaceAnalyzer.builder().choice(choice == null ? byDefault : choice);
    return model.analyzer(haar ? builder.detector("haar") : builder);
  }

  /** The same with another model. */
  FaceAnalyzer open(FaceChoice byDefault, String option, String name) throws IOException {
    FaceEmbedder embedder = model.named(option, name);
    try {
      FaceAnalyzer.Builder builder =
          FaceAnalyzer.builder().choice(choice == null ? byDefault : choice).embedder(embedder);
      return (haar ? builder.detector("haar") : builder).build();
    } catch (RuntimeException e) {
      embedder.close();
      throw e;
    }
  }

  /** Embeds with a progress bar, and returns all by their files; on Ctrl-C what is done is kept. */
  Map<Path, EmbeddedPhoto> embed(FaceAnalyzer faces, List<Path> photos, Report report)
      throws IOException {
    return embed(faces, photos, report, cache);
  }

  /** The same into another cache, beside that of the model. */
  Map<Path, EmbeddedPhoto> embedBeside(FaceAnalyzer faces, List<Path> photos, Report report)
      throws IOException {
    return embed(faces, photos, report, cache.resolveSibling(cache.getFileName() + ".beside"));
  }

  private Map<Path, EmbeddedPhoto> embed(
      FaceAnalyzer faces, List<Path> photos, Report report, Path file) throws IOException {
    long start = System.nanoTime();
    List<EmbeddedPhoto> result;
    try (OrderlyEnd end = new OrderlyEnd(30, "the embedding cache");
        EmbeddingCache store = EmbeddingCache.open(file);
        Progress bar = Output.of(spec).progress("Embedding", "photos")) {
      result =
          store.embed(
              faces,
              photos,
              progress -> {
                bar.report(progress.done(), progress.total().orElse(-1), "");
                return !end.isAsked();
              });
    }
    if (result.size() < photos.size()) {
      throw new FaceSearchException(
          "stopped after "
              + result.size()
              + " of "
              + photos.size()
              + " photos; run it again to go on from there");
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long cached = result.stream().filter(EmbeddedPhoto::cached).count();
    long broken = result.stream().filter(p -> p.broken().isPresent()).count();
    long face = result.stream().filter(p -> p.embedding().isPresent()).count();
    report.note(
        String.format(
            Locale.ROOT,
            "%d photos: %d with a face, %d without (dropped), %d broken; %d from the cache; %.1f s",
            result.size(),
            face,
            result.size() - face - broken,
            broken,
            cached,
            seconds));
    result.stream()
        .flatMap(p -> p.broken().stream())
        .limit(10)
        .forEach(reason -> report.note("broken: " + reason));
    report.note("pipeline: " + faces.configuration().orElseThrow());
    Map<Path, EmbeddedPhoto> byFile = new HashMap<>();
    result.forEach(photo -> byFile.put(photo.file(), photo));
    return byFile;
  }

  /** What was embedded of a photo. */
  static EmbeddedPhoto of(Path file, Map<Path, EmbeddedPhoto> embedded) {
    return Objects.requireNonNull(embedded.get(file), "all photos were embedded");
  }

  /** Photos with a face, with their labels. */
  static List<LabeledFace> label(List<Photo> photos, Map<Path, EmbeddedPhoto> embedded) {
    List<LabeledFace> faces = new ArrayList<>();
    for (Photo photo : photos) {
      of(photo.file(), embedded)
          .embedding()
          .ifPresent(
              e ->
                  faces.add(
                      new LabeledFace(
                          photo.file().toString(), photo.identity(), photo.attributes(), e)));
    }
    return faces;
  }

  /** Seconds to embed photos on all cores, now or when they were cached. */
  static double embedSeconds(List<Photo> photos, Map<Path, EmbeddedPhoto> embedded) {
    return photos.stream().mapToLong(p -> of(p.file(), embedded).elapsed().toNanos()).sum()
        / 1e9
        / Runtime.getRuntime().availableProcessors();
  }

  void finish(Report report) throws IOException {
    Output output = Output.of(spec);
    report.print(output.text());
    print(report, output);
    if (out != null) {
      report.write(out);
      output.text().println();
      output.text().println("report: " + out.resolve("report.html").toAbsolutePath());
      output.json("written", "file", out.resolve("report.html").toAbsolutePath());
    }
    output.text().flush();
  }

  /** For programs. */
  static void print(Report report, Output output) {
    output.json("report", "title", report.title(), "notes", report.notes());
    for (Report.Table table : report.tables()) {
      output.json(
          "table", "title", table.title(), "columns", table.columns(), "rows", table.rows());
    }
  }
}
