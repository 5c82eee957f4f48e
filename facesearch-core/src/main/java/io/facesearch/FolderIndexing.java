package io.facesearch;

import io.facesearch.FaceSearch.PreparedPhoto;
import io.facesearch.IndexingReport.BrokenFile;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One run of {@link FaceSearch#addAll}. Each task reads, detects and aligns a few photos and embeds
 * their faces in one batch, all in one thread, so that no stage waits for another and the native
 * libraries never compete for cores. Only the calling thread touches the index, in file order.
 */
final class FolderIndexing {
  /** Photos of one task: enough for a full embedding batch, few enough to stop soon. */
  private static final int PHOTOS_PER_TASK = 8;

  private final FaceSearch search;
  private final Path folder;
  private final IndexingListener listener;

  private final List<Path> noFace = new ArrayList<>();
  private final List<BrokenFile> broken = new ArrayList<>();
  private int images;
  private int faces;
  private int alreadyIndexed;

  FolderIndexing(FaceSearch search, Path folder, IndexingListener listener) {
    this.search = search;
    this.folder = folder.toAbsolutePath().normalize();
    this.listener = listener;
  }

  /** What one task found. */
  private record Part(
      int files,
      int alreadyIndexed,
      int images,
      List<EmbeddedFace> faces,
      List<Path> noFace,
      List<BrokenFile> broken) {}

  IndexingReport run() throws IOException {
    long start = System.nanoTime();
    List<Path> files = list();
    int unreadable = broken.size();
    ExecutorService pool =
        Executors.newFixedThreadPool(
            search.threads(),
            task -> {
              Thread thread = new Thread(task, "facesearch-index");
              thread.setDaemon(true);
              return thread;
            });
    boolean cancelled = false;
    try {
      cancelled = !work(files, pool);
    } finally {
      pool.shutdownNow();
    }
    return new IndexingReport(
        files.size() + unreadable,
        images,
        faces,
        alreadyIndexed,
        noFace,
        broken,
        cancelled,
        Duration.ofNanos(System.nanoTime() - start));
  }

  /** Returns false if it was stopped. */
  private boolean work(List<Path> files, ExecutorService pool) {
    int total = files.size() + broken.size();
    int done = broken.size();
    if (!report(done, total)) {
      return false;
    }
    ArrayDeque<Future<Part>> running = new ArrayDeque<>();
    int next = 0;
    while (next < files.size() || !running.isEmpty()) {
      while (next < files.size() && running.size() < 2 * search.threads()) {
        List<Path> some = files.subList(next, Math.min(files.size(), next + PHOTOS_PER_TASK));
        running.add(pool.submit(() -> process(some)));
        next += some.size();
      }
      Part part;
      try {
        part = running.remove().get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException cause) {
          throw cause;
        }
        throw new FaceSearchException("indexing " + folder + " failed", e.getCause());
      }
      search.index().addAll(part.faces());
      images += part.images();
      faces += part.faces().size();
      alreadyIndexed += part.alreadyIndexed();
      noFace.addAll(part.noFace());
      broken.addAll(part.broken());
      done += part.files();
      if (!report(done, total) && done < total) {
        return false;
      }
    }
    return true;
  }

  private boolean report(int done, int total) {
    return listener.onProgress(
        new IndexingProgress(done, total, faces, noFace.size(), broken.size()));
  }

  private Part process(List<Path> files) {
    List<PreparedPhoto> photos = new ArrayList<>();
    List<Path> without = new ArrayList<>();
    List<BrokenFile> bad = new ArrayList<>();
    int skipped = 0;
    int read = 0;
    for (Path file : files) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      String source = file.toString();
      if (search.index().get(FaceSearch.idOf(source, 0)).isPresent()) {
        skipped++;
        continue;
      }
      FaceImage image;
      try {
        image = search.reader().read(file);
      } catch (ImageFormatException | InsufficientMemoryException | IOException e) {
        bad.add(new BrokenFile(file, String.valueOf(e.getMessage())));
        continue;
      }
      read++;
      PreparedPhoto photo = search.prepare(image, source, search.personOf(folder.relativize(file)));
      if (photo.faces().isEmpty()) {
        without.add(file);
      } else {
        photos.add(photo);
      }
    }
    return new Part(files.size(), skipped, read, search.embedAll(photos), without, bad);
  }

  private List<Path> list() throws IOException {
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString());
    }
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder.toString());
    }
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a)
              throws IOException {
            return !dir.equals(folder) && Files.isHidden(dir)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes a) throws IOException {
            if (a.isRegularFile() && !Files.isHidden(file)) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            broken.add(new BrokenFile(file, String.valueOf(e.getMessage())));
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(files);
    return files;
  }
}
