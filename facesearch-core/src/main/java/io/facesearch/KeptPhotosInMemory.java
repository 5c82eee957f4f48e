package io.facesearch;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Photos of a gallery that is not kept: nothing of them is ever on disk. Thread-safe. */
final class KeptPhotosInMemory implements KeptPhotos {
  /** They may take this share of the heap. */
  private static final int SHARE_OF_HEAP = 8;

  private final long most = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;
  private final Map<String, byte[]> photos = new LinkedHashMap<>();
  private long bytes;

  @Override
  public synchronized void put(String name, byte[] jpeg) {
    if (bytes + jpeg.length > most) {
      throw new IndexWriteException(
          "photos that are added may take "
              + (most >> 20)
              + " MiB of memory, which are used up; open a gallery in a folder, or raise -Xmx");
    }
    byte[] old = photos.put(name, jpeg.clone());
    bytes += jpeg.length - (old == null ? 0 : old.length);
  }

  @Override
  public synchronized Optional<byte[]> read(String name) {
    return Optional.ofNullable(photos.get(name)).map(byte[]::clone);
  }

  @Override
  public synchronized boolean has(String name) {
    return photos.containsKey(name);
  }

  @Override
  public synchronized Deleted delete(Collection<String> names) {
    int deleted = 0;
    for (String name : names) {
      byte[] photo = photos.remove(name);
      if (photo != null) {
        bytes -= photo.length;
        deleted++;
      }
    }
    return new Deleted(deleted, List.of());
  }

  @Override
  public synchronized Deleted sweep(Supplier<Set<String>> names) {
    Set<String> kept = photos.isEmpty() ? Set.of() : names.get();
    return delete(photos.keySet().stream().filter(name -> !kept.contains(name)).toList());
  }
}
