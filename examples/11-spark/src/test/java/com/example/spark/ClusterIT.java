package com.example.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.PhotoSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar on a master and two workers, with an executor and a driver killed by kill -9. */
class ClusterIT {
  @TempDir private Path folder;

  @Test
  void killsChangeNothing() throws Exception {
    Path photos = folder.resolve("photos");
    int count = 0;
    for (int copy = 0; copy < 3; copy++) {
      count += Photos.write(photos.resolve("copy" + copy), 32);
    }
    // 90 million pixels, in executors of 1 GB.
    Path huge = photos.resolve("huge.png");
    ImageIO.write(
        new BufferedImage(10_000, 9_000, BufferedImage.TYPE_INT_RGB), "png", huge.toFile());
    Files.writeString(photos.resolve("text.jpg"), "no photo");
    count += 2;
    Path rows = folder.resolve("rows");
    Path home = folder.resolve("gallery");
    List<String> settings =
        List.of(
            "spark.executor.memory=900m",
            "spark.facesearch.photosPerTask=8",
            "spark.facesearch.photosPerRound=200");

    try (Cluster cluster = new Cluster(folder)) {
      Process first = cluster.submit("first", EmbedPhotos.class, settings, rows, photos);
      Cluster.waitUntil(() -> !first.isAlive() || finishedTasks(rows) > 0);
      ProcessHandle executor = cluster.executors().get(0);
      assertThat(executor.destroyForcibly()).isTrue();
      assertThat(finishedTasks(rows)).isBetween(1L, 24L); // of 25: it was in the middle
      Cluster.waitUntil(() -> !first.isAlive() || parts(rows) >= 25);
      assertThat(first.isAlive()).isTrue();
      assertThat(cluster.log("first")).contains("Executor updated:", "is now EXITED");
      Cluster.waitUntil(() -> !first.isAlive() || finishedTasks(rows) > 0);
      first.destroyForcibly();
      assertThat(first.waitFor()).isEqualTo(137);

      Process second = cluster.submit("second", EmbedPhotos.class, settings, rows, photos);
      assertThat(second.waitFor(30, TimeUnit.MINUTES)).isTrue();
      assertThat(second.exitValue()).as(cluster.log("second")).isZero();
      String report = "Report[known=200, photos=" + (count - 200) + ", ";
      assertThat(cluster.log("second")).contains(report);
      Process load = cluster.submit("load", LoadGallery.class, List.of(), rows, home);
      assertThat(load.waitFor(30, TimeUnit.MINUTES)).isTrue();
      assertThat(load.exitValue()).as(cluster.log("load")).isZero();

      String logs = cluster.executorLogs() + cluster.log("first") + cluster.log("second");
      assertThat(logs).contains("CoarseGrainedExecutorBackend").doesNotContain("person_", "_MG_");
    }
    List<EmbeddedFace> direct = Photos.indexed(PhotoSource.folder(photos));
    try (Gallery loaded = Gallery.builder().folder(home).analyzer(Model.get()).open()) {
      assertThat(loaded.faces()).containsExactlyInAnyOrderElementsOf(direct);
    }
  }

  /** Tasks of the round that runs whose output waits for the others. */
  private static long finishedTasks(Path rows) {
    return count(rows.resolve("_temporary/0"), "task_");
  }

  private static long parts(Path rows) {
    return count(rows, "part-");
  }

  private static long count(Path folder, String prefix) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).count();
    } catch (IOException e) {
      return 0; // not there yet, or no more
    }
  }
}
