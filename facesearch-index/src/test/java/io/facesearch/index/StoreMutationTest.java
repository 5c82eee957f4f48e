package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens damaged copies of a store's files: each is refused by a typed error that names a file, or
 * answers as before. How many: {@code -Dfacesearch.mutations=100000}, default 400.
 */
class StoreMutationTest {
  private static final int MUTATIONS = Integer.getInteger("facesearch.mutations", 400);
  private static final Embedding QUERY = Embedding.of("m", 1, 2, 3, 4);

  @TempDir Path temp;

  @Test
  void damageIsNamed() throws IOException {
    damage(null, MUTATIONS / 8, 1);
  }

  @Test
  @Tag("slow")
  void damageIsNamedOften() throws IOException {
    long seed = System.nanoTime();
    damage(null, MUTATIONS, seed);
    damage(new byte[32], MUTATIONS, seed + 1);
  }

  private void damage(byte[] key, int mutations, long seed) throws IOException {
    System.out.println("seed " + seed);
    Path whole = temp.resolve("whole" + seed);
    List<EmbeddedFace> faces = new ArrayList<>();
    try (FaceStore store = open(whole, key)) {
      Random random = new Random(3);
      for (int i = 0; i < 300; i++) {
        float[] vector = {random.nextFloat(), random.nextFloat(), i, -i};
        faces.add(
            new EmbeddedFace(
                FaceRecord.of("face" + i, "p" + i % 7).withTag("n", i), Embedding.of("m", vector)));
      }
      store.addAll(faces.subList(0, 200));
      faces.subList(200, 300).forEach(store::add);
      store.remove("face9");
      faces.remove(9);
      store.people();
    }
    Map<String, byte[]> files = new TreeMap<>();
    try (var list = Files.list(whole)) {
      for (Path file : list.toList()) {
        files.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    List<String> names =
        files.keySet().stream().filter(name -> files.get(name).length > 0).toList();
    Random random = new Random(seed);
    int refused = 0;
    Path folder = Files.createDirectory(temp.resolve("damaged" + seed));
    for (int i = 0; i < mutations; i++) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(folder.resolve(file.getKey()), file.getValue());
      }
      String name = names.get(random.nextInt(names.size()));
      Files.write(folder.resolve(name), mutate(files.get(name), random));
      boolean isRefused =
          assertTimeoutPreemptively(Duration.ofSeconds(10), () -> isRefused(folder, key, faces));
      refused += isRefused ? 1 : 0;
      try (var list = Files.list(folder)) {
        for (Path file : list.toList()) {
          Files.delete(file);
        }
      }
    }
    System.out.println(mutations + " mutations, " + refused + " refused");
    assertThat(refused).isGreaterThan(mutations / 4);
  }

  private static boolean isRefused(Path folder, byte[] key, List<EmbeddedFace> faces)
      throws IOException {
    try (FaceStore store = open(folder, key)) {
      assertThat(store.faces()).isEqualTo(faces);
      assertThat(store.search(QUERY, 5).matches()).hasSize(5);
      store.people();
      store.verify();
      return false;
    } catch (FaceSearchException e) {
      assertThat(e).hasMessageContaining(folder.toString());
      return true;
    }
  }

  private static FaceStore open(Path folder, byte[] key) throws IOException {
    FaceStore.Builder builder = FaceStore.builder(folder);
    return key == null ? builder.open() : builder.key(key).open();
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    byte[] copy = bytes.clone();
    switch (random.nextInt(5)) {
      case 0 -> copy = Arrays.copyOf(copy, random.nextInt(copy.length));
      case 1 -> copy = Arrays.copyOf(copy, copy.length + 1 + random.nextInt(5000));
      case 2 -> {
        int from = random.nextInt(copy.length);
        int to = Math.min(copy.length, from + 1 + random.nextInt(4096));
        for (int i = from; i < to; i++) {
          copy[i] = (byte) random.nextInt();
        }
      }
      case 3 -> {
        int at = random.nextInt(Math.max(1, Math.min(copy.length, 200)));
        copy[at] = (byte) random.nextInt();
      }
      default -> copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }
}
