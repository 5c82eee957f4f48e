package io.facesearch.cli;

import static io.facesearch.cli.Run.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SolrGalleryTest {
  @TempDir private Path folder;

  @Test
  void anAddressHasACollectionAndNodes() {
    assertThat(SolrAddress.of("solr:faces@http://a:8983/solr,https://b/solr"))
        .isEqualTo(new SolrAddress("faces", List.of("http://a:8983/solr", "https://b/solr")));
    for (String wrong :
        List.of("solr:", "solr:faces", "solr:faces@", "solr:f/g@http://a", "solr:f@a:1")) {
      assertThatThrownBy(() -> SolrAddress.of(wrong)).hasMessageContaining("solr:COLLECTION@URL");
      Run refused = run("list", "--gallery", wrong);
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.text()).contains("solr:COLLECTION@URL").doesNotContain("\tat ");
    }
  }

  @Test
  void secretsInAddressesAreNotTold() {
    for (String node :
        List.of(
            "http://user:S3cret@x/solr",
            "ftp://user:S3cret@x",
            "http://x/?p=S3cret",
            "http://[::1/S3cret")) {
      Run refused = run("list", "--gallery", "solr:faces@" + node);
      assertThat(refused.status()).isEqualTo(1);
      assertThat(refused.text()).contains("address").doesNotContain("S3cret", "\tat ");
    }
  }

  @Test
  void whatNeedsAFolderSaysSo() {
    String gallery = "solr:faces@http://localhost:1/solr";
    for (Object[] command :
        new Object[][] {
          {"watch", folder, "--gallery", gallery},
          {"export", folder.resolve("names"), "--xmp", "--gallery", gallery},
          {"reembed", "--gallery", gallery, "--new-gallery", folder.resolve("new")},
        }) {
      Run refused = run(command);
      assertThat(refused.status()).as(refused.text()).isEqualTo(1);
      assertThat(refused.text()).contains("needs the folder of a store").doesNotContain("\tat ");
    }
    Run key = run("list", "--gallery", gallery, "--key-file", folder.resolve("key"));
    assertThat(key.status()).isEqualTo(1);
    assertThat(key.text()).contains("--key-file is for the folder of a store");
  }

  /** On a node that the script for trying things out starts. */
  @Test
  @Tag("slow")
  @Timeout(300)
  @DisabledOnOs(OS.WINDOWS)
  void commandsWorkOnSolrCloud() throws Exception {
    Process cluster =
        new ProcessBuilder("../facesearch-solr/cluster.sh", "1", folder.resolve("solr").toString())
            .redirectError(folder.resolve("log").toFile())
            .start();
    try (BufferedReader lines = cluster.inputReader()) {
      String url = lines.readLine();
      assertThat(url).startsWith("http://127.0.0.1:");
      HttpRequest create =
          HttpRequest.newBuilder(
                  URI.create(
                      url
                          + "/admin/collections?action=CREATE&name=faces&numShards=1"
                          + "&replicationFactor=1&collection.configName=facesearch"))
              .build();
      assertThat(HttpClient.newHttpClient().send(create, BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      String gallery = "solr:faces@" + url;
      Path photos = folder.resolve("samples");
      SampleFaces.unpack(photos);
      Run indexed = run("index", "--photos", photos.resolve("gallery"), "--gallery", gallery);
      assertThat(indexed.status()).as(indexed.text()).isZero();
      Path probe = folder.resolve("probe.jpg");
      Files.write(probe, SampleFaces.read(SampleFaces.queries().get(0)));
      Run found = run("identify", probe, "--gallery", gallery);
      assertThat(found.status()).as(found.text()).isZero();
      Path store = folder.resolve("store");
      run("index", "--photos", photos.resolve("gallery"), "--gallery", store);
      assertThat(found.out()).isEqualTo(run("identify", probe, "--gallery", store).out());
      assertThat(run("people", "list", "--gallery", gallery).lines())
          .isNotEmpty()
          .containsExactlyElementsOf(run("people", "list", "--gallery", store).lines());
      assertThat(run("list", "--gallery", gallery).lines())
          .containsExactlyElementsOf(run("list", "--gallery", store).lines());
      assertThat(run("info", "--gallery", gallery).status()).isZero();
      assertThat(run("doctor", "--gallery", gallery).text()).contains("a gallery on SolrCloud, ");
    } finally {
      cluster.toHandle().descendants().forEach(ProcessHandle::destroyForcibly);
      cluster.destroyForcibly();
    }
  }
}
