package io.facesearch.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Replaces files in one step: the new one is written beside the old one, forced to the disk,
 * renamed, and the folder forced. So under its name is always the whole old or the whole new file,
 * after a kill and a loss of power too. A new file is its owner's alone; one that is replaced keeps
 * its mode; of a symbolic link the file it leads to is replaced.
 *
 * <p>A process that is killed leaves a temporary file, {@code .facesearch-*.tmp}, which is locked
 * as long as it is being written: {@link #sweep} deletes those that are not. The first write to a
 * folder sweeps it. Thread-safe.
 */
public final class AtomicFile {
  private static final String PREFIX = ".facesearch-";
  private static final String SUFFIX = ".tmp";

  /** As many as Linux follows. */
  private static final int MOST_LINKS = 40;

  /** Real paths of folders that were swept by this process. */
  private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

  /** For others that replace the same file, which takes them a moment. */
  private static final Duration MOST_WAIT = Duration.ofSeconds(60);

  private AtomicFile() {}

  /** Writes a file's content. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes all of it.
     *
     * @param channel at its beginning; not to be closed
     * @throws IOException if it fails; the file is then what it was
     */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes a file, or replaces it.
   *
   * @param file the file; its folder exists
   * @param content writes the new content
   * @throws IOException if it cannot be written; the old file is then still there, or, if only
   *     forcing the folder failed, the new one
   */
  public static void write(Path file, Content content) throws IOException {
    write(file, content, null);
  }

  /** Says whether what is there may be replaced. */
  @FunctionalInterface
  public interface Check {
    /**
     * Throws what the writer gets to see, if it may not.
     *
     * @param current the present file, locked against others that write it in this way; null if
     *     there is none
     * @throws IOException if it cannot be read
     */
    void check(@Nullable FileChannel current) throws IOException;
  }

  /**
   * Writes a file, or replaces it if that is still right when the new one is written: of two that
   * write at the same time, the second sees what the first has written.
   *
   * @param file the file; its folder exists
   * @param content writes the new content
   * @param check is asked at last; null for none
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Content content, @Nullable Check check) throws IOException {
    Path target = follow(file);
    if (target.toAbsolutePath().getParent() == null) {
      throw new FileSystemException(
          target.toString(), null, "it is the root of a disk; expected the name of a file");
    }
    Path folder = folder(target);
    if (SWEPT.add(folder.toRealPath())) {
      sweep(folder);
    }
    Path temporary = temporary(folder);
    LockedFile locked = LockedFile.open(temporary);
    for (int again = 0; locked == null && again < 10; again++) {
      // Another process swept the folder just then.
      temporary = temporary(folder);
      locked = LockedFile.open(temporary);
    }
    if (locked == null) {
      throw new IOException(temporary + " was locked while it was made; repeat");
    }
    try (LockedFile open = locked) {
      content.writeTo(open.channel());
      open.channel().force(true);
      if (check == null) {
        rename(temporary, target);
      } else {
        rename(temporary, target, check);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void rename(Path temporary, Path target, Check check) throws IOException {
    long end = System.nanoTime() + MOST_WAIT.toNanos();
    while (System.nanoTime() < end) {
      try (LockedFile current = LockedFile.openExisting(target)) {
        if (current != null) {
          check.check(current.channel());
          if (!PrivateFiles.isPosix(target)) {
            current.close(); // Windows replaces no open file
          }
          rename(temporary, target);
          return;
        }
        Thread.sleep(5); // another is replacing it
      } catch (NoSuchFileException e) {
        check.check(null);
        if (link(temporary, target)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ClosedByInterruptException();
      }
    }
    throw new IOException(target + " is locked by another process; end that, and repeat");
  }

  /** Gives a file a name that nobody has; false if somebody has it now. */
  private static boolean link(Path temporary, Path target) throws IOException {
    try {
      Files.createLink(target, temporary);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (UnsupportedOperationException | FileSystemException e) {
      rename(temporary, target); // no links there
      return true;
    }
    PrivateFiles.forceFolder(folder(target));
    return true;
  }

  /**
   * Writes a file, or replaces it.
   *
   * @param file the file; its folder exists
   * @param content the new content
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, byte[] content) throws IOException {
    write(
        file,
        channel -> {
          for (ByteBuffer bytes = ByteBuffer.wrap(content); bytes.hasRemaining(); ) {
            channel.write(bytes);
          }
        });
  }

  /**
   * Writes a text file in UTF-8, or replaces it.
   *
   * @param file the file; its folder exists
   * @param content the new content
   * @throws IOException if it cannot be written
   */
  public static void writeString(Path file, CharSequence content) throws IOException {
    write(file, content.toString().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Gives a file that was written under another name its own, as {@link #write} does: forces it,
   * takes over the mode of the file that it replaces, renames it, and forces the folder.
   *
   * @param temporary the whole file, in the folder of the other
   * @param file where it goes
   * @throws NoSuchFileException if there is no such temporary file
   * @throws IOException if it fails
   */
  public static void replace(Path temporary, Path file) throws IOException {
    PrivateFiles.force(temporary);
    rename(temporary, follow(file));
  }

  private static void rename(Path temporary, Path target) throws IOException {
    keepMode(target, temporary);
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    PrivateFiles.forceFolder(folder(target));
  }

  private static void keepMode(Path target, Path temporary) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    PosixFileAttributes old;
    try {
      old = Files.readAttributes(target, PosixFileAttributes.class);
    } catch (NoSuchFileException e) {
      return;
    }
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    mode.addAll(old.permissions());
    if (!view.readAttributes().group().equals(old.group())) {
      try {
        view.setGroup(old.group());
      } catch (IOException e) {
        // What the old group might do is not for another one.
        mode.removeIf(permission -> permission.name().startsWith("GROUP_"));
      }
    }
    view.setPermissions(mode);
  }

  /**
   * Follows symbolic links to a file that exists or does not.
   *
   * @param file perhaps a link
   * @return what is no link
   * @throws FileSystemLoopException if it leads in a circle
   * @throws IOException if a link cannot be read
   */
  public static Path follow(Path file) throws IOException {
    Path at = file;
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(file.toString());
      }
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    return at;
  }

  /** The folder of a file. */
  public static Path folder(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a root is no file");
  }

  /**
   * Names a file or folder that {@link #sweep} deletes, if nobody has it locked: a file itself, of
   * a folder the file {@code lock} in it.
   *
   * @param folder where it is to be
   * @return a name that nobody has
   */
  public static Path temporary(Path folder) {
    return folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
  }

  /**
   * Deletes what killed processes left in a folder: temporary files that nobody writes. Those of
   * other users, which cannot be opened, stay. Costs listing the folder.
   *
   * @param folder not its subfolders; may be missing
   * @throws IOException if something cannot be deleted; the message names it
   */
  public static void sweep(@Nullable Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(PREFIX) && name.endsWith(SUFFIX)) {
          delete(file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      // Nothing can have been left there.
    }
  }

  /**
   * Deletes what killed processes left in a folder, if that can be done: for readers, who need not
   * be allowed to write.
   *
   * @param folder not its subfolders; may be missing
   */
  public static void trySweep(Path folder) {
    try {
      sweep(folder);
    } catch (IOException e) {
      // The next writer does it, or says why not.
    }
  }

  private static void delete(Path leftover) throws IOException {
    boolean isFolder = Files.isDirectory(leftover, LinkOption.NOFOLLOW_LINKS);
    if (!isFolder && !Files.isRegularFile(leftover, LinkOption.NOFOLLOW_LINKS)) {
      return; // not of our making
    }
    try (LockedFile locked =
        isFolder ? LockedFile.open(leftover.resolve("lock")) : LockedFile.openExisting(leftover)) {
      if (locked == null) {
        return; // somebody is writing it
      }
      if (isFolder) {
        deleteFolder(leftover);
      } else {
        Files.deleteIfExists(leftover);
      }
    } catch (NoSuchFileException | DirectoryNotEmptyException | AccessDeniedException e) {
      // Its writer has finished or just begun, or it is another user's.
    } catch (IOException e) {
      throw new IOException(
          leftover
              + ", left by a process that was stopped, could not be deleted ("
              + e.getMessage()
              + "); delete it, as it may hold faces",
          e);
    }
  }

  /**
   * Deletes a folder with all it holds; links in it are not followed.
   *
   * @param folder may be missing
   * @throws IOException if something cannot be deleted
   */
  public static void deleteFolder(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
