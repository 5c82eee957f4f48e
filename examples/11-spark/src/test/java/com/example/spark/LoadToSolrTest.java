package com.example.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The rows in a gallery on SolrCloud, which the script for trying things out starts. */
@DisabledOnOs(OS.WINDOWS)
class LoadToSolrTest {
  @TempDir private Path folder;

  @Test
  @Timeout(600)
  void theGalleryIsThatOfOneProcessAlsoIfLoadingWasStopped() throws Exception {
    Path photos = folder.resolve("photos");
    Photos.write(photos, 4);
    String rows = folder.resolve("rows").toString();
    List<EmbeddedFace> direct = Photos.indexed(PhotoSource.folder(photos));
    Path script = Photos.SAMPLES.resolve("../../../../../../../../facesearch-solr/cluster.sh");
    Process cluster =
        new ProcessBuilder(script.toString(), "1", folder.resolve("solr").toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
    try (BufferedReader lines = cluster.inputReader();
        SparkSession spark = EmbedPhotosTest.session()) {
      new EmbedPhotos(spark).run(rows, List.of(photos.toString()));
      String url = lines.readLine();
      assertThat(url).as(Files.readString(folder.resolve("log"))).startsWith("http://127.0.0.1:");
      HttpRequest create =
          HttpRequest.newBuilder(
                  URI.create(
                      url
                          + "/admin/collections?action=CREATE&name=faces&numShards=1"
                          + "&replicationFactor=1&collection.configName=facesearch"))
              .build();
      assertThat(HttpClient.newHttpClient().send(create, BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      String where = "solr:faces@" + url;
      try (Gallery loaded = LoadGallery.gallery(where).analyzer(Model.get()).open()) {
        // As if it had been killed after the first of them.
        loaded.addEmbedded(direct.subList(0, direct.size() / 2));
      }
      try (Gallery loaded = LoadGallery.gallery(where).analyzer(Model.get()).open()) {
        LoadGallery.load(spark, rows, loaded);
        // Ids, names, boxes, tags, stamps of the files, and vectors to the last bit.
        assertThat(loaded.faces()).containsExactlyInAnyOrderElementsOf(direct);
        assertThat(LoadGallery.load(spark, rows, loaded)).isZero();
      }
    } finally {
      Stream.concat(cluster.descendants(), Stream.of(cluster.toHandle()))
          .forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void aNameWithoutAnAddressIsRefused() {
    assertThatThrownBy(() -> LoadGallery.gallery("solr:faces"))
        .hasMessageContaining("solr:COLLECTION@URL");
  }
}
