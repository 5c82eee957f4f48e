package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.facesearch.NativeRuntimeException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeArtifactsTest {
  private static final String HERE = NativeArtifacts.platform();

  /** The class path of this test without the jars of that name, and with a folder before it. */
  private static URLClassLoader classPath(String without, Path... before)
      throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (Path path : before) {
      urls.add(path.toUri().toURL());
    }
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (without.isEmpty() || !Path.of(entry).getFileName().toString().startsWith(without)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  @Test
  void theVersionsArePinnedAsOneSet() throws IOException {
    String pinned = System.getProperty("pinned.jni.version");
    assumeTrue(pinned != null, "set by the build");
    Properties jni = new Properties();
    try (InputStream in =
        getClass().getClassLoader().getResourceAsStream(NativeArtifacts.JNI_PROPERTIES)) {
      jni.load(in);
    }
    assertThat(jni.getProperty("jni_version")).isEqualTo(pinned);
    Properties engine = new Properties();
    try (InputStream in =
        getClass().getClassLoader().getResourceAsStream(NativeArtifacts.ENGINE_PROPERTIES)) {
      engine.load(in);
    }
    assertThat(engine.getProperty("pytorch_version") + "-" + engine.getProperty("djl_version"))
        .isEqualTo(pinned);
  }

  @Test
  void findsNothingMissingHere() throws IOException {
    try (URLClassLoader loader = classPath("")) {
      assertThatCode(() -> NativeArtifacts.check(loader, HERE)).doesNotThrowAnyException();
    }
  }

  @Test
  void saysThatTheNativeLibraryIsMissing() throws IOException {
    try (URLClassLoader loader = classPath("pytorch-native-cpu")) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, HERE))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("ai.djl.pytorch:pytorch-native-cpu:2.7.1", HERE, "found: none");
    }
  }

  @Test
  void saysThatTheNativeLibraryIsOfAnotherMachine() throws IOException {
    String other = HERE.equals("osx-aarch64") ? "linux-x86_64" : "osx-aarch64";
    try (URLClassLoader loader = classPath("")) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, other))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining(
              "ai.djl.pytorch:pytorch-native-cpu:2.7.1", other, "classifiers found: " + HERE);
    }
  }

  @Test
  void aPlaceholderWithoutClassifierDoesNotCount(@TempDir Path folder) throws IOException {
    Path properties = folder.resolve(NativeArtifacts.NATIVE_PROPERTIES);
    Files.createDirectories(properties.getParent());
    Files.writeString(properties, "placeholder=true\nversion=2.7.1\n");
    try (URLClassLoader loader = classPath("pytorch-native-cpu", folder)) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, HERE))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("pytorch-native-cpu", "classifier");
    }
  }

  @Test
  void saysThatTheJniLibraryIsMissing() throws IOException {
    try (URLClassLoader loader = classPath("pytorch-jni")) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, HERE))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0 is not on the class path");
    }
  }

  @Test
  void saysThatTheJniLibraryIsOfAnotherVersion(@TempDir Path folder) throws IOException {
    Path properties = folder.resolve(NativeArtifacts.JNI_PROPERTIES);
    Files.createDirectories(properties.getParent());
    Files.writeString(properties, "jni_version=2.5.1-0.33.0\n");
    try (URLClassLoader loader = classPath("pytorch-jni", folder)) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, HERE))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("expected ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0", "2.5.1-0.33.0");
    }
  }

  @Test
  void saysThatTheEngineIsMissing() throws IOException {
    try (URLClassLoader loader = classPath("pytorch-engine")) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, HERE))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("ai.djl.pytorch:pytorch-engine is not on the class path");
    }
  }

  @Test
  void saysWhereThereIsNoPyTorchAtAll() throws IOException {
    try (URLClassLoader loader = classPath("")) {
      assertThatThrownBy(() -> NativeArtifacts.check(loader, "osx-x86_64"))
          .isInstanceOf(NativeRuntimeException.class)
          .hasMessageContaining("no library for osx-x86_64", "linux-aarch64", "win-x86_64");
    }
  }

  @Test
  void spellsMachinesAsDjlDoes() {
    assertThat(NativeArtifacts.platform("Linux", "amd64")).isEqualTo("linux-x86_64");
    assertThat(NativeArtifacts.platform("Linux", "aarch64")).isEqualTo("linux-aarch64");
    assertThat(NativeArtifacts.platform("Mac OS X", "aarch64")).isEqualTo("osx-aarch64");
    assertThat(NativeArtifacts.platform("Windows 11", "amd64")).isEqualTo("win-x86_64");
  }
}
