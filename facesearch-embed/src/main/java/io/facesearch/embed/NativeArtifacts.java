package io.facesearch.embed;

import io.facesearch.NativeRuntimeException;
import io.facesearch.internal.NativeFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Checks that the class path holds PyTorch's native library and DJL's JNI library for this machine,
 * in versions that belong together, before DJL looks for them: it would answer a gap with a
 * download, or with a message that does not name the artifact.
 */
final class NativeArtifacts {
  static final String JNI_PROPERTIES = "jnilib/pytorch.properties";
  static final String NATIVE_PROPERTIES = "native/lib/pytorch.properties";
  static final String ENGINE_PROPERTIES = "pytorch-engine.properties";

  private static final String CACHE = "DJL_CACHE_DIR";
  private static final List<String> SUPPORTED =
      List.of("linux-x86_64", "linux-aarch64", "osx-aarch64", "win-x86_64");

  private NativeArtifacts() {}

  /** Name of this machine as DJL spells it, for instance linux-x86_64. */
  static String platform() {
    return platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
  }

  static String platform(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT);
    String prefix = os.startsWith("win") ? "win" : os.startsWith("mac") ? "osx" : os;
    return prefix + "-" + (osArch.equals("amd64") ? "x86_64" : osArch);
  }

  /** Throws if something is missing. Does nothing where the user points to a library of his own. */
  static void check(ClassLoader loader) {
    if (isSet("PYTORCH_LIBRARY_PATH") || isSet("PYTORCH_VERSION")) {
      return;
    }
    check(loader, platform());
  }

  static void check(ClassLoader loader, String platform) {
    try {
      Properties engine = readIfThere(loader.getResource(ENGINE_PROPERTIES));
      if (engine == null) {
        throw new NativeRuntimeException(
            "ai.djl.pytorch:pytorch-engine is not on the class path; add it, facesearch-embed"
                + " depends on it");
      }
      String djl = engine.getProperty("djl_version", "");
      String torch = nativeVersion(loader, platform, engine.getProperty("pytorch_version", ""));
      checkJni(loader, platform, torch + "-" + djl);
    } catch (IOException e) {
      throw new NativeRuntimeException("cannot read the native artifacts of PyTorch", e);
    }
  }

  /**
   * Unpacks PyTorch to where DJL will look for it. DJL itself leaves parts behind when it is
   * killed, and takes the common temporary folder, where others could have put libraries, if the
   * home folder is read-only. Does nothing where the user points to a library of his own.
   */
  static void unpack(ClassLoader loader) {
    if (isSet("PYTORCH_LIBRARY_PATH") || isSet("PYTORCH_VERSION") || isSet("PYTORCH_FLAVOR")) {
      return;
    }
    String home = value(CACHE);
    Path cache =
        home == null ? Path.of(System.getProperty("user.home", ""), ".djl.ai") : Path.of(home);
    String platform = platform();
    try {
      for (URL url : Collections.list(loader.getResources(NATIVE_PROPERTIES))) {
        Properties bundle = read(url);
        String flavor = bundle.getProperty("flavor", "");
        if (bundle.getProperty("placeholder") == null
            && bundle.getProperty("classifier", "").endsWith(platform)
            && flavor.equals("cpu")) {
          String set = bundle.getProperty("version", "") + "-" + flavor + "-" + platform;
          NativeFolder.unpackOnce(
              "PyTorch",
              libraries(loader, platform, bundle),
              cache.resolve("pytorch").resolve(set),
              "name another folder by " + CACHE + " in the environment; 450 MB are needed");
          System.setProperty(CACHE, cache.toString());
          return;
        }
      }
    } catch (IOException e) {
      throw new NativeRuntimeException("cannot read the native artifacts of PyTorch", e);
    }
  }

  private static Map<String, URL> libraries(ClassLoader loader, String platform, Properties bundle)
      throws IOException {
    Map<String, URL> files = new LinkedHashMap<>();
    for (String name : bundle.getProperty("libraries", "").split(",", -1)) {
      files.put(name, loader.getResource("pytorch/cpu/" + platform + "/" + name));
    }
    String jni = System.mapLibraryName("djl_torch");
    Properties engine =
        Objects.requireNonNull(
            readIfThere(loader.getResource(ENGINE_PROPERTIES)), "DJL's PyTorch engine");
    String djl = engine.getProperty("djl_version", "");
    files.put(djl + "-" + jni, loader.getResource("jnilib/" + platform + "/cpu/" + jni));
    files.values().removeIf(Objects::isNull); // DJL says what is missing
    return files;
  }

  /** Whether PyTorch's libraries are those for an NVIDIA GPU. */
  static boolean hasCuda(ClassLoader loader) {
    String flavor = value("PYTORCH_FLAVOR");
    if (flavor != null) {
      return flavor.startsWith("cu");
    }
    try {
      for (URL url : Collections.list(loader.getResources(NATIVE_PROPERTIES))) {
        if (read(url).getProperty("classifier", "").startsWith("cu")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new NativeRuntimeException("cannot read the native artifacts of PyTorch", e);
    }
  }

  private static String nativeVersion(ClassLoader loader, String platform, String wanted)
      throws IOException {
    StringBuilder found = new StringBuilder();
    for (URL url : Collections.list(loader.getResources(NATIVE_PROPERTIES))) {
      Properties properties = read(url);
      String classifier = properties.getProperty("classifier", "");
      if (properties.getProperty("placeholder") == null && classifier.endsWith(platform)) {
        return properties.getProperty("version", "").replaceFirst("-\\d+$", "");
      }
      found.append(found.isEmpty() ? "" : ", ").append(classifier.isEmpty() ? "none" : classifier);
    }
    if (!SUPPORTED.contains(platform)) {
      throw new NativeRuntimeException(
          "PyTorch has no library for "
              + platform
              + "; it has for "
              + String.join(", ", SUPPORTED)
              + " (Linux with glibc, not musl)");
    }
    throw new NativeRuntimeException(
        "ai.djl.pytorch:pytorch-native-cpu:"
            + wanted
            + " with classifier "
            + platform
            + " is not on the class path (classifiers found: "
            + (found.isEmpty() ? "none" : found)
            + "); add it as a runtime dependency");
  }

  private static void checkJni(ClassLoader loader, String platform, String wanted)
      throws IOException {
    String artifact = "ai.djl.pytorch:pytorch-jni:" + wanted;
    Properties jni = readIfThere(loader.getResource(JNI_PROPERTIES));
    if (jni == null) {
      throw new NativeRuntimeException(artifact + " is not on the class path; add it");
    }
    String version = jni.getProperty("jni_version", "");
    if (!version.startsWith(wanted)) {
      throw new NativeRuntimeException(
          "expected "
              + artifact
              + ", but the class path has version "
              + version
              + "; engine, JNI and native library must be of one set");
    }
    String library = System.mapLibraryName("djl_torch");
    if (loader.getResource("jnilib/" + platform + "/cpu/" + library) == null) {
      throw new NativeRuntimeException(artifact + " has no library for " + platform);
    }
  }

  /** Null where there is no such resource. */
  private static @Nullable Properties readIfThere(@Nullable URL url) throws IOException {
    return url == null ? null : read(url);
  }

  private static Properties read(URL url) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = url.openStream()) {
      properties.load(in);
    }
    return properties;
  }

  private static boolean isSet(String key) {
    return value(key) != null;
  }

  private static @Nullable String value(String key) {
    String value = System.getenv(key);
    value = value == null || value.isEmpty() ? System.getProperty(key) : value;
    return value == null || value.isEmpty() ? null : value;
  }
}
