package io.facesearch.detect;

import io.facesearch.NativeRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import nu.pattern.OpenCV;
import org.opencv.core.Core;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads OpenCV once. {@code -Dfacesearch.opencv.path=FILE} loads that library instead of the one in
 * the jar, which unpacks 65 MB to a temporary folder at each start of the JVM.
 */
final class OpenCvRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(OpenCvRuntime.class);
  private static final String PATH = "facesearch.opencv.path";
  private static boolean loaded;

  private OpenCvRuntime() {}

  static synchronized void load() {
    if (loaded) {
      return;
    }
    String path = System.getProperty(PATH);
    try {
      if (path == null) {
        OpenCV.loadLocally();
      } else if (Files.isRegularFile(Path.of(path))) {
        System.load(Path.of(path).toAbsolutePath().toString());
      } else {
        throw new NativeRuntimeException(
            "-D" + PATH + " must name OpenCV's native library, but there is no file: " + path);
      }
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError | RuntimeException e) {
      if (e instanceof NativeRuntimeException known) {
        throw known;
      }
      throw new NativeRuntimeException(
          "OpenCV "
              + Core.VERSION
              + " does not load on "
              + System.getProperty("os.name")
              + "/"
              + System.getProperty("os.arch")
              + ": supported are Linux (glibc) x86_64 and aarch64, macOS x86_64 and aarch64,"
              + " Windows x86_64, with a writable java.io.tmpdir; another build of the library can"
              + " be named by -D"
              + PATH,
          e);
    }
    // facesearch spreads photos over the cores; OpenCV's own pool beside that only adds contention.
    Core.setNumThreads(Integer.getInteger("facesearch.opencv.threads", 1));
    loaded = true;
    LOG.debug("OpenCV {} loaded", Core.VERSION);
  }
}
