package com.example.spark;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Spark master and two workers of one core each, every one a process, from Maven's artifacts, and
 * {@code spark-submit}.
 */
final class Cluster implements AutoCloseable {
  /** What a Spark distribution does not have. */
  private static final Pattern OURS =
      Pattern.compile(
          "/target/|/io/facesearch/|onnxruntime|twelvemonkeys|sqlite|/tink/|solr|lucene|junit"
              + "|assertj|opentest4j|apiguardian|byte-buddy|surefire|failsafe");

  private final Path folder;
  private final Path home;
  private final String master;
  private final List<Process> processes = new ArrayList<>();

  Cluster(Path folder) throws Exception {
    this.folder = folder;
    home = Files.createDirectories(folder.resolve("spark"));
    Path jars = Files.createDirectories(home.resolve("jars"));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String jar : classPath.split(java.io.File.pathSeparator)) {
      if (jar.endsWith(".jar") && !OURS.matcher(jar).find()) {
        Path name = Path.of(jar).getFileName();
        Files.createSymbolicLink(jars.resolve(name), Path.of(jar));
      }
    }
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    master = "spark://127.0.0.1:" + port;
    String deploy = "org.apache.spark.deploy.";
    start(
        "master",
        deploy + "master.Master",
        "--host",
        "127.0.0.1",
        "--port",
        port + "",
        "--webui-port",
        "0");
    waitUntil(() -> log("master").contains("I have been elected leader"));
    for (int i = 1; i <= 2; i++) {
      String work = folder.resolve("work" + i).toString();
      start(
          "worker" + i,
          deploy + "worker.Worker",
          "--host",
          "127.0.0.1",
          "--webui-port",
          "0",
          "--cores",
          "1",
          "--memory",
          "1g",
          "--work-dir",
          work,
          master);
    }
    waitUntil(() -> log("master").split("Registering worker").length == 3);
  }

  /** Its address. */
  String master() {
    return master;
  }

  /** Starts a program of the jar on the cluster, as {@code spark-submit} does. */
  Process submit(String name, Class<?> program, List<String> settings, Object... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("--master", master, "--class", program.getName()));
    for (String setting : settings) {
      command.addAll(List.of("--conf", setting));
    }
    command.add(System.getProperty("application"));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return start(name, "org.apache.spark.deploy.SparkSubmit", command.toArray(new String[0]));
  }

  private Process start(String name, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(System.getProperty("spark.java").trim().split("\\s+")));
    command.addAll(List.of("-Xmx512m", "-cp", home + "/jars/*", program));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SPARK_HOME", home.toString(),
                "SPARK_SCALA_VERSION", "2.13",
                "SPARK_LOCAL_IP", "127.0.0.1"));
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** What a process has printed. */
  String log(String name) {
    try {
      return Files.readString(folder.resolve(name + ".log"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What all executors have printed. */
  String executorLogs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String work : List.of("work1", "work2")) {
      for (Path file : Photos.files(folder.resolve(work))) {
        if (file.endsWith("stderr") || file.endsWith("stdout")) {
          all.append(Files.readString(file));
        }
      }
    }
    return all.toString();
  }

  /** The executors that live. */
  List<ProcessHandle> executors() {
    return processes.stream()
        .flatMap(Process::descendants)
        .filter(
            process ->
                process.info().commandLine().orElse("").contains("CoarseGrainedExecutorBackend"))
        .toList();
  }

  static void waitUntil(BooleanSupplier done) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(15);
    while (!done.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited for a quarter of an hour");
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
