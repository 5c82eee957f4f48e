package io.facesearch.detect;

import io.facesearch.NativeRuntimeException;
import java.io.IOException;
import java.io.InputStream;

/** The weights in the jar. */
final class Resources {
  private Resources() {}

  static byte[] read(String name) {
    try (InputStream in = Resources.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new NativeRuntimeException(
            "the resource "
                + name
                + " is missing beside "
                + Resources.class.getName()
                + "; the jar of facesearch-detect is incomplete");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new NativeRuntimeException("the resource " + name + " cannot be read", e);
    }
  }
}
