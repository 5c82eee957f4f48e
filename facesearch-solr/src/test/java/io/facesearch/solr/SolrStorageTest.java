package io.facesearch.solr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.ModelMismatchException;
import io.facesearch.NamedPerson;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.testing.GalleryStorageContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

  /** What lies in its log only is replayed when it comes back; until then nothing is answered. */
  @Test
  void aNodeThatWasKilledAnswersWhole(@TempDir Path where) throws Exception {
    try (GalleryStorage storage = open(where)) {
      for (int i = 0; i < 30; i++) {
        float[] vector = new float[16];
        vector[i % 16] = 1 + i;
        storage.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vector)));
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
}
