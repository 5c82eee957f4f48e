package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.Forgotten;
import io.facesearch.ModelMismatchException;
import io.facesearch.Search;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in processes of their own, two shards with two replicas each. */
@Tag("slow")
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterTest {
  private static final int DIMENSION = 128;
  private static final Map<String, String> SETTINGS = Map.of("threshold", "2");
  private static final int KILLS = Integer.getInteger("facesearch.test.solrKills", 0);

  @TempDir static Path folder;

  private static LocalCluster solr;

  @BeforeAll
  static void startSolr() throws Exception {
    solr = LocalCluster.start(folder, 3);
  }

  @AfterAll
  static void stopSolr() throws Exception {
    solr.close();
  }

  /** With {@code -Psolr}. */
  static boolean nodesAreKilled() {
    return KILLS > 0;
  }

  private static SolrStorage open(String collection, Duration patience) {
    return SolrStorage.builder(collection, solr.urls()).patience(patience).open();
  }

  private static EmbeddedFace face(FaceRecord record, Random random) {
    return new EmbeddedFace(record, vector(random));
  }

  private static Embedding vector(Random random) {
    float[] vector = new float[DIMENSION];
    double norm = 0;
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) random.nextGaussian();
      norm += (double) vector[i] * vector[i];
    }
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] /= (float) Math.sqrt(norm);
    }
    return Embedding.of("m", vector);
  }

  private static List<FaceMatch> loop(List<EmbeddedFace> faces, Embedding query, int k) {
    return faces.stream()
        .map(face -> new FaceMatch(face.face(), face.embedding().distanceTo(query)))
        .sorted(Comparator.comparingDouble(FaceMatch::distance))
        .limit(k)
        .toList();
  }

  private static void requireExact(SolrStorage storage, List<EmbeddedFace> faces, Random random) {
    for (int i = 0; i < 50; i++) {
      Embedding query = vector(random);
      assertThat(storage.search(query, Search.nearest(10)).matches())
          .isEqualTo(loop(faces, query, 10));
    }
  }

  /** All replicas answer and those of a shard hold the same. */
  private static List<ReplicaState> settled(SolrStorage storage) throws InterruptedException {
    List<ReplicaState> states = storage.replicas();
    for (int i = 0; i < 600 && !areEqual(states); i++) {
      Thread.sleep(200);
      states = storage.replicas();
    }
    assertThat(areEqual(states)).as("%s", states).isTrue();
    return states;
  }

  private static boolean areEqual(List<ReplicaState> states) {
    Map<String, String> sums = new TreeMap<>();
    for (ReplicaState each : states) {
      String sum = each.documents() + " " + each.checksum();
      if (!each.isActive() || !sum.equals(sums.merge(each.shard(), sum, (a, b) -> a))) {
        return false;
      }
    }
    return !states.isEmpty();
  }

  @Test
  @Order(1)
  void twoShardsAnswerExactly() throws Exception {
    solr.createCollection("exact", DIMENSION, 2, 2);
    Random random = new Random(5);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 6_000; i++) {
      faces.add(face(FaceRecord.of("f" + i, "p" + i % 500), random));
    }
    try (SolrStorage storage = open("exact", Duration.ofSeconds(30))) {
      storage.addAll(faces.subList(0, 5_000));
      storage.addAll(faces.subList(5_000, 6_000));
      for (int i = 0; i < 100; i++) {
        storage.remove("f" + 7 * i);
      }
      List<EmbeddedFace> left =
          faces.stream()
              .filter(
                  face ->
                      Integer.parseInt(face.face().id().substring(1)) % 7 != 0
                          || Integer.parseInt(face.face().id().substring(1)) >= 700)
              .toList();
      requireExact(storage, left, random);
      assertThat(storage.faces()).isEqualTo(left);
      Embedding query = vector(random);
      double within = loop(left, query, 700).get(699).distance();
      assertThat(storage.search(query, Search.within(within)).matches())
          .isEqualTo(loop(left, query, 700));
      assertThatThrownBy(
              () -> storage.add(new EmbeddedFace(FaceRecord.of("x"), Embedding.of("other", 1, 2))))
          .isInstanceOf(ModelMismatchException.class);
      assertThat(settled(storage)).hasSize(4);
    }
    try (SolrStorage again = open("exact", Duration.ofSeconds(30))) {
      assertThatThrownBy(() -> again.search(Embedding.of("other", 1, 2), Search.nearest(1)))
          .isInstanceOf(ModelMismatchException.class);
    }
  }

  /** Looks for them in the raw bytes of every file of every node. */
  @Test
  @Order(2)
  void theForgottenAreInNoFileOfAnyNode() throws Exception {
    solr.createCollection("forget", DIMENSION, 2, 2);
    Random random = new Random(6);
    String person = "Person-who-shall-be-forgotten-4711";
    List<EmbeddedFace> faces = new ArrayList<>();
    List<EmbeddedFace> theirs = new ArrayList<>();
    try (SolrStorage storage = open("forget", Duration.ofSeconds(30))) {
      for (int i = 0; i < 3_000; i++) {
        faces.add(face(FaceRecord.of("f" + i, "p" + i % 500), random));
      }
      byte[] crop = new byte[2_000];
      random.nextBytes(crop);
      String name = storage.photos().add(crop);
      for (int i = 0; i < 20; i++) {
        FaceRecord record =
            new FaceRecord("id-to-be-forgotten-" + i, person, i == 0 ? name : null, null);
        theirs.add(face(record, random));
      }
      List<EmbeddedFace> all = new ArrayList<>(faces);
      all.addAll(100, theirs.subList(0, 10));
      storage.addAll(all);
      storage.addAll(theirs.subList(10, 20));
      List<byte[]> traces = new ArrayList<>();
      traces.add(person.getBytes(StandardCharsets.UTF_8));
      traces.add("id-to-be-forgotten".getBytes(StandardCharsets.UTF_8));
      traces.add(java.util.Arrays.copyOf(crop, 32));
      for (EmbeddedFace face : theirs) {
        traces.add(bytes(face, ByteOrder.BIG_ENDIAN));
        traces.add(bytes(face, ByteOrder.LITTLE_ENDIAN));
      }
      Map<String, Integer> before = found(traces);
      assertThat(String.join(" ", before.keySet())).contains(".vec", "tlog", ".fdt");

      Forgotten forgotten = storage.erase(person);
      assertThat(forgotten.receipt().faces()).isEqualTo(20);
      assertThat(forgotten.photosDeleted()).isOne();
      assertThat(found(traces)).isEmpty();
      assertThat(settled(storage)).allMatch(each -> each.deleted() == 0);
      assertThat(storage.faces()).isEqualTo(faces);
      requireExact(storage, faces, random);
    }
  }

  private static byte[] bytes(EmbeddedFace face, ByteOrder order) {
    ByteBuffer bytes = ByteBuffer.allocate(24).order(order);
    for (int i = 0; i < 6; i++) {
      bytes.putFloat(face.embedding().get(40 + i));
    }
    return bytes.array();
  }

  /** How many of some byte strings are in files, by the kind of file. */
  private static Map<String, Integer> found(List<byte[]> traces) throws Exception {
    Map<String, Integer> found = new TreeMap<>();
    List<String> texts =
        traces.stream().map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)).toList();
    for (int node = 0; node < 3; node++) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(solr.home(node))) {
        files = all.filter(Files::isRegularFile).toList();
      }
      for (Path file : files) {
        String content;
        try {
          content = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
          continue; // merged away
        }
        int count = (int) texts.stream().filter(content::contains).count();
        if (count > 0) {
          String name = file.getFileName().toString();
          found.merge(name.replaceAll("^_[0-9a-z]*|[0-9]*$", ""), count, Integer::sum);
        }
      }
    }
    return found;
  }

  /** The process of a leader dies in the middle of additions and searches, and comes back. */
  @Test
  @Order(3)
  @EnabledIf("nodesAreKilled")
  void nothingThatWasAcknowledgedIsLostWithANode() throws Exception {
    solr.createCollection("kill", DIMENSION, 2, 2);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    AtomicBoolean stop = new AtomicBoolean();
    List<EmbeddedFace> acknowledged = new CopyOnWriteArrayList<>();
    try (SolrStorage storage = open("kill", Duration.ofSeconds(90))) {
      Future<?> writer =
          pool.submit(
              () -> {
                Random random = new Random(7);
                for (int batch = 0; !stop.get(); batch++) {
                  List<EmbeddedFace> faces = new ArrayList<>();
                  for (int i = 0; i < 20; i++) {
                    faces.add(face(FaceRecord.of("f" + batch + "-" + i, "p" + i), random));
                  }
                  storage.addAll(faces);
                  acknowledged.addAll(faces);
                }
              });
      Future<Integer> reader =
          pool.submit(
              () -> {
                Random random = new Random(8);
                int searches = 0;
                for (; !stop.get(); Thread.sleep(5)) {
                  int known = acknowledged.size();
                  if (known > 0) {
                    EmbeddedFace face = acknowledged.get(random.nextInt(known));
                    assertThat(storage.search(face.embedding(), 1).matches())
                        .containsExactly(new FaceMatch(face.face(), 0));
                    searches++;
                  }
                }
                return searches;
              });
      Random random = new Random();
      for (int i = 0; i < KILLS; i++) {
        Thread.sleep(3_000);
        int before = acknowledged.size();
        List<ReplicaState> states = storage.replicas();
        int node = solr.nodeOf(states.get(random.nextInt(states.size())));
        solr.kill(node);
        Thread.sleep(3_000 + random.nextInt(5_000));
        long start = System.nanoTime();
        solr.restart(node);
        while (!storage.replicas().stream().allMatch(ReplicaState::isActive)) {
          Thread.sleep(100);
        }
        System.out.printf(
            "killed node %d after %,d faces; %,d when it was back; recovery %.1f s%n",
            node, before, acknowledged.size(), (System.nanoTime() - start) / 1e9);
      }
      Thread.sleep(2_000);
      stop.set(true);
      writer.get();
      System.out.printf("%,d searches, %,d faces%n", reader.get(), acknowledged.size());

      settled(storage);
      assertThat(ids(storage.faces())).isEqualTo(ids(acknowledged));
      assertThat(storage.faces()).isEqualTo(List.copyOf(acknowledged));
      requireExact(storage, List.copyOf(acknowledged), new Random(9));
    } finally {
      stop.set(true);
      pool.shutdownNow();
    }
  }

  private static Set<String> ids(List<EmbeddedFace> faces) {
    TreeSet<String> ids = new TreeSet<>();
    faces.forEach(face -> ids.add(face.face().id()));
    return ids;
  }

  /** Last: it takes two nodes away. */
  @Test
  @Order(4)
  @EnabledIf("nodesAreKilled")
  void aPartIsNeverPassedOffAsTheWhole() throws Exception {
    solr.createCollection("part", DIMENSION, 2, 2);
    Random random = new Random(10);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      faces.add(face(FaceRecord.of("f" + i, "Ann"), random));
    }
    try (SolrStorage storage = open("part", Duration.ofSeconds(60))) {
      storage.addAll(faces);
      storage.setSettings(SETTINGS);
    }
    try (SolrStorage storage = open("part", Duration.ofSeconds(1))) {
      List<ReplicaState> states = storage.replicas();
      String shard = states.get(0).shard();
      List<Integer> nodes =
          states.stream().filter(each -> each.shard().equals(shard)).map(solr::nodeOf).toList();
      solr.kill(nodes.get(0));
      // One replica of the shard is left: whole answers, but no safe change. ZooKeeper believes in
      // the dead one at first, and knows better later.
      refusesChanges(storage, random);
      try (SolrStorage patient = open("part", Duration.ofSeconds(40))) {
        requireExact(patient, faces, random);
        // While a change waits for the replica, searches do not.
        CompletableFuture<Void> change =
            CompletableFuture.runAsync(() -> patient.setSettings(Map.of("threshold", "1")));
        while (!change.isDone()) {
          long start = System.nanoTime();
          patient.search(vector(random), Search.nearest(3));
          assertThat(Duration.ofNanos(System.nanoTime() - start))
              .isLessThan(Duration.ofSeconds(15));
        }
        assertThat(change).isCompletedExceptionally();
        assertThat(patient.faces()).isEqualTo(faces);
        while (patient.replicas().stream().filter(ReplicaState::isActive).count() == 4) {
          Thread.sleep(200);
        }
        refusesChanges(storage, random);
        assertThat(patient.faces()).isEqualTo(faces);
      }
      solr.kill(nodes.get(1));
      assertThatThrownBy(() -> storage.search(vector(random), Search.nearest(3)))
          .isInstanceOf(ShardsMissingException.class)
          .hasMessageContaining("part");
      solr.restart(nodes.get(0));
      solr.restart(nodes.get(1));
      try (SolrStorage patient = open("part", Duration.ofSeconds(60))) {
        settled(patient);
        requireExact(patient, faces, random);
        patient.addAll(more(random));
        assertThat(patient.size()).isEqualTo(120);
      }
    }
  }

  private static void refusesChanges(SolrStorage storage, Random random) {
    assertThatThrownBy(() -> storage.addAll(more(random)))
        .isInstanceOf(TooFewReplicasException.class);
    assertThatThrownBy(() -> storage.forget("Ann"))
        .isInstanceOf(TooFewReplicasException.class)
        .hasMessageContaining("nothing was changed");
    assertThatThrownBy(() -> storage.setSettings(Map.of("threshold", "1")))
        .isInstanceOf(TooFewReplicasException.class);
    assertThat(storage.settings()).isEqualTo(SETTINGS);
  }

  private static List<EmbeddedFace> more(Random random) {
    List<EmbeddedFace> more = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      more.add(face(FaceRecord.of("more" + i), random));
    }
    return more;
  }
}
