package io.facesearch.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user of this process has open and nobody else in it may open: on POSIX a process loses its
 * locks of a file as soon as it closes <em>any</em> descriptor of that file. Files are known by
 * what they are (device and inode), not by their names. Thread-safe.
 */
public final class FileClaim implements AutoCloseable {
  private static final Set<Object> OPEN = new HashSet<>();

  private final Path file;
  private final Object key;
  private boolean closed;

  private FileClaim(Path file, Object key) {
    this.file = file;
    this.key = key;
  }

  /**
   * Claims a file, without opening it.
   *
   * @param file exists; links are followed
   * @return the claim, to be closed by the caller; null if it is claimed already
   * @throws IOException if there is no such file
   */
  public static @Nullable FileClaim of(Path file) throws IOException {
    Object key = key(file);
    synchronized (OPEN) {
      return OPEN.add(key) ? new FileClaim(file, key) : null;
    }
  }

  /**
   * What a file is, whatever the path to it: device and inode, or where there are none its real
   * path.
   *
   * @param file exists; links are followed
   * @return equal for two paths to one file
   * @throws IOException if there is no such file
   */
  public static Object key(Path file) throws IOException {
    Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    return key == null ? file.toRealPath() : key;
  }

  Object key() {
    return key;
  }

  /** {@return whether the path still leads to the file that was claimed} */
  public boolean isInPlace() {
    try {
      return key.equals(key(file));
    } catch (IOException e) {
      return false;
    }
  }

  /** Lets others claim the file; may be called twice. */
  @Override
  public void close() {
    synchronized (OPEN) {
      if (!closed) {
        closed = true;
        OPEN.remove(key);
      }
    }
  }
}
