package io.facesearch.solr;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.solr.client.solrj.impl.HttpJdkSolrClient;
import org.apache.solr.client.solrj.request.CollectionAdminRequest;

/** A ZooKeeper and nodes of Solr on this machine, each a process of its own. */
final class LocalCluster implements AutoCloseable {
  static final String CONFIGSET = "facesearch";

  private final Path folder;
  private final int zooKeeperPort;
  private final List<Integer> ports = new ArrayList<>();
  private final List<Process> nodes = new ArrayList<>();
  private final Process zooKeeper;
  private final String heap;

  private LocalCluster(Path folder, int count, String heap) throws Exception {
    this.folder = folder;
    this.heap = heap;
    zooKeeperPort = freePort();
    Path data = Files.createDirectories(folder.resolve("zookeeper"));
    Path settings = folder.resolve("zoo.cfg");
    Files.writeString(
        settings,
        "dataDir="
            + data
            + "\nclientPort="
            + zooKeeperPort
            + "\nclientPortAddress=127.0.0.1\ntickTime=2000\nadmin.enableServer=false\n"
            + "maxClientCnxns=0\n");
    zooKeeper =
        java(
            "zookeeper",
            List.of("-Xmx64m"),
            "org.apache.zookeeper.server.ZooKeeperServerMain",
            settings.toString());
    waitForPort(zooKeeperPort, zooKeeper);
    for (int i = 0; i < count; i++) {
      ports.add(freePort());
      plugins(home(i).resolve("lib"));
      nodes.add(startNode(i));
      if (i == 0) {
        waitForPort(ports.get(0), nodes.get(0)); // it brings the configset
      }
    }
    for (int i = 0; i < count; i++) {
      waitForPort(ports.get(i), nodes.get(i));
    }
  }

  static LocalCluster start(Path folder, int nodes) throws Exception {
    return new LocalCluster(folder, nodes, "300m");
  }

  static LocalCluster start(Path folder, int nodes, String heap) throws Exception {
    return new LocalCluster(folder, nodes, heap);
  }

  /** Starts one for a while, with a folder for each node: {@code NODES FOLDER}. */
  public static void main(String[] args) throws Exception {
    LocalCluster cluster = start(Path.of(args[1]), Integer.parseInt(args[0]), "1g");
    Runtime.getRuntime().addShutdownHook(new Thread(cluster::stop));
    System.out.println(String.join("\n", cluster.urls()));
    System.out.println("files and logs: " + args[1] + "; Ctrl+C stops all");
    Thread.sleep(Long.MAX_VALUE);
  }

  private void stop() {
    nodes.forEach(Process::destroy);
    zooKeeper.destroy();
  }

  Path home(int node) {
    return folder.resolve("node" + node);
  }

  private Process startNode(int node) throws IOException {
    return java(
        "node" + node,
        List.of(
            "-Xmx" + heap,
            "-XX:+UseSerialGC",
            "--add-modules",
            "jdk.incubator.vector",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-Dsolr.hideStackTrace=true"),
        SolrNode.class.getName(),
        home(node).toString(),
        Integer.toString(ports.get(node)),
        "127.0.0.1:" + zooKeeperPort,
        Path.of("configset", CONFIGSET, "conf").toAbsolutePath().toString(),
        CONFIGSET);
  }

  private Process java(String name, List<String> options, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-cp");
    command.add(classPathOfSolr());
    command.add(main);
    command.addAll(List.of(arguments));
    Path log = folder.resolve(name + ".log");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** Without what Solr has to find in its folder of plug-ins. */
  private static String classPathOfSolr() {
    return String.join(
        java.io.File.pathSeparator,
        classPath().filter(entry -> !isPlugin(entry)).map(Path::toString).toList());
  }

  private static Stream<Path> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
        .map(Path::of);
  }

  private static boolean isPlugin(Path entry) {
    String name = entry.getFileName().toString();
    return name.equals("classes") || name.startsWith("facesearch-") && !name.endsWith("-tests.jar");
  }

  /** What a user copies: the jars of this module and those it needs. */
  private static void plugins(Path lib) throws IOException {
    Files.createDirectories(lib);
    int number = 0;
    for (Path entry : classPath().filter(LocalCluster::isPlugin).toList()) {
      Path jar = lib.resolve("plugin" + number++ + ".jar");
      if (Files.isDirectory(entry)) {
        pack(entry, jar);
      } else {
        Files.copy(entry, jar);
      }
    }
  }

  private static void pack(Path classes, Path jar) throws IOException {
    TreeMap<String, Path> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(classes)) {
      all.filter(Files::isRegularFile)
          .forEach(file -> files.put(classes.relativize(file).toString().replace('\\', '/'), file));
    }
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream packed = new JarOutputStream(out)) {
      for (var file : files.entrySet()) {
        packed.putNextEntry(new JarEntry(file.getKey()));
        Files.copy(file.getValue(), packed);
        packed.closeEntry();
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void waitForPort(int port, Process process) throws Exception {
    for (int i = 0; i < 600 && process.isAlive(); i++) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
        return;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("nothing listens on port " + port + "; see " + folder);
  }

  String[] urls() {
    return ports.stream().map(port -> "http://127.0.0.1:" + port + "/solr").toArray(String[]::new);
  }

  /** Its address, as if it were a node of Solr. */
  String zooKeeper() {
    return "http://127.0.0.1:" + zooKeeperPort;
  }

  void createCollection(String name, int dimension, int shards, int replicas) throws Exception {
    createCollection(name, dimension, shards, replicas, SigmoidTreeCodecFactory.ALGORITHM);
  }

  void createCollection(String name, int dimension, int shards, int replicas, String algorithm)
      throws Exception {
    for (int i = 0; ; i++) {
      try (HttpJdkSolrClient client = new HttpJdkSolrClient.Builder(urls()[0]).build()) {
        CollectionAdminRequest.Create create =
            CollectionAdminRequest.createCollection(name, CONFIGSET, shards, replicas);
        create.withProperty("facesearch.dimension", Integer.toString(dimension));
        create.withProperty("facesearch.knn", algorithm);
        create.process(client);
        return;
      } catch (Exception e) {
        if (i == 20) {
          throw e;
        }
        Thread.sleep(500);
      }
    }
  }

  void kill(int node) throws Exception {
    nodes.get(node).destroyForcibly().waitFor(30, TimeUnit.SECONDS);
  }

  void restart(int node) throws Exception {
    nodes.set(node, startNode(node));
    waitForPort(ports.get(node), nodes.get(node));
  }

  /** The node that has a replica. */
  int nodeOf(ReplicaState replica) {
    for (int i = 0; i < ports.size(); i++) {
      if (replica.url().contains(":" + ports.get(i) + "/")) {
        return i;
      }
    }
    throw new IllegalArgumentException("no node has " + replica);
  }

  @Override
  public void close() throws Exception {
    for (Process node : nodes) {
      node.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
    }
    zooKeeper.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
  }
}
