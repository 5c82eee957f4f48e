package io.facesearch.internal;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes and forces files that only their owner may read, whatever the umask: those made here have
 * mode 0600, folders 0700; what exists keeps its mode. Without POSIX modes (Windows) the access
 * list of the folder holds. Nothing is made by forcing it. Stateless and thread-safe.
 */
public final class PrivateFiles {
  private PrivateFiles() {}

  /**
   * Makes a folder, and those above it that are missing.
   *
   * @param folder may exist
   * @return the folder
   * @throws IOException if it cannot be made
   */
  public static Path createFolders(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) { // also a link to one, which createDirectories may refuse
      Files.createDirectories(folder, attributes(folder, "rwx------"));
    }
    return folder;
  }

  /**
   * Opens a file as {@link FileChannel#open} does; one that this makes is its owner's alone.
   *
   * @param file the file
   * @param options as of {@link FileChannel#open}
   * @return the channel, to be closed by the caller
   * @throws IOException if it cannot be opened
   */
  public static FileChannel open(Path file, OpenOption... options) throws IOException {
    Set<OpenOption> set = new LinkedHashSet<>(Arrays.asList(options));
    return FileChannel.open(file, set, attributes(file, "rw-------"));
  }

  /**
   * Opens a text file in UTF-8 to go on at its end; makes it if there is none.
   *
   * @param file the file
   * @return the writer, to be closed by the caller
   * @throws IOException if it cannot be opened
   */
  public static BufferedWriter append(Path file) throws IOException {
    return new BufferedWriter(
        new OutputStreamWriter(
            Channels.newOutputStream(
                open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)),
            StandardCharsets.UTF_8));
  }

  /**
   * Forces what was written to a file to the disk, also in a thread that is interrupted.
   *
   * @param file exists
   * @throws java.nio.file.NoSuchFileException if it does not exist; it is not made
   * @throws IOException if the disk fails
   */
  public static void force(Path file) throws IOException {
    force(file, StandardOpenOption.WRITE);
  }

  /**
   * Forces the names in a folder to the disk, so that files that were made, renamed or deleted
   * there stay so. Windows opens no folders and needs no force.
   *
   * @param folder exists
   * @throws IOException if the disk fails
   */
  public static void forceFolder(Path folder) throws IOException {
    if (isPosix(folder)) {
      try {
        force(folder, StandardOpenOption.READ);
      } catch (IOException e) {
        throw new IOException(
            "the folder "
                + folder
                + " could not be forced to the disk ("
                + e.getMessage()
                + "): what was written there may be lost with the power; fix the disk or the"
                + " folder's permissions, and repeat",
            e);
      }
    }
  }

  /** A channel is closed by an interrupt: then once more, and the interrupt is kept. */
  private static void force(@Nullable Path path, OpenOption option) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(path, option)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Tells whether files have POSIX modes there; where they have, open files can be renamed too.
   *
   * @param path need not exist
   * @return false on Windows
   */
  public static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] attributes(Path path, String mode) {
    return isPosix(path)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
