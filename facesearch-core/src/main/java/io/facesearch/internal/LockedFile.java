package io.facesearch.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A file that one user at a time has open, in all processes. On POSIX a process loses its locks of
 * a file as soon as it closes <em>any</em> channel of that file, so a file that is locked here is
 * never opened a second time: one registry for the process knows those that are open, by what they
 * are (device and inode), not by their names.
 *
 * <p>Thread-safe. Closing gives the file free, whatever fails.
 */
public final class LockedFile implements AutoCloseable {
  /** Keys of the files that are open; guards itself and {@code PARKED}. */
  private static final Set<Object> OPEN = new HashSet<>();

  /**
   * Channels of files that something else in this process has locked, such as this class in another
   * class loader. To close one would take that lock, so they are kept, and used when it is asked
   * for again.
   */
  private static final Map<Object, FileChannel> PARKED = new HashMap<>();

  private final Path file;
  private final Object key;
  private final FileChannel channel;
  private boolean closed;

  private LockedFile(Path file, Object key, FileChannel channel) {
    this.file = file;
    this.key = key;
    this.channel = channel;
  }

  /**
   * Opens a file to read and write, or makes it, and locks it.
   *
   * @param file the file; links are followed
   * @return the file, to be closed by the caller; null if it is locked already, here or in another
   *     process
   * @throws IOException if it cannot be opened or locked
   */
  public static LockedFile open(Path file) throws IOException {
    synchronized (OPEN) {
      try {
        PrivateFiles.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE).close();
      } catch (FileAlreadyExistsException e) {
        // The usual case; also a link that leads nowhere, which fails below.
      }
      try {
        return openExisting(file);
      } catch (NoSuchFileException e) {
        return null; // whoever had it has just deleted it
      }
    }
  }

  /**
   * Opens a file to read and write and locks it.
   *
   * @param file the file; links are followed
   * @return the file, to be closed by the caller; null if it is locked already, here or in another
   *     process
   * @throws NoSuchFileException if there is none
   * @throws IOException if it cannot be opened or locked
   */
  public static LockedFile openExisting(Path file) throws IOException {
    synchronized (OPEN) {
      Object key = key(file);
      if (OPEN.contains(key)) {
        return null;
      }
      FileChannel channel = PARKED.remove(key);
      if (channel == null) {
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      }
      boolean keep = false;
      try {
        FileLock lock = channel.tryLock();
        // Whoever had it may have given the name to another file.
        keep = lock != null && key.equals(key(file));
      } catch (OverlappingFileLockException e) {
        PARKED.put(key, channel);
        return null;
      } finally {
        if (!keep && PARKED.get(key) != channel) {
          channel.close();
        }
      }
      if (!keep) {
        return null;
      }
      OPEN.add(key);
      return new LockedFile(file, key, channel);
    }
  }

  /**
   * The channel. Who is interrupted while using it closes it, and so gives up the lock.
   *
   * @return open until this is closed
   */
  public FileChannel channel() {
    return channel;
  }

  /**
   * Tells whether the name still means this file and the lock is still held.
   *
   * @return false if the file was deleted or replaced, or an interrupt closed its channel
   */
  public boolean isInPlace() {
    try {
      return channel.isOpen() && key.equals(key(file));
    } catch (IOException e) {
      return false;
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

  /** Gives the file free; may be called twice. */
  @Override
  public void close() throws IOException {
    synchronized (OPEN) {
      if (!closed) {
        closed = true;
        try {
          channel.close();
        } finally {
          OPEN.remove(key);
        }
      }
    }
  }
}
