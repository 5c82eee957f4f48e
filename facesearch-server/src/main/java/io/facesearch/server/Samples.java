package io.facesearch.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sample photos that the page offers to try. Immutable and thread-safe. */
public final class Samples {
  /** No photos. */
  public static final Samples NONE = new Samples(Map.of());

  private final Map<String, byte[]> photos;

  private Samples(Map<String, byte[]> photos) {
    this.photos = photos;
  }

  /**
   * Creates samples.
   *
   * @param photos JPEG files by the name that the page shows, in the order in which it shows them
   * @return the photos
   */
  public static Samples of(Map<String, byte[]> photos) {
    return new Samples(new LinkedHashMap<>(photos));
  }

  List<String> names() {
    return List.copyOf(photos.keySet());
  }

  void send(Exchange exchange, @Nullable String name) {
    byte[] photo = photos.get(name);
    if (photo == null) {
      throw new Problem(404, "not_found", "there is no sample photo of that name");
    }
    exchange.result("image/jpeg", photo);
  }
}
