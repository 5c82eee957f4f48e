package io.facesearch;

import io.facesearch.spi.DetectionProvider;
import io.facesearch.spi.EmbedderProvider;
import io.facesearch.spi.ModelFileProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the parts that the modules on the class or module path offer. */
final class DefaultParts {
  /** Fingerprints of the models that no application has by default, and their names. */
  private static final Map<String, String> OPTIONAL =
      Map.of(
          "d7d9631b84e5743ab7fda2e19c7ee4bb3526d45103a768ca5b4466681e73bb37", "dlib",
          "d96d2d5751aaa77fd3cc24aec649ec8700607f3a189cb3f745169fa1bbe44fd1", "sface-float");

  /** In which artifact a part is that has a name. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "haar", "facesearch-opencv",
          "tiny", "facesearch-detect",
          "yunet", "facesearch-detect",
          "dlib", "facesearch-model-dlib",
          "sface", "facesearch-model-sface",
          "sface-float", "facesearch-model-sface-float");

  private DefaultParts() {}

  /** The context class loader may be foreign in plug-in hosts, so ours is asked too. */
  static <T> List<T> all(Class<T> type) {
    List<T> found = ServiceLoader.load(type).stream().map(ServiceLoader.Provider::get).toList();
    return found.isEmpty()
        ? ServiceLoader.load(type, FaceAnalyzer.class.getClassLoader()).stream()
            .map(ServiceLoader.Provider::get)
            .toList()
        : found;
  }

  static <T> Optional<T> first(Class<T> type) {
    return all(type).stream().findFirst();
  }

  /** The chain of that name, else the default; empty if no module offers any. */
  static Optional<DetectionProvider> detection(@Nullable String name) {
    return named(
        all(DetectionProvider.class),
        DetectionProvider::name,
        name,
        DetectionProvider.DEFAULT,
        "detection chain");
  }

  /** The landmark network of a chain, else of any. */
  static Optional<FaceLandmarker> landmarker(DetectionProvider chain) {
    return chain
        .newLandmarker()
        .or(
            () ->
                all(DetectionProvider.class).stream()
                    .flatMap(other -> other.newLandmarker().stream())
                    .findFirst());
  }

  /**
   * How the model is opened.
   *
   * @param name the model that is asked for, or null
   * @param fingerprint of the model that made the index; null if that holds no faces
   */
  static Optional<Callable<FaceEmbedder>> embedder(
      @Nullable String name, @Nullable String fingerprint) {
    List<EmbedderProvider> models = all(EmbedderProvider.class);
    if (name == null && fingerprint != null) {
      Optional<EmbedderProvider> own =
          models.stream().filter(m -> m.fingerprint().equals(fingerprint)).findFirst();
      if (own.isPresent()) {
        return Optional.of(own.get()::newEmbedder);
      }
      String missing = OPTIONAL.get(fingerprint);
      if (missing != null) {
        throw new ModelMismatchException(
            "the gallery was built with the model "
                + missing
                + "; add the dependency io.facesearch:"
                + ARTIFACTS.get(missing)
                + " to open it, copy its faces into a gallery of another model with"
                + " reembed, or add the photos again");
      }
    }
    return named(models, EmbedderProvider::name, name, EmbedderProvider.DEFAULT, "embedding model")
        .map(model -> model::newEmbedder);
  }

  /** A model for people: its name, if it is known, and its fingerprint. */
  static String describe(String fingerprint) {
    return all(EmbedderProvider.class).stream()
        .filter(model -> model.fingerprint().equals(fingerprint))
        .map(EmbedderProvider::name)
        .findFirst()
        .or(() -> Optional.ofNullable(OPTIONAL.get(fingerprint)))
        .map(name -> name + " (fingerprint " + fingerprint + ")")
        .orElse("of fingerprint " + fingerprint);
  }

  private static <T> Optional<T> named(
      List<T> found,
      Function<T, String> names,
      @Nullable String name,
      String byDefault,
      String what) {
    String wanted = name == null ? byDefault : name;
    Optional<T> match = found.stream().filter(p -> names.apply(p).equals(wanted)).findFirst();
    if (match.isEmpty() && name != null) {
      throw new FaceSearchException(
          "there is no "
              + what
              + " '"
              + name
              + "' on the class path, only "
              + found.stream().map(names).toList()
              + (ARTIFACTS.containsKey(name)
                  ? "; add the dependency io.facesearch:" + ARTIFACTS.get(name)
                  : ""));
    }
    return match.or(() -> found.stream().findFirst());
  }

  static FaceEmbedder fromFile(Path model) {
    ModelFileProvider files =
        first(ModelFileProvider.class)
            .orElseThrow(
                () ->
                    new FaceSearchException(
                        "no module on the class path opens models in files; add the dependency"
                            + " io.facesearch:facesearch-embed"));
    try {
      return files.openEmbedder(model);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the model " + model, e);
    }
  }
}
