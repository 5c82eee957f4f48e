package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.FaceImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The resident size of the process, which no leak detector of the JVM sees. */
@EnabledOnOs(OS.LINUX)
class MemoryTest {
  private static final List<FaceImage> CHIPS = TestChips.chips(40);

  @Test
  void twoThousandEmbeddingsLeaveTheResidentSizeFlat() throws Exception {
    try (DlibFaceEmbedder embedder =
        DlibFaceEmbedder.builder(TestWeights.dlib()).threads(2).batchSize(8).build()) {
      for (int i = 0; i < 12; i++) {
        embedder.embed(CHIPS);
        embedder.embed(CHIPS.subList(0, 1 + i % 8));
      }
      long before = resident();
      for (int i = 0; i < 50; i++) {
        embedder.embed(CHIPS);
      }
      assertThat(resident()).as("resident kB").isLessThan(before + before / 10);
    }
  }

  @Test
  void manyCallersLeaveTheResidentSizeFlat() throws Exception {
    try (DlibFaceEmbedder embedder =
        DlibFaceEmbedder.builder(TestWeights.dlib()).threads(2).batchSize(8).build()) {
      embedFromThreads(embedder, 16);
      long before = resident();
      for (int round = 0; round < 8; round++) {
        embedFromThreads(embedder, 16);
      }
      assertThat(resident()).as("resident kB").isLessThan(before + before / 10);
    }
  }

  private static void embedFromThreads(DlibFaceEmbedder embedder, int threads) throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(threads);
    try {
      for (Future<?> call :
          callers.invokeAll(
              Collections.nCopies(4 * threads, () -> embedder.embed(CHIPS.subList(0, 1))))) {
        call.get();
      }
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  @Tag("slow")
  void reopeningFreesTheWeights() throws Exception {
    int rounds = 12;
    for (int i = 0; i < rounds; i++) {
      openUseClose();
    }
    long before = resident();
    for (int i = 0; i < rounds; i++) {
      openUseClose();
    }
    // The weights are 22 MB; malloc keeps some memory for each thread it has seen.
    assertThat(resident() - before).as("growth in kB").isLessThan(rounds * 22_000L / 2);
  }

  private static void openUseClose() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try (DlibFaceEmbedder embedder =
        DlibFaceEmbedder.builder(TestWeights.dlib()).threads(2).batchSize(8).build()) {
      for (Future<?> call :
          callers.invokeAll(Collections.nCopies(8, () -> embedder.embed(CHIPS.subList(0, 8))))) {
        call.get();
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D+", ""));
      }
    }
    throw new AssertionError("no VmRSS");
  }
}
