package io.facesearch.benchmarks;

import io.facesearch.FaceImage;
import io.facesearch.Gallery;
import io.facesearch.Photo;
import io.facesearch.Search;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;

/**
 * How soon a fresh JVM has its first match: {@code FirstMatch PHOTO}, to be run in new processes.
 */
public final class FirstMatch {
  private FirstMatch() {}

  public static void main(String[] args) throws Exception {
    long start = System.nanoTime();
    long startCpu = cpuMillis();
    try (Gallery faces = Gallery.inMemory()) {
      long opened = System.nanoTime();
      long openedCpu = cpuMillis();
      FaceImage photo = FaceImage.read(Path.of(args[0]));
      faces.add(Photo.of("photo", photo));
      int matches = faces.search(photo, Search.nearest(1)).orThrow().size();
      System.out.printf(
          "open %d ms (processor %d), %d match after it %d ms (%d); since the start of the JVM %d"
              + " ms (%d)%n",
          (opened - start) / 1_000_000,
          openedCpu - startCpu,
          matches,
          (System.nanoTime() - opened) / 1_000_000,
          cpuMillis() - openedCpu,
          System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime(),
          cpuMillis());
    }
  }

  /** Of all threads of the process; tells more than the clock where other work runs. */
  private static long cpuMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
  }
}
