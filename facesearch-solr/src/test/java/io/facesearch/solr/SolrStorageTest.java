package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.Gallery;
import io.facesearch.ModelMismatchException;
import io.facesearch.NamedPerson;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.testing.GalleryStorageContract;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every storage must do, on one node with two shards. */
@Tag("slow")
class SolrStorageTest extends GalleryStorageContract {
  @TempDir static Path cluster;

  private static LocalCluster solr;
  private static int collections;

  /** Of this test, by folder. */
  private final Map<Path, String> names = new HashMap<>();

  @BeforeAll
  static void startSolr() throws Exception {
    solr = LocalCluster.start(cluster, 1);
  }

  @AfterAll
  static void stopSolr() throws Exception {
    solr.close();
  }

  @Override
  protected GalleryStorage open(Path where) throws Exception {
    String name = names.get(where);
    if (name == null) {
      name = "c" + collections++;
      names.put(where, name);
      solr.createCollection(name, 16, 2, 1);
    }
    SolrStorage storage =
        SolrStorage.builder(name, solr.urls()).peopleCountedEvery(Duration.ZERO).open();
    if (storage.size() == 0 && Files.exists(where.resolve(SolrBackup.FILE))) {
      storage.restore(where);
    }
    return storage;
  }

  @Override
  protected int changesBesideSearches() {
    return 30;
  }

  /** What lies in its log only is replayed when it comes back; until then nothing is answered. */
  @Test
  void aNodeThatWasKilledAnswersWhole(@TempDir Path where) throws Exception {
    try (GalleryStorage storage = open(where)) {
      for (int batch = 0; batch < 3; batch++) {
        List<EmbeddedFace> faces = new ArrayList<>();
        for (int i = 10 * batch; i < 10 * batch + 10; i++) {
          float[] vector = new float[16];
          vector[i % 16] = 1 + i;
          faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vector)));
        }
        storage.addAll(faces);
      }
      solr.kill(0);
      solr.restart(0);
      assertThat(storage.size()).isEqualTo(30);
      storage.add(new EmbeddedFace(FaceRecord.of("after"), Embedding.of("m", new float[16])));
      assertThat(storage.size()).isEqualTo(31);
      assertThat(storage.get("after")).isPresent();
      assertThat(storage.faces()).hasSize(31);
    }
  }

  /** Nothing is bound to a model whose vectors the collection cannot hold. */
  @Test
  void vectorsOfAnotherDimensionAreRefused(@TempDir Path where) throws Exception {
    try (GalleryStorage storage = open(where)) {
      assertThatThrownBy(
              () -> storage.add(new EmbeddedFace(FaceRecord.of("a"), Embedding.of("m", 1, 0))))
          .isInstanceOf(ModelMismatchException.class)
          .hasMessageContaining("16 values")
          .hasMessageContaining("facesearch.dimension=2");
      assertThat(storage.model()).isEmpty();
    }
  }

  @Test
  void whatAnotherProcessChangesIsMet(@TempDir Path where) throws Exception {
    try (GalleryStorage mine = open(where);
        Gallery gallery = Gallery.builder().storage(open(where)).withoutModel().open()) {
      long before = gallery.version();
      assertThat(gallery.names()).isEmpty();
      assertThat(gallery.version()).isEqualTo(before);
      float[] vector = new float[16];
      vector[3] = 1;
      mine.add(new EmbeddedFace(FaceRecord.of("a", "Ann"), Embedding.of("m", vector)));
      assertThat(gallery.version()).isGreaterThan(before);
      assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Ann");
      before = gallery.version();
      mine.update(new EmbeddedFace(FaceRecord.of("a", "Bea"), Embedding.of("m", vector)));
      assertThat(gallery.version()).isGreaterThan(before);
      assertThat(gallery.names()).extracting(NamedPerson::name).containsExactly("Bea");
    }
  }

  /** Two servers on one collection: neither undoes what the other was told about people. */
  @Test
  void whatAnotherProcessCorrectsOfPeopleStays(@TempDir Path where) throws Exception {
    try (GalleryStorage mine = open(where);
        GalleryStorage other = open(where)) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        float[] vector = new float[16];
        vector[i] = 1;
        faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vector)));
      }
      mine.addAll(faces);
      assertThat(mine.people()).hasSize(4);
      assertThat(other.people()).isEqualTo(mine.people());
      long before = other.changesElsewhere();
      mine.merge(personOf(mine, "f0"), personOf(mine, "f1"));
      assertThat(other.changesElsewhere()).isGreaterThan(before);
      other.merge(personOf(other, "f2"), personOf(other, "f3"));
      assertThat(mine.people())
          .extracting(person -> Set.copyOf(person.faceIds()))
          .containsExactlyInAnyOrder(Set.of("f0", "f1"), Set.of("f2", "f3"));
      mine.update(
          new EmbeddedFace(FaceRecord.of("f0", "Ann"), mine.get("f0").orElseThrow().embedding()));
      assertThat(mine.people()).hasSize(3); // f0 left its group with the name
      other.people();
      other.forget("Ann");
      mine.people();
      assertThat(new String(mine.grouping().orElseThrow().encoded(), StandardCharsets.UTF_8))
          .doesNotContain("Ann", "f0");
    }
  }

  private static String personOf(GalleryStorage storage, String face) {
    return storage.people().stream()
        .filter(person -> person.faceIds().contains(face))
        .findFirst()
        .orElseThrow()
        .id();
  }

  @Test
  @Timeout(30)
  void whereThereIsNoSuchCollectionNobodyWaits() {
    String url = solr.urls()[0];
    refused("nobody", url, "SolrCloud has no collection nobody");
    refused("c0", solr.zooKeeper(), "ZooKeeper");
    refused("c0", url + "/no", "up to /solr");
    refused("c0", url.replace("/solr", ""), "up to /solr");
  }

  /** Replicas of type PULL have no log, and show changes when they copied the leader's segments. */
  @Test
  void replicasThatLagAreRefused() throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(
                    URI.create(
                        solr.urls()[0]
                            + "/admin/collections?action=CREATE&name=pull&numShards=1"
                            + "&nrtReplicas=1&pullReplicas=1&collection.configName="
                            + LocalCluster.CONFIGSET))
                .build(),
            HttpResponse.BodyHandlers.discarding());
    assertThatThrownBy(() -> SolrStorage.builder("pull", solr.urls()).open())
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContainingAll("pull", "type PULL", "expected NRT");
  }

  private static void refused(String collection, String url, String word) {
    assertThatThrownBy(
            () -> SolrStorage.builder(collection, url).patience(Duration.ofMinutes(1)).open())
        .isInstanceOf(SolrNotFoundException.class)
        .hasMessageContainingAll(collection, url, word);
  }
}
