package io.facesearch.cli;

import io.facesearch.DetectedFace;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.NativeRuntimeException;
import io.facesearch.Verification;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.internal.NativeFolder;
import io.facesearch.onnx.OnnxRuntime;
import io.facesearch.solr.ReplicaState;
import io.facesearch.solr.SolrStorage;
import io.facesearch.store.FaceStore;
import io.facesearch.store.StoreReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Examines this machine, and a gallery if there is one.",
      "Prints a text to paste into a report: no path, no name and nothing of a face is in it."
          + " Status 1",
      "if something is wrong."
    },
    footerHeading = FaceSearchCommand.EXAMPLES,
    footer = {"  facesearch doctor", "  facesearch doctor --gallery faces --json"})
final class DoctorCommand implements Callable<Integer> {
  private static final Pattern CPU_FLAGS = Pattern.compile("(?m)^(?:flags|Features)\\s*:(.*)$");
  private static final List<String> TOLD =
      List.of("avx2", "avx512f", "avx512_vnni", "asimd", "sse4_2");

  @Mixin private GalleryOption where;

  @Mixin private ModelOption model;

  @Spec private CommandSpec spec;

  private final Map<String, Object> found = new LinkedHashMap<>();
  private boolean wrong;

  /** Examines one thing. */
  private interface Examination {
    String run() throws Exception;
  }

  @Override
  public Integer call() throws Exception {
    Output out = Output.of(spec);
    examine("version", () -> new FaceSearchCommand.Version().getVersion()[0]);
    examine("system", DoctorCommand::system);
    examine("java", DoctorCommand::java);
    examine("heap", DoctorCommand::heap);
    examine(
        "text",
        () ->
            "file names in "
                + System.getProperty("sun.jnu.encoding")
                + ", output in "
                + Charset.defaultCharset());
    examine("processor", DoctorCommand::processor);
    examine("search kernel", DoctorCommand::kernel);
    examine("devices", () -> OnnxRuntime.hasGpu() ? "CPU, CUDA is compiled in" : "CPU");
    examine("temporary folder", DoctorCommand::temporary);
    examine("model", this::model);
    boolean named = spec.commandLine().getParseResult().hasMatchedOption("--gallery");
    if (named || where.files().exists()) {
      examine("gallery", this::gallery);
    } else {
      found.put("gallery", "none");
    }
    found.forEach((what, is) -> out.text().printf("%-17s %s%n", what, is));
    out.json("doctor", "ok", !wrong, "found", found);
    if (wrong) {
      out.error("something is wrong, as is said above; 'facesearch info' names the place");
    }
    return wrong ? 1 : 0;
  }

  private void examine(String what, Examination how) {
    try {
      found.put(what, how.run());
    } catch (Exception | LinkageError e) {
      wrong = true;
      // Its message may tell a path or a name.
      Throwable cause =
          e.getCause() != null && e instanceof UncheckedIOException ? e.getCause() : e;
      found.put(what, "WRONG: " + cause.getClass().getSimpleName() + kind(cause));
    }
  }

  private static String kind(Throwable e) {
    String message = String.valueOf(e.getMessage());
    for (String known :
        List.of("No space left", "noexec", "is full", "does not exist", "is open already")) {
      if (message.contains(known)) {
        return " (" + known + ")";
      }
    }
    return "";
  }

  private static String system() {
    return String.join(
        " ",
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        System.getProperty("os.arch"));
  }

  private static String java() {
    return System.getProperty("java.vm.name")
        + " "
        + Runtime.version()
        + ", "
        + System.getProperty("java.vendor");
  }

  private static String heap() {
    Runtime runtime = Runtime.getRuntime();
    return String.format(Locale.ROOT, "at most %d MB", runtime.maxMemory() >> 20);
  }

  private static String processor() throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    Path info = Path.of("/proc/cpuinfo");
    TreeSet<String> flags = new TreeSet<>();
    if (Files.isReadable(info)) {
      Matcher matcher = CPU_FLAGS.matcher(Files.readString(info));
      if (matcher.find()) {
        flags.addAll(List.of(matcher.group(1).trim().split("\\s+")));
        flags.retainAll(TOLD);
      }
    }
    return Output.counted(cores, "core") + (flags.isEmpty() ? "" : ", " + String.join(" ", flags));
  }

  private static String kernel() {
    return Kernels.best().name()
        + (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            ? ""
            : " (start Java with --add-modules jdk.incubator.vector for a faster one)");
  }

  private static String temporary() throws IOException {
    Path folder = NativeFolder.path("the examination"); // refuses what lets no library be loaded
    return String.format(
        Locale.ROOT,
        "writable, libraries may be loaded from it, %d MB free",
        Files.getFileStore(folder).getUsableSpace() >> 20);
  }

  /** Two sample photos of one person, and one of another. */
  private String model() throws IOException {
    try (FaceAnalyzer analyzer = model.analyzer()) {
      FaceImage first = sample("queries/person_01.jpg");
      List<DetectedFace> faces = analyzer.detect(first);
      Verification same = analyzer.verify(first, sample("gallery/person_01/photo_1.jpg"));
      Verification other = analyzer.verify(first, sample("queries/person_02.jpg"));
      if (faces.size() != 1
          || !(same instanceof Verification.Compared near)
          || !(other instanceof Verification.Compared far)
          || near.distance() >= far.distance()) {
        throw new NativeRuntimeException("the model does not tell the sample faces apart", null);
      }
      return analyzer.model().name()
          + ", fingerprint "
          + analyzer.model().fingerprint().substring(0, 12)
          + ", tells the sample faces apart";
    }
  }

  private static FaceImage sample(String name) throws IOException {
    return FaceImage.read(SampleFaces.read(name));
  }

  private String gallery() throws IOException {
    try (Gallery gallery = where.openToRead()) {
      String checked = "an index file";
      if (gallery.storage() instanceof FaceStore store) {
        StoreReport report = store.verify();
        checked =
            String.format(
                Locale.ROOT,
                "a store in order, %.1f MB, %s, %d MB free",
                report.bytes() / 1e6,
                report.encrypted() ? "encrypted" : "not encrypted",
                Files.getFileStore(where.path()).getUsableSpace() >> 20);
      }
      if (gallery.storage() instanceof SolrStorage solr) {
        List<ReplicaState> replicas = solr.replicas();
        long active = replicas.stream().filter(ReplicaState::isActive).count();
        checked =
            String.format(
                Locale.ROOT,
                "a collection of SolrCloud, %s, of %s %d in order",
                Output.counted(
                    replicas.stream().map(ReplicaState::shard).distinct().count(), "shard"),
                Output.counted(replicas.size(), "replica"),
                active);
      }
      Optional<String> made = gallery.storage().model();
      return String.format(
          Locale.ROOT,
          "%s, %d faces, %d names, model %s",
          checked,
          gallery.size(),
          gallery.names().size(),
          made.map(fingerprint -> fingerprint.substring(0, Math.min(12, fingerprint.length())))
              .orElse("(empty)"));
    }
  }
}
