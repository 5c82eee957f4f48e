package io.facesearch.server;

import io.facesearch.BoundingBox;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceRecord;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Faces of the gallery as small JPEGs, cut out of their photos; the last ones are kept in memory.
 * Thread-safe.
 */
final class Thumbnails {
  private static final int SIDE = 240;
  private static final double MARGIN = 1.7;
  private static final int CACHE_BYTES = 32 << 20;

  private final ServedGallery gallery;
  private final FaceImageReader reader;
  private final FaceImageReader small =
      FaceImageReader.builder().maxPixels(Workers.SMALL_PIXELS).build();
  private final Map<String, byte[]> cache = new LinkedHashMap<>(64, 0.75f, true);
  private int cached;

  /** How often other processes were met to have changed the gallery. */
  private long elsewhere;

  Thumbnails(ServedGallery gallery, FaceImageReader reader) {
    this.gallery = gallery;
    this.reader = reader;
  }

  /** One kept in memory, or empty; says nothing of whether the face is still in the gallery. */
  synchronized Optional<byte[]> cached(String id) {
    return Optional.ofNullable(cache.get(id));
  }

  /** Forgets pictures if another process changed the gallery: it may have forgotten somebody. */
  void clearIfChangedElsewhere() {
    long now = gallery.gallery().changesElsewhere();
    synchronized (this) {
      if (now == elsewhere) {
        return;
      }
      elsewhere = now;
      clear();
    }
  }

  /** Forgets pictures that may be of somebody who was forgotten. */
  synchronized void clear() {
    cache.clear();
    cached = 0;
  }

  /** Forgets one that was made while its face was removed. */
  synchronized void drop(String id) {
    byte[] old = cache.remove(id);
    cached -= old == null ? 0 : old.length;
  }

  /** The photo of a face, a large one only where those are decoded; empty if there is none. */
  Optional<FaceImage> photoOf(FaceRecord face, boolean heavy) {
    try {
      return gallery.readPhoto(face, heavy ? reader : small);
    } catch (Problem e) {
      if (heavy) {
        throw e;
      }
      throw new Workers.TooLargeForThisLane(); // or damaged, which will be seen there
    }
  }

  /**
   * Makes one, of a large photo only where those are decoded; empty if there is no photo to show.
   */
  Optional<byte[]> make(FaceRecord face, boolean heavy) throws IOException {
    Optional<FaceImage> found = photoOf(face, heavy);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    FaceImage photo = found.get();
    BoundingBox whole = new BoundingBox(0, 0, photo.width(), photo.height());
    BoundingBox part = face.box().map(box -> within(box.square(MARGIN), photo)).orElse(whole);
    byte[] jpeg =
        Pictures.jpeg(Pictures.shrink(Pictures.crop(photo, part).toBufferedImage(), SIDE));
    keep(face.id(), jpeg);
    return Optional.of(jpeg);
  }

  /** A square that is moved inside the photo, and made smaller where it does not fit. */
  private static BoundingBox within(BoundingBox square, FaceImage photo) {
    double side = Math.min(square.width(), Math.min(photo.width(), photo.height()));
    double x = Math.max(0, Math.min(photo.width() - side, square.centerX() - side / 2));
    double y = Math.max(0, Math.min(photo.height() - side, square.centerY() - side / 2));
    return new BoundingBox(x, y, side, side);
  }

  private synchronized void keep(String id, byte[] jpeg) {
    byte[] old = cache.put(id, jpeg);
    cached += jpeg.length - (old == null ? 0 : old.length);
    Iterator<byte[]> eldest = cache.values().iterator();
    while (cached > CACHE_BYTES) {
      cached -= eldest.next().length;
      eldest.remove();
    }
  }
}
