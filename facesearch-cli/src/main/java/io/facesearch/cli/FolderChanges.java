package io.facesearch.cli;

import io.facesearch.internal.ForeignFiles;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells that something in a folder or below it changed, by the notices of the system, and beside
 * them every minute, since no system tells of all: where there are more folders than it watches, or
 * on disks of the network. One thread.
 */
final class FolderChanges implements AutoCloseable {
  /** Also without a notice. */
  private static final Duration AT_LEAST = Duration.ofMinutes(1);

  private static final Duration STEP = Duration.ofMillis(200);

  /** Changes that never end are taken after so many times the quiet time. */
  private static final int MOST_WAIT = 15;

  private final Path folder;
  private final Path ignored;
  private final WatchService service;
  private @Nullable String failure;
  private boolean exists = true;

  /**
   * Starts; {@link #register} comes next.
   *
   * @param ignored a folder whose changes are none, such as the store's if it lies in the folder
   */
  FolderChanges(Path folder, Path ignored) throws IOException {
    this.folder = folder.toAbsolutePath();
    this.ignored = ignored.toAbsolutePath().normalize();
    service = folder.getFileSystem().newWatchService();
  }

  /** Watches all folders that are there now; those that are watched already stay so. */
  void register() throws IOException {
    failure = null;
    exists = true;
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path place, BasicFileAttributes attributes) {
            boolean foreign =
                !place.equals(folder) && ForeignFiles.isForeign(place.getFileName().toString());
            if (foreign || place.normalize().equals(ignored)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            return watch(place) ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (file.equals(folder)) {
              throw e;
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path place, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private boolean watch(Path place) {
    try {
      place.register(
          service,
          StandardWatchEventKinds.ENTRY_CREATE,
          StandardWatchEventKinds.ENTRY_DELETE,
          StandardWatchEventKinds.ENTRY_MODIFY);
      return true;
    } catch (IOException e) {
      if (!Files.isDirectory(place)) {
        return true; // gone meanwhile, which its own folder tells
      }
      failure =
          "the system watches no more folders ("
              + e.getMessage()
              + "); changes in the others are found within a minute";
      return false;
    }
  }

  /** Why not all folders are watched, if so. */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Waits until something changed and then nothing did for a while.
   *
   * @param quiet that while
   * @param stop ends the waiting
   * @return true if there may be something to do, false if it was stopped
   */
  boolean await(Duration quiet, BooleanSupplier stop) throws InterruptedException {
    long start = System.nanoTime();
    while (!stop.getAsBoolean()) {
      if (changed(STEP) || exists != Files.isDirectory(folder)) {
        exists = Files.isDirectory(folder);
        settle(quiet, stop);
        return !stop.getAsBoolean();
      }
      if (System.nanoTime() - start > AT_LEAST.toNanos()) {
        return true;
      }
    }
    return false;
  }

  private void settle(Duration quiet, BooleanSupplier stop) throws InterruptedException {
    long first = System.nanoTime();
    long last = first;
    while (!stop.getAsBoolean()
        && System.nanoTime() - last < quiet.toNanos()
        && System.nanoTime() - first < MOST_WAIT * quiet.toNanos()) {
      if (changed(STEP)) {
        last = System.nanoTime();
      }
    }
  }

  /** Waits so long for one change at least, and takes all that there are. */
  private boolean changed(Duration wait) throws InterruptedException {
    try {
      WatchKey key = service.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
      boolean any = false;
      for (; key != null; key = service.poll()) {
        any |= !key.pollEvents().isEmpty();
        key.reset();
      }
      return any;
    } catch (ClosedWatchServiceException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    service.close();
  }
}
