package io.facesearch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.facesearch.EmbeddedFace;
import io.facesearch.Gallery;
import io.facesearch.IndexLockedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A folder that changes while it is watched, in a process of its own. */
@Tag("slow")
@Timeout(300)
@EnabledOnOs(OS.LINUX)
class WatchCommandTest {
  private static final Path SAMPLES =
      Path.of("src/main/resources/io/facesearch/cli/samples").toAbsolutePath();

  @TempDir private Path folder;
  private Path photos;
  private Path store;
  private Process watch;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<String> talk = new LinkedBlockingQueue<>();

  private void copy(int person, int photo, String to) throws IOException {
    Path target = photos.resolve(to);
    Files.createDirectories(target.getParent());
    Files.copy(
        SAMPLES.resolve(String.format("gallery/person_%02d/photo_%d.jpg", person, photo)), target);
  }

  @BeforeEach
  void start() throws Exception {
    photos = folder.resolve("photos");
    store = folder.resolve("faces");
    for (int photo = 1; photo <= 4; photo++) {
      copy(1, photo, "Ann/" + photo + ".jpg");
      copy(2, photo, "Bob/" + photo + ".jpg");
    }
    watch =
        Commands.child(
                folder,
                FaceSearchCommand.class.getName(),
                "watch",
                photos.toString(),
                "--gallery",
                store.toString(),
                "--quiet-time",
                "1",
                "--json")
            .start();
    read(watch.inputReader(), lines);
    read(watch.errorReader(), talk);
    assertThat(next().get("galleryFaces").getAsInt()).isEqualTo(8);
  }

  private static void read(BufferedReader from, LinkedBlockingQueue<String> to) {
    Thread thread = new Thread(() -> from.lines().forEach(to::add));
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void end() throws Exception {
    watch.destroy(); // SIGTERM
    assertThat(watch.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(watch.exitValue()).isZero();
  }

  private JsonObject next() throws Exception {
    String line = lines.poll(100, TimeUnit.SECONDS);
    assertThat(line).as(talk.toString()).isNotNull();
    return JsonLines.of(line, "indexed").get(0);
  }

  /** The round in which so many faces are there; a round may see a part of a change. */
  private JsonObject until(int faces) throws Exception {
    JsonObject round = next();
    while (round.get("galleryFaces").getAsInt() != faces) {
      round = next();
    }
    return round;
  }

  private void said(String words) throws Exception {
    String line = talk.poll(100, TimeUnit.SECONDS);
    while (line != null && !line.contains(words)) {
      line = talk.poll(100, TimeUnit.SECONDS);
    }
    assertThat(line).as(words).isNotNull();
  }

  /** The store, as soon as no round has it open. */
  private Gallery open() throws Exception {
    for (int tries = 0; ; tries++) {
      try {
        return Gallery.builder().folder(store).withoutModel().open();
      } catch (IndexLockedException e) {
        assertThat(tries).isLessThan(100);
        Thread.sleep(100);
      }
    }
  }

  private List<String> ids() throws Exception {
    try (Gallery gallery = open()) {
      return gallery.faces().stream().map(EmbeddedFace::face).map(f -> f.id()).sorted().toList();
    }
  }

  @Test
  void aStoreThatIsInUseFromTheStartIsWaitedFor() throws Exception {
    Process second;
    try (Gallery held = open()) {
      assertThat(held.size()).isEqualTo(8);
      second =
          Commands.child(
                  folder,
                  FaceSearchCommand.class.getName(),
                  "watch",
                  photos.toString(),
                  "--gallery",
                  store.toString(),
                  "--json")
              .start();
      read(second.inputReader(), lines);
      read(second.errorReader(), talk);
      said("in use by another command");
      assertThat(second.isAlive()).isTrue();
    }
    said("watching");
    second.destroy();
    assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isZero();
  }

  @Test
  void theGalleryFollowsTheFolder() throws Exception {
    copy(3, 1, "Eve/new.jpg"); // in a folder that is new
    until(9);
    Files.move(photos.resolve("Eve"), photos.resolve("Eva"));
    while (next().get("renamed").getAsInt() != 1) {}
    assertThat(ids()).hasSize(9).contains("photos/Eva/new.jpg#0").noneMatch(i -> i.contains("Eve"));
    Files.delete(photos.resolve("Ann/1.jpg"));
    assertThat(until(8).get("removedFaces").getAsInt()).isEqualTo(1);
    Files.move(photos.resolve("Ann/2.jpg"), photos.resolve("Bob/moved.jpg"));
    while (next().get("renamed").getAsInt() != 1) {}
    assertThat(ids()).hasSize(8).contains("photos/Bob/moved.jpg#0");
  }

  @Test
  void aFolderThatIsGoneIsNoReasonToForget() throws Exception {
    Path away = folder.resolve("unmounted");
    Files.move(photos, away);
    said("the folder is gone");
    assertThat(ids()).hasSize(8);
    Files.createDirectory(photos); // an empty mount point
    said("nothing is removed");
    assertThat(ids()).hasSize(8);
    Files.delete(photos);
    Files.move(away, photos);
    copy(3, 1, "Eve/new.jpg");
    until(9);
    assertThat(ids()).hasSize(9);
  }

  @Test
  void aStoreInUseIsWaitedFor() throws Exception {
    try (Gallery gallery = open()) {
      copy(3, 1, "Eve/new.jpg");
      said("in use by another command");
      assertThat(gallery.size()).isEqualTo(8);
    }
    until(9);
  }
}
