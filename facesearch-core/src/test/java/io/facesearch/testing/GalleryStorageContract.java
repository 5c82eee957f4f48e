package io.facesearch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.spi.GalleryStorage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link GalleryStorage} must do. A plug-in extends it in its own tests; it needs JUnit
 * 5 and AssertJ.
 */
public abstract class GalleryStorageContract {
  private static final int DIMENSION = 16;

  /** For what the storage keeps, if it keeps anything. */
  @TempDir protected Path folder;

  private GalleryStorage storage;

  /**
   * Opens the storage of a folder, or starts one there; one in memory passes over it.
   *
   * @param where an empty folder, or one that a storage of this kind was closed in or backed up to
   * @return the storage, closed by the contract
   * @throws Exception if it cannot
   */
  protected abstract GalleryStorage open(Path where) throws Exception;

  /** How many faces are added while it is searched; fewer, by threes, where each takes long. */
  protected int changesBesideSearches() {
    return 150;
  }

  @BeforeEach
  void openStorage() throws Exception {
    storage = open(folder.resolve("storage"));
  }

  @AfterEach
  void closeStorage() {
    storage.close();
  }

  private void reopen() throws Exception {
    if (storage.isDurable()) {
      storage.close();
      storage = open(folder.resolve("storage"));
    }
  }

