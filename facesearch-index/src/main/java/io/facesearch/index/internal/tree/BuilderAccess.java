package io.facesearch.index.internal.tree;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives the store the settings behind the builder that applications see. Thread-safe. */
public final class BuilderAccess {
  private static volatile @Nullable Function<Object, TreeIndex.Builder> reader;

  private BuilderAccess() {}

  /** Called once by the class of that builder, which is loaded before there is one. */
  public static void grant(Function<Object, TreeIndex.Builder> newReader) {
    reader = newReader;
  }

  /** The settings of a {@code SigmoidTreeIndex.Builder}. */
  public static TreeIndex.Builder settings(Object builder) {
    return Objects.requireNonNull(reader).apply(builder);
  }
}
