package io.facesearch.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.PhotoSource;
import io.facesearch.Search;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gallery in a folder is used as an application uses it, for as long as {@code
 * facesearch.soak.minutes} says; heap and resident memory must not grow after the first third.
 */
@Tag("soak")
class SoakTest {
  private static final Path SAMPLES =
      Path.of("../facesearch-cli/src/main/resources/io/facesearch/cli/samples");
  private static final int MOST_FACES = 400;
  private static final int SAMPLES_OF_MEMORY = 60;

  @TempDir private Path temp;

  /** What Java's objects take, what the heap has of the system, and all that is resident. */
  private record Memory(long heap, long committed, long resident) {
    static Memory now() throws IOException {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      long resident = 0;
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmRSS:")) {
          resident = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
      MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
      return new Memory(heap.getUsed(), heap.getCommitted(), resident);
    }
  }

  @Test
  void memoryDoesNotGrow() throws Exception {
    long minutes = Long.getLong("facesearch.soak.minutes", 60);
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Path> photos;
    try (Stream<Path> files = Files.walk(SAMPLES)) {
      photos = files.filter(f -> f.toString().endsWith(".jpg")).sorted().toList();
    }
    long start = System.nanoTime();
    long length = Duration.ofMinutes(minutes).toNanos();
    List<Memory> memory = new ArrayList<>();
    long steps = 0;
    int rounds = 0;
    while (System.nanoTime() - start < length) {
      // A round opens the gallery, uses it, and closes it.
      try (Gallery gallery = Gallery.open(temp.resolve("gallery"))) {
        for (int i = 0; i < 200 && System.nanoTime() - start < length; i++, steps++) {
          step(gallery, photos, random, steps);
          if (System.nanoTime() - start > memory.size() * length / SAMPLES_OF_MEMORY) {
            Memory now = Memory.now();
            memory.add(now);
            System.out.printf(
                "%d s: %d steps, %d faces, heap %,d of %,d, resident %,d%n",
                (System.nanoTime() - start) / 1_000_000_000,
                steps,
                gallery.size(),
                now.heap(),
                now.committed(),
                now.resident());
          }
        }
      }
      rounds++;
    }
    System.out.println(steps + " steps in " + rounds + " rounds");
    int third = memory.size() / 3;
    Memory then = median(memory.subList(third, 2 * third));
    Memory now = median(memory.subList(2 * third, memory.size()));
    assertThat(now.heap()).isLessThan(then.heap() + then.heap() / 10 + (4 << 20));
    assertThat(now.resident()).isLessThan(then.resident() + then.resident() / 20 + (16 << 20));
  }

  private void step(Gallery gallery, List<Path> photos, Random random, long number)
      throws Exception {
    Path file = photos.get(random.nextInt(photos.size()));
    String person = "p" + random.nextInt(40);
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        if (gallery.size() < MOST_FACES) {
          byte[] bytes = Files.readAllBytes(file);
          gallery.add(Photo.of("photo-" + number + ".jpg", bytes).person(person));
        } else {
          gallery.forget(person);
        }
      }
      case 3 -> {
        FaceImage photo = FaceImage.read(file);
        gallery.analyzer().analyze(photo).stream()
            .findFirst()
            .ifPresent(face -> gallery.addFace(photo, face, io.facesearch.FaceInfo.person(person)));
      }
      case 4, 5, 6 -> gallery.identify(FaceImage.read(file));
      case 7 -> gallery.search(FaceImage.read(file), Search.nearest(10));
      case 8 -> {
        List<EmbeddedFace> faces = gallery.faces();
        if (!faces.isEmpty()) {
          EmbeddedFace face = faces.get(random.nextInt(faces.size()));
          gallery.search(face.face().id(), Search.within(1));
          gallery.readCrop(face.face(), FaceImageReader.builder().build());
          gallery.remove(face.face().id());
        }
      }
      case 9 -> gallery.people();
      case 10 -> {
        if (random.nextInt(20) == 0) {
          Path copy = temp.resolve("backup-" + number);
          gallery.backup(copy);
          delete(copy);
        }
      }
      default -> gallery.addAll(PhotoSource.of(Stream.of(Photo.of(file))));
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(folder)) {
      files = found.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path each : files) {
      Files.delete(each);
    }
  }

  private static Memory median(List<Memory> some) {
    return new Memory(
        median(some, Memory::heap),
        median(some, Memory::committed),
        median(some, Memory::resident));
  }

  private static long median(List<Memory> some, ToLongFunction<Memory> of) {
    return some.stream().mapToLong(of).sorted().skip(some.size() / 2).findFirst().orElse(0);
  }
}
