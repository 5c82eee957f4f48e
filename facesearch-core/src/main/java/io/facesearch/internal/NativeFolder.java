package io.facesearch.internal;

import io.facesearch.NativeRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one folder of this process where native libraries are unpacked, and what else it needs as
 * files while it lives: below {@code java.io.tmpdir}, its owner's alone, made at the first use and
 * removed when the JVM ends. What a killed process left is removed by the next one: a lock file in
 * each folder tells the living from the dead, also where process numbers say nothing, such as in
 * containers.
 *
 * <p>Thread-safe. Whatever is wrong with the temporary folder is a {@link NativeRuntimeException}
 * that names the cause, the place and the remedy.
 */
public final class NativeFolder {
  static final String PREFIX = "facesearch-native-";
  static final String LOCK = "lock";

  private static final Logger log = LoggerFactory.getLogger(NativeFolder.class);
  private static final String TMPDIR = "java.io.tmpdir";
  private static final int TRIES = 10;

  /** Others use a folder that they have just made within moments. */
  private static final Duration SETTLED = Duration.ofMinutes(1);

  private static @Nullable NativeFolder current;

  /** Where files are unpacked, as messages tell it. */
  private record Place(Path root, String kind, String remedy) {
    static Place temporary() {
      Path root = Path.of(System.getProperty(TMPDIR, "")).toAbsolutePath();
      return new Place(root, "temporary folder", "name another folder by -D" + TMPDIR + "=FOLDER");
    }

    NativeRuntimeException failure(String library, String cause, @Nullable Throwable e) {
      return new NativeRuntimeException(
          library + " cannot be unpacked: the " + kind + " " + root + cause + "; or " + remedy, e);
    }

    NativeRuntimeException failure(String library, IOException e) {
      return failure(library, cause(e), e);
    }

    NativeRuntimeException notExecutable(String library) {
      return failure(
          library,
          " lets no library be loaded from it, as it is mounted with noexec; mount it without",
          null);
    }

    private String cause(IOException e) {
      if (e instanceof NoSuchFileException && !Files.exists(root)) {
        return " does not exist; make it";
      }
      if (Files.exists(root) && !Files.isDirectory(root)) {
        return " is not a folder; make it one";
      }
      String message = String.valueOf(e.getMessage());
      if (message.contains("No space left") || message.contains("quota")) {
        return " is full; make room there";
      }
      String reason = e instanceof FileSystemException file ? file.getReason() : message;
      return (Files.exists(root) ? " cannot be written to (" : " cannot be made (")
          + (reason == null || reason.isBlank() ? "no permission" : reason)
          + "); let this user write there";
    }
  }

  private final Path folder;
  private final LockedFile lock;

