package io.facesearch.opencv;

import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativeFolder;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

  /**
   * Unpacked by us, not by the jar's own loader, which leaves its folder behind when it is killed.
   * A library belongs to the class loader that loads it, so where the jar is in another one than
   * this class, only its own loader will do.
   */
  private static void loadFromJar() {
    String name = System.mapLibraryName(Core.NATIVE_LIBRARY_NAME);
    URL resource = OpenCV.class.getResource("opencv/" + platform() + "/" + name);
    if (resource == null || OpenCV.class.getClassLoader() != OpenCvRuntime.class.getClassLoader()) {
      OpenCV.loadLocally();
      return;
    }
    System.load(NativeFolder.unpack("OpenCV", resource, name).toString());
  }

  /** As the jar spells it. */
  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    return (os.startsWith("win") ? "windows" : os.startsWith("mac") ? "osx" : "linux")
        + "/"
        + (arch.equals("aarch64") ? "ARMv8" : arch.equals("amd64") ? "x86_64" : arch);
  }

  static synchronized void load() {
    if (loaded) {
      return;
    }
    String path = System.getProperty(PATH);
    try {
      if (path == null) {
        loadFromJar();
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
              + " Windows x86_64; another build of the library can be named by -D"
              + PATH
              + "; the cause: "
              + e.getMessage(),
          e);
    }
    // facesearch spreads photos over the cores; OpenCV's own pool beside that only adds contention.
    Core.setNumThreads(Integer.getInteger("facesearch.opencv.threads", 1));
    loaded = true;
    LOG.debug("OpenCV {} loaded", Core.VERSION);
  }
}
