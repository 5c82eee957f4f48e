package io.facesearch.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that one user at a time has open, in all processes. On POSIX a process loses its locks of
 * a file as soon as it closes <em>any</em> channel of that file, so a file that is locked here is
 * never opened a second time: see {@link FileClaim}.
 *
 * <p>Thread-safe. Closing gives the file free, whatever fails.
 */
public final class LockedFile implements AutoCloseable {
  /**
   * Channels of files that something else in this process has locked, such as this class in another
   * class loader. To close one would take that lock, so they are kept, and used when it is asked
   * for again. Guards itself, and every opening and closing.
   */
  private static final Map<Object, FileChannel> PARKED = new HashMap<>();

  private final FileClaim claim;
  private final FileChannel channel;

  private LockedFile(FileClaim claim, FileChannel channel) {
    this.claim = claim;
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
  public static @Nullable LockedFile open(Path file) throws IOException {
    synchronized (PARKED) {
      try {
        PrivateFiles.open(
                AtomicFile.follow(file), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
            .close();
      } catch (FileAlreadyExistsException e) {
        // The usual case.
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
  public static @Nullable LockedFile openExisting(Path file) throws IOException {
    synchronized (PARKED) {
      FileClaim claim = FileClaim.of(file);
      if (claim == null) {
        return null;
      }
      boolean keep = false;
      try {
        keep = lock(claim, file);
        FileChannel channel = keep ? PARKED.remove(claim.key()) : null;
        return channel == null ? null : new LockedFile(claim, channel);
      } finally {
        if (!keep) {
          claim.close();
        }
      }
    }
  }

  /** Whether the file is locked now; its channel is parked then. */
  private static boolean lock(FileClaim claim, Path file) throws IOException {
    FileChannel channel = PARKED.remove(claim.key());
    if (channel == null) {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
    boolean park = false;
    try {
      // Whoever had it may have given the name to another file.
      park = channel.tryLock() != null && claim.isInPlace();
      return park;
    } catch (OverlappingFileLockException e) {
      park = true;
      return false;
    } finally {
      if (park) {
        PARKED.put(claim.key(), channel);
      } else {
        channel.close();
      }
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
   * {@return whether the name still means this file and the lock is still held; an interrupt closes
   * it}
   */
  public boolean isInPlace() {
    return channel.isOpen() && claim.isInPlace();
  }

  /** Gives the file free; may be called twice. */
  @Override
  public void close() throws IOException {
    synchronized (PARKED) {
      try {
        channel.close();
      } finally {
        claim.close();
      }
    }
  }
}
