package io.facesearch.server;

import io.facesearch.IndexWriteException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Photos that clients added to a gallery that is not kept: nothing of them is ever on disk.
 * Thread-safe.
 */
final class PhotosInMemory implements AddedPhotos {
  private final long most;
  private final Map<String, byte[]> photos = new LinkedHashMap<>();
  private long bytes;

  /** Takes no more than so many bytes. */
  PhotosInMemory(long most) {
    this.most = most;
  }

  @Override
  public synchronized String add(byte[] jpeg) {
    if (bytes + jpeg.length > most) {
      throw new IndexWriteException(
          "photos that are added may take "
              + (most >> 20)
              + " MiB of memory, which are used up; start 'serve' with --gallery FOLDER, or raise"
              + " -Xmx");
    }
    String name = AddedPhotos.newName();
    photos.put(name, jpeg);
    bytes += jpeg.length;
    return name;
  }

  @Override
  public synchronized Optional<byte[]> read(String name) {
    return Optional.ofNullable(photos.get(name));
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
  public Deleted sweep(Set<String> names) {
    return new Deleted(0, List.of());
  }
}
