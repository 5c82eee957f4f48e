package io.facesearch.index;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;

/** Stores against a map, opened again now and then; jqwik prints the seed of a failure. */
class StoreOperationsTest {

  @Property(tries = 6, shrinking = ShrinkingMode.OFF)
  void store(@ForAll long seed) {
    run(seed, 8, 40);
  }

  /** 10,000 operations; 100,000 with {@code -Dfacesearch.operations=1000}. */
  @Tag("slow")
  @Property(tries = 10, shrinking = ShrinkingMode.OFF)
  void longRuns(@ForAll long seed) {
    run(seed, 10, Integer.getInteger("facesearch.operations", 100));
  }

  private static void run(long seed, int openings, int operations) {
    Path folder = null;
    try {
      folder = Files.createTempDirectory("facesearch-store");
      byte[] key = (seed & 1) == 0 ? null : new byte[32];
      RandomOperations all = null;
      Random random = new Random(seed);
      for (int opening = 0; opening < openings; opening++) {
        FaceStore.Builder builder = FaceStore.builder(folder);
        if (key != null) {
          builder.key(key);
        }
        builder.index(SigmoidTreeIndex.builder().leafSize(1 + random.nextInt(16)));
        try (FaceStore store = builder.open()) {
          if (all == null) {
            all = new RandomOperations(store, seed);
          } else {
            all.goOnWith(store);
          }
          all.run(operations);
          store.verify();
          if (key != null && random.nextInt(8) == 0) {
            byte[] next = new byte[32];
            random.nextBytes(next);
            store.rotateKey(next);
            key = next;
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    if (folder != null) {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
        Files.delete(folder);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