  /** A unit vector near an axis, so that faces of one axis are of one person. */
  private static Embedding near(int axis, Random random) {
    float[] vector = new float[DIMENSION];
    double norm = 0;
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] = (float) (0.05 * random.nextGaussian() + (i == axis ? 1 : 0));
      norm += (double) vector[i] * vector[i];
    }
    for (int i = 0; i < DIMENSION; i++) {
      vector[i] /= (float) Math.sqrt(norm);
    }
    return Embedding.of("m", vector);
  }

  /** A unit vector at an angle to the first axis. */
  private static Embedding vector(double radians) {
    float[] vector = new float[DIMENSION];
    vector[0] = (float) Math.cos(radians);
    vector[1] = (float) Math.sin(radians);
    return Embedding.of("m", vector);
  }

  private static EmbeddedFace face(String id, int axis, Random random) {
    return new EmbeddedFace(FaceRecord.of(id), near(axis, random));
  }

  private static EmbeddedFace face(String id, String person, int axis, Random random) {
    return new EmbeddedFace(FaceRecord.of(id, person), near(axis, random));
  }

  /** Ann has a name, two others have none. */
  private void addThree() {
    Random random = new Random(1);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      faces.add(face("ann" + i, "Ann", 0, random));
      faces.add(face("b" + i, 1, random));
      faces.add(face("c" + i, 2, random));
    }
    storage.addAll(faces);
  }

  private Person with(String faceId) {
    return storage.people().stream()
        .filter(person -> person.faceIds().contains(faceId))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNewStorageIsEmpty() {
    assertThat(storage.size()).isZero();
    assertThat(storage.faces()).isEmpty();
    assertThat(storage.people()).isEmpty();
    assertThat(storage.settings()).isEmpty();
    assertThat(storage.model()).isEmpty();
    assertThat(storage.search(near(0, new Random(1)), Search.nearest(3)).matches()).isEmpty();
  }

  @Test
  void facesWithoutANameAreGroupedByTheirDistances() throws Exception {
    addThree();
    assertThat(storage.people()).hasSize(3);
    assertThat(with("b0").faceIds()).containsExactlyInAnyOrder("b0", "b1", "b2", "b3", "b4", "b5");
    assertThat(with("ann3").name()).contains("Ann");
    assertThat(with("c1").name()).isEmpty();
    List<Person> before = storage.people();
    reopen();
    assertThat(storage.people()).isEqualTo(before);
  }

  @Test
  void correctionsOfPeopleAreKept() throws Exception {
    addThree();
    Person merged = storage.merge(with("b0").id(), with("c0").id());
    assertThat(merged.faceIds()).hasSize(12);
    Person apart = storage.split(merged.id(), List.of("b1", "c1"));
    assertThat(apart.faceIds()).containsExactlyInAnyOrder("b1", "c1");
    reopen();
    assertThat(with("b0").faceIds()).hasSize(10).contains("c0").doesNotContain("b1", "c1");
    assertThat(with("c1").faceIds()).containsExactlyInAnyOrder("b1", "c1");
    storage.add(face("b6", 1, new Random(7)));
    assertThat(storage.people()).hasSize(3);
    assertThatThrownBy(() -> storage.merge("nobody", merged.id()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> storage.split(with("ann0").id(), List.of("ann0")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void peopleWhoAreKeptApartStaySo() throws Exception {
    storage.addAll(
        List.of(
            new EmbeddedFace(FaceRecord.of("a"), vector(0)),
            new EmbeddedFace(FaceRecord.of("b"), vector(1.12)))); // radians, 1.06 apart
    assertThat(storage.people()).hasSize(2);
    assertThat(storage.similar(with("a").id())).containsExactly(with("b"));
    storage.keepApart(with("a").id(), with("b").id());
    assertThat(storage.similar(with("a").id())).isEmpty();
    reopen();
    assertThat(storage.similar(with("b").id())).isEmpty();
    try (GalleryStorage other = open(folder.resolve("other"))) {
      other.addAll(storage.faces());
      assertThat(other.people()).hasSize(2);
      assertThat(other.similar(other.people().get(0).id())).hasSize(1);
      other.takeGrouping(storage.grouping().orElseThrow());
      assertThat(other.similar(other.people().get(0).id())).isEmpty();
    }
    assertThatThrownBy(() -> storage.similar("nobody"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void peopleAreTakenOver() throws Exception {
    addThree();
    storage.merge(with("b0").id(), with("c0").id());
    List<Person> people = storage.people();
    try (GalleryStorage other = open(folder.resolve("other"))) {
      other.addAll(storage.faces());
      other.takeGrouping(storage.grouping().orElseThrow());
      assertThat(other.people()).isEqualTo(people);
    }
  }

  @Test
  void forgettingANameLeavesTheOthers() throws Exception {
    addThree();
    storage.people();
    ForgetReceipt receipt = storage.forget("Ann");
    assertThat(receipt.faces()).isEqualTo(6);
    assertThat(receipt.person()).isEqualTo("Ann");
    assertThat(storage.forget("Ann").faces()).isZero();
    reopen();
    assertThat(storage.size()).isEqualTo(12);
    assertThat(storage.faces("Ann")).isEmpty();
    assertThat(storage.people()).hasSize(2);
  }

  @Test
  void forgettingAPersonWithoutANameTakesNobodyWhoseNameIsItsId() throws Exception {
    addThree();
    Person nameless = with("b0");
    Random random = new Random(3);
    storage.add(face("other", nameless.id(), 5, random));
    storage.people();
    ForgetReceipt receipt = storage.forget(nameless);
    assertThat(receipt.faces()).isEqualTo(6);
    reopen();
    assertThat(storage.size()).isEqualTo(13);
    assertThat(storage.get("b0")).isEmpty();
    assertThat(storage.get("other")).isPresent();
    assertThat(with("other").name()).contains(nameless.id());
  }

  @Test
  void crops() throws Exception {
    byte[] jpeg = "not really a photo".getBytes(StandardCharsets.UTF_8);
    String name = storage.photos().add(jpeg);
    String second = storage.photos().add(new byte[] {1, 2});
    assertThat(name).startsWith(KeptPhotos.ROOT).isNotEqualTo(second);
    jpeg[0] = 0;
    reopen();
    assertThat(storage.photos().has(name)).isTrue();
    assertThat(storage.photos().read(name).orElseThrow())
        .isEqualTo("not really a photo".getBytes(StandardCharsets.UTF_8));
    assertThat(
            storage.photos().delete(List.of(second, "photos/ann.jpg", "added:../x.jpg")).photos())
        .isOne();
    assertThat(storage.photos().has(second)).isFalse();
    assertThat(storage.photos().read(second)).isEmpty();
    assertThat(storage.photos().has("../" + name)).isFalse();
    assertThat(storage.photos().read("added:nobody.jpg")).isEmpty();
    assertThat(storage.photos().sweep(Set::of).photos()).isOne();
    assertThat(storage.photos().has(name)).isFalse();
  }

  @Test
  void settingsTakeThePlaceOfThoseBefore() throws Exception {
    storage.setSettings(Map.of("a", "1", "b", "zwei\nü"));
    storage.setSettings(Map.of("b", "zwei\nü = 2"));
    reopen();
    assertThat(storage.settings()).isEqualTo(Map.of("b", "zwei\nü = 2"));
  }

  @Test
  void aBackupHoldsEverything() throws Exception {
    addThree();
    storage.merge(with("b0").id(), with("c0").id());
    String crop = storage.photos().add(new byte[] {1, 2, 3});
    storage.add(
        new EmbeddedFace(new FaceRecord(crop + "#0", null, crop, null), near(4, new Random(2))));
    storage.setSettings(Map.of("rate", "0.01"));
    Path target = folder.resolve("backup");
    if (!storage.isDurable()) {
      assertThatThrownBy(() -> storage.backup(target))
          .isInstanceOf(UnsupportedOperationException.class);
      return;
    }
    storage.backup(target);
    try (GalleryStorage copy = open(target)) {
      assertThat(copy.faces()).isEqualTo(storage.faces());
      assertThat(copy.people()).isEqualTo(storage.people());
      assertThat(copy.settings()).isEqualTo(storage.settings());
      assertThat(copy.photos().read(crop).orElseThrow()).isEqualTo(new byte[] {1, 2, 3});
    }
    Path full = Files.createDirectories(folder.resolve("full"));
    Files.writeString(full.resolve("file"), "there");
    assertThatThrownBy(() -> storage.backup(full)).isInstanceOf(java.io.IOException.class);
    assertThat(full.resolve("file")).hasContent("there");
  }

  /** Requests of all kinds against a loop over all faces. */
  @Test
  void requestsOfAllKindsFindWhatALoopFinds() throws Exception {
    long seed = Long.getLong("facesearch.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      FaceRecord record =
          i % 3 == 0 ? FaceRecord.of("f" + i) : FaceRecord.of("f" + i, "p" + random.nextInt(9));
      faces.add(
          new EmbeddedFace(
              record.withTag("n", random.nextInt(5)).withTag("s", "t" + random.nextInt(3)),
              near(random.nextInt(DIMENSION), random)));
    }
    storage.addAll(faces);
    storage.remove("f7");
    reopen();
    for (int i = 0; i < 300; i++) {
      Embedding query = near(random.nextInt(DIMENSION), random);
      Search request = request(random);
      SearchResult result = storage.search(query, request);
      requireSame(request, result.matches(), loop(query, request));
      assertThat(storage.searchAll(List.of(query, query), request).get(1).matches())
          .as("%s", request)
          .isEqualTo(result.matches());
    }
    Set<String> self =
        storage.search("f8", Search.nearest(500)).matches().stream()
            .map(match -> match.face().id())
            .collect(Collectors.toSet());
    assertThat(self).hasSize(398).doesNotContain("f7", "f8");
  }

  /** Distances may be summed in another order. */
  private static void requireSame(Search request, List<FaceMatch> found, List<FaceMatch> wanted) {
    assertThat(found)
        .as("%s", request)
        .extracting(FaceMatch::face)
        .isEqualTo(wanted.stream().map(FaceMatch::face).toList());
    for (int i = 0; i < found.size(); i++) {
      assertThat(found.get(i).distance())
          .as("%s", request)
          .isCloseTo(wanted.get(i).distance(), within(1e-9));
    }
  }

  private static Search request(Random random) {
    Search request =
        random.nextBoolean()
            ? Search.nearest(1 + random.nextInt(random.nextBoolean() ? 10 : 500))
            : Search.within(random.nextDouble() * 1.6);
    if (random.nextInt(3) == 0) {
      request = request.atMost(random.nextDouble() * 1.6);
    }
    if (random.nextBoolean()) {
      request = request.where(filter(random, 2));
    }
    if (random.nextInt(3) == 0) {
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < random.nextInt(40); i++) {
        ids.add("f" + random.nextInt(450));
      }
      request = request.excluding(ids);
    }
    return request;
  }

  private static FaceFilter filter(Random random, int depth) {
    int kind = random.nextInt(depth == 0 ? 4 : 7);
    return switch (kind) {
      case 0 -> FaceFilter.person("p" + random.nextInt(10), "p" + random.nextInt(10));
      case 1 -> FaceFilter.tag("s", "t" + random.nextInt(4));
      case 2 -> FaceFilter.tag("n", random.nextInt(6));
      case 3 -> {
        int low = random.nextInt(5);
        yield FaceFilter.tagBetween("n", low, low + random.nextInt(3));
      }
      case 4 -> filter(random, depth - 1).and(filter(random, depth - 1));
      case 5 -> filter(random, depth - 1).or(filter(random, depth - 1));
      default -> filter(random, depth - 1).not();
    };
  }

  private List<FaceMatch> loop(Embedding query, Search request) {
    return storage.faces().stream()
        .filter(face -> request.accepts(face.face()))
        .map(face -> new FaceMatch(face.face(), face.embedding().distanceTo(query)))
        .filter(match -> match.distance() <= request.distance())
        .sorted(Comparator.comparingDouble(FaceMatch::distance))
        .limit(request.k())
        .toList();
  }

  @Test
  void searchesRunBesideWriters() throws Exception {
    addThree();
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> searches = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        Random random = new Random(t);
        searches.add(
            pool.submit(
                () -> {
                  while (!stop.get()) {
                    SearchResult result = storage.search(near(0, random), Search.nearest(6));
                    assertThat(result.matches()).hasSize(6);
                    assertThat(result.matches().get(0).face().person())
                        .isEqualTo(Optional.of("Ann"));
                    assertThat(storage.faces("Ann")).hasSize(6);
                  }
                }));
      }
      Random random = new Random(9);
      for (int i = 0; i < changesBesideSearches(); i++) {
        storage.add(face("new" + i, 3 + i % 10, random));
        if (i % 3 == 0) {
          storage.remove("new" + i);
        }
      }
      storage.people();
      stop.set(true);
      for (Future<?> search : searches) {
        search.get();
      }
    } finally {
      stop.set(true);
      pool.shutdownNow();
    }
    assertThat(storage.size()).isEqualTo(18 + changesBesideSearches() / 3 * 2);
  }
}
