package io.facesearch.index.internal.quantize;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the kernel, once: the Vector API where the module {@code jdk.incubator.vector} is
 * present, else plain Java. The system property {@value #PROPERTY} forces {@code scalar} or {@code
 * vector}.
 */
public final class Kernels {
  static final String PROPERTY = "facesearch.kernel";
  private static final String MODULE = "jdk.incubator.vector";
  private static final String HOW = "start Java with --add-modules " + MODULE;
  private static final Logger LOG = LoggerFactory.getLogger("io.facesearch.index.Kernels");

  private Kernels() {}

  /** Chosen when the first index with codes is built, or forced before. */
  private static volatile @Nullable BoundKernel best;

  /**
   * The kernel of all indexes.
   *
   * @throws IllegalStateException on every call, if the property names a kernel that is not there
   */
  public static BoundKernel best() {
    BoundKernel known = best;
    if (known == null) {
      synchronized (Kernels.class) {
        known = best;
        if (known == null) {
          known = choose(System.getProperty(PROPERTY));
          best = known;
        }
      }
    }
    return known;
  }

  /**
   * Refuses a wrong property before there is any face.
   *
   * @throws IllegalStateException if the property names a kernel that is not there
   */
  public static void check() {
    if (System.getProperty(PROPERTY) != null) {
      best();
    }
  }

  /** The kernel for a value of the property; null lets it choose. */
  static BoundKernel choose(@Nullable String forced) {
    String wish = forced == null ? "" : forced.strip().toLowerCase(Locale.ROOT);
    switch (wish) {
      case "scalar":
        LOG.info("searches use plain Java, as {} asks for", PROPERTY);
        return PlainKernel.INSTANCE;
      case "vector":
        BoundKernel kernel =
            vector()
                .orElseThrow(
                    () ->
                        new IllegalStateException(
                            "the system property "
                                + PROPERTY
                                + " asks for \"vector\", but the Vector API cannot be used: "
                                + HOW
                                + ", or remove the property"));
        LOG.info("searches use the Vector API, as {} asks for", PROPERTY);
        return kernel;
      case "":
        Optional<BoundKernel> vector = vector();
        if (vector.isPresent()) {
          LOG.info("searches use the Vector API");
          return vector.get();
        }
        LOG.info(
            "searches use plain Java; for faster searches among some kinds of vectors, {}", HOW);
        return PlainKernel.INSTANCE;
      default:
        throw new IllegalStateException(
            "the system property "
                + PROPERTY
                + " must be \"scalar\" or \"vector\", but is: \""
                + forced
                + "\"");
    }
  }

  /** The kernel that needs the Vector API, if it can be used. */
  static Optional<BoundKernel> vector() {
    Optional<Module> module = ModuleLayer.boot().findModule(MODULE);
    if (module.isEmpty()) {
      return Optional.empty();
    }
    try {
      Kernels.class.getModule().addReads(module.get());
      return Optional.of(
          Class.forName("io.facesearch.index.internal.quantize.VectorKernel")
              .asSubclass(BoundKernel.class)
              .getDeclaredConstructor()
              .newInstance());
    } catch (ReflectiveOperationException | LinkageError e) {
      LOG.warn("the Vector API is present but cannot be used; searches are slower", e);
      return Optional.empty();
    }
  }
}