  private NativeFolder(Path folder, LockedFile lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * The folder.
   *
   * @param library for messages, such as OpenCV
   * @return an existing folder
   * @throws NativeRuntimeException if it cannot be made, or nothing may be run from it
   */
  public static synchronized Path path(String library) {
    if (current == null) {
      Place place = Place.temporary();
      try {
        NativeFolder made = make(place.root());
        Runtime.getRuntime().addShutdownHook(new Thread(made::remove, "facesearch-native-folder"));
        current = made;
      } catch (IOException e) {
        throw place.failure(library, e);
      }
      clean(place.root(), current.folder);
    }
    if (!current.executable()) {
      throw Place.temporary().notExecutable(library);
    }
    return current.folder;
  }

  /**
   * Copies a library from the class path to the folder.
   *
   * @param library for messages
   * @param resource the library
   * @param name of the file
   * @return the file
   * @throws NativeRuntimeException if it cannot be written
   */
  public static Path unpack(String library, URL resource, String name) {
    Path file = path(library).resolve(name);
    try {
      copy(resource, file);
      return file;
    } catch (IOException e) {
      deleteQuietly(file);
      throw Place.temporary().failure(library, e);
    }
  }

  /**
   * Copies a library from the class path to a folder where it stays for later processes. The folder
   * appears whole or not at all, whatever is killed, and also if several processes make it at once.
   *
   * @param library for messages
   * @param files names and what they are copied from
   * @param target the folder
   * @param remedy how another folder is named, to follow the word "or"
   * @throws NativeRuntimeException if it cannot be written, or nothing may be run from it
   */
  public static void unpackOnce(
      String library, Map<String, URL> files, Path target, String remedy) {
    Path root = AtomicFile.folder(target);
    Place place = new Place(root, "folder", remedy);
    try {
      if (isComplete(target, files)) {
        return;
      }
      PrivateFiles.createFolders(root);
      NativeFolder own = make(root);
      try {
        clean(root, own.folder);
        if (!own.executable()) {
          throw place.notExecutable(library);
        }
        Path made = Files.createDirectory(own.folder.resolve("made"));
        for (Map.Entry<String, URL> file : files.entrySet()) {
          copy(file.getValue(), made.resolve(file.getKey()));
        }
        moveTo(target, made, files);
      } finally {
        own.remove();
      }
    } catch (IOException e) {
      throw place.failure(library, e);
    }
  }

  private static void moveTo(Path target, Path made, Map<String, URL> files) throws IOException {
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS) && !isComplete(target, files)) {
      removeContent(target, null);
      Files.deleteIfExists(target);
    }
    try {
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!isComplete(target, files)) { // another process was first
        throw e;
      }
    }
  }

  private static boolean isComplete(Path target, Map<String, URL> files) throws IOException {
    for (Map.Entry<String, URL> file : files.entrySet()) {
      Path path = target.resolve(file.getKey());
      URLConnection from = file.getValue().openConnection();
      if (!Files.isRegularFile(path) || Files.size(path) != from.getContentLengthLong()) {
        return false;
      }
    }
    return true;
  }

  /** Never into a file that is there: where a library runs from it, that would end the process. */
  private static void copy(URL resource, Path file) throws IOException {
    Files.deleteIfExists(file);
    try (InputStream in = resource.openStream();
        OutputStream out =
            Channels.newOutputStream(
                PrivateFiles.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      in.transferTo(out);
    }
  }

  private boolean executable() {
    return Files.isExecutable(folder.resolve(LOCK));
  }

  /**
   * Makes a library that unpacks itself do it in the folder, unless the user has told it where.
   *
   * @param library for messages
   * @param property of the library that names its temporary folder
   * @param bytes that it unpacks
   * @throws NativeRuntimeException if the folder cannot be made, has no room, or nothing may be run
   *     from it
   */
  public static synchronized void use(String library, String property, long bytes) {
    if (System.getProperty(property) != null) {
      return;
    }
    Path folder = path(library);
    try {
      if (Files.getFileStore(folder).getUsableSpace() < bytes) {
        throw Place.temporary().failure(library, " is full; make room there", null);
      }
    } catch (IOException e) {
      log.debug("how much room {} has cannot be told", folder, e);
    }
    System.setProperty(property, folder.toString());
  }

  /**
   * Removes folders that another library makes, leaves empty and forgets.
   *
   * @param prefix of their names
   */
  public static void removeEmpty(String prefix) {
    Path root = Place.temporary().root();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root, prefix + "*")) {
      for (Path path : found) {
        BasicFileAttributes attributes =
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isDirectory()
            && attributes.lastModifiedTime().toInstant().isBefore(Instant.now().minus(SETTLED))) {
          deleteQuietly(path); // only if it is empty
        }
      }
    } catch (IOException e) {
      log.debug("cannot look for {}* in {}", prefix, root, e);
    }
  }

  static NativeFolder make(Path root) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Path folder = Files.createTempDirectory(root, PREFIX);
      try {
        LockedFile lock = LockedFile.open(folder.resolve(LOCK));
        if (lock != null) {
          if (PrivateFiles.isPosix(folder)) {
            // So that the system can be asked whether files may be executed here.
            Files.setPosixFilePermissions(
                folder.resolve(LOCK), PosixFilePermissions.fromString("rwx------"));
          }
          return new NativeFolder(folder, lock);
        }
      } catch (NoSuchFileException e) {
        log.debug("{} was taken for left over by another process", folder, e);
      } catch (IOException e) {
        deleteQuietly(folder);
        throw e;
      }
    }
    throw new IOException("its new folders vanish");
  }

  /** Removes what processes have left that no longer live. */
  static void clean(Path root, Path own) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root, PREFIX + "*")) {
      for (Path folder : found) {
        if (!folder.equals(own)
            && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own))) {
          cleanOne(folder);
        }
      }
    } catch (IOException | RuntimeException e) {
      log.debug("cannot look for folders that were left in {}", root, e);
    }
  }

  private static void cleanOne(Path folder) {
    Path file = folder.resolve(LOCK);
    try {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        LockedFile lock = LockedFile.openExisting(file);
        if (lock == null) {
          return; // its process lives
        }
        new NativeFolder(folder, lock).remove();
      } else {
        deleteQuietly(folder); // empty: its process is just making it, and makes another, or died
      }
    } catch (IOException e) {
      log.debug("{} cannot be removed", folder, e);
    }
  }

  /** The lock goes last, so that what an interrupted removal leaves is found again. */
  void remove() {
    Path file = folder.resolve(LOCK);
    try {
      removeContent(folder, file);
      Files.deleteIfExists(file);
    } catch (IOException e) { // Windows deletes no library that is in use
      log.debug("{} is left to the next process", folder, e);
    }
    try {
      lock.close();
    } catch (IOException e) {
      log.debug("{} cannot be closed", file, e);
    }
    deleteQuietly(folder);
  }

  private static void removeContent(Path folder, @Nullable Path kept) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (!path.equals(kept)) {
              Files.deleteIfExists(path);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, IOException e) throws IOException {
            if (!path.equals(folder)) {
              Files.deleteIfExists(path);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.debug("{} cannot be removed", path, e);
    }
  }
}
