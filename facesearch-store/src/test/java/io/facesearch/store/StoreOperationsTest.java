package io.facesearch.store;

import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.testing.RandomOperations;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A store that is opened again and again, against a map; a failure tells its seed. */
class StoreOperationsTest {

  @Property(tries = 6)
  void store(@ForAll long seed) throws IOException {
    run(seed, 10, 60);
  }

  /** About 8,000 operations; 40,000 with {@code -Dfacesearch.test.operations=250}. */
  @Tag("slow")
  @Property(tries = 8)
  void longRuns(@ForAll long seed) throws IOException {
    run(seed, 20, Integer.getInteger("facesearch.test.operations", 50));
  }

  /** A filter reads the tags of faces that were removed before the file was written: none. */
  @Test
  void filtersAfterFacesOfAFileWereRemoved() throws IOException {
    run(-1214755229500878038L, 20, 50);
  }

  /** Half of the stores are encrypted. */
  private static void run(long seed, int sessions, int most) throws IOException {
    Path folder = Files.createTempDirectory("facesearch-store");
    try {
      Random random = new Random(seed);
      byte[] key = random.nextBoolean() ? new byte[16] : null;
      RandomOperations operations = null;
      int leafSize = 1 + random.nextInt(16);
      for (int session = 0; session < sessions; session++) {
        if (random.nextInt(4) == 0) {
          leafSize = 1 + random.nextInt(16); // the tree of the file is of no use then
        }
        FaceStore.Builder builder =
            FaceStore.builder(folder)
                .sync(SyncPolicy.ON_DEMAND)
                .index(
                    SigmoidTreeIndex.builder()
                        .leafSize(leafSize)
                        .rebuildShare(0.05 + random.nextDouble()));
        if (key != null) {
          builder.key(key);
        }
        try (FaceStore store = builder.open()) {
          if (operations == null) {
            operations = new RandomOperations(store, seed);
          } else {
            operations.goOnWith(store);
          }
          operations.run(session == sessions - 1 ? most : random.nextInt(2 * most));
          if (random.nextInt(4) == 0 && key != null) {
            random.nextBytes(key);
            store.rotateKey(key);
            operations.run(10);
          }
          if (random.nextInt(4) == 0) {
            store.verify();
          }
        }
      }
    } finally {
      delete(folder);
    }
  }

  static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
