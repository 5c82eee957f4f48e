package io.facesearch.index;

import io.facesearch.FaceIndex;
import io.facesearch.spi.IndexProvider;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Provides {@link SigmoidTreeIndex} with default settings; found by {@link
 * java.util.ServiceLoader}. Stateless and thread-safe.
 */
public final class SigmoidTreeIndexProvider implements IndexProvider {

  /** Called by the service loader. */
  public SigmoidTreeIndexProvider() {}

  @Override
  public FaceIndex newIndex() {
    return SigmoidTreeIndex.builder().build();
  }

  @Override
  public FaceIndex load(Path file) throws IOException {
    return SigmoidTreeIndex.load(file);
  }
}
