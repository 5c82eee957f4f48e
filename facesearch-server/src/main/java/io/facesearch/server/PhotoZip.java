package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.server.ServedGallery.Original;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes photos of the gallery, as they were given, into an archive that is made while it is sent:
 * nothing of it is held in memory or written to a disk. A few at once, each in a thread of its own,
 * as a client reads as slowly as it likes. Thread-safe.
 */
final class PhotoZip implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PhotoZip.class);

  static final int AT_ONCE = 2;

  /** What it may hold, before anything is sent. */
  static final long MAX_BYTES = 2L << 30;

  private static final int CHUNK = 1 << 16;

  /** For a chunk. */
  private static final long PATIENCE_SECONDS = 30;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          AT_ONCE,
          1,
          TimeUnit.MINUTES,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "facesearch-zip");
            thread.setDaemon(true);
            return thread;
          });

  /** A photo of the archive. */
  private record Entry(ServedGallery from, String face, String name) {}

  /** Answers with the photos of faces that the body names. */
  void send(Exchange exchange, ServedGallery served, ServedFaces shown) throws IOException {
    List<String> keys = Fields.parse(exchange.body(), Set.of("faces")).texts("faces");
    List<Entry> entries = new ArrayList<>();
    Set<String> sources = new HashSet<>();
    ZipNames names = new ZipNames();
    long bytes = 0;
    for (String key : keys) {
      FaceRecord face = shown.require(key).face();
      String source = face.source().orElse("");
      if (!sources.add(source)) {
        continue; // several faces of one photo
      }
      Optional<Original> original = served.original(face);
      if (original.isPresent()) {
        bytes += size(original.get());
        entries.add(new Entry(served, face.id(), names.of(nameOf(source, original.get()))));
      }
    }
    if (entries.isEmpty()) {
      throw new Problem(
          404, "no_photo", "none of these photos lies inside the folder of photos, or was added");
    }
    if (bytes > MAX_BYTES) {
      throw new Problem(
          413,
          "export_too_large",
          "these photos have " + bytes + " bytes together, at most " + MAX_BYTES + "; take fewer");
    }
    // A thread first, then the answer: without one it is another.
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    try {
      threads.execute(
          () -> {
            if (mine.join()) {
              write(exchange, entries);
            }
          });
    } catch (RejectedExecutionException e) {
      throw Problem.busy("enough archives of photos are being sent; try again soon");
    }
    mine.complete(exchange.handOver());
  }

  private static long size(Original original) throws IOException {
    return original.bytes() != null
        ? original.bytes().length
        : Files.size(Objects.requireNonNull(original.file()));
  }

  private static String nameOf(String source, Original original) {
    String name = FaceKeys.shownSource(source);
    return original.bytes() != null && name.indexOf('.') < 0 ? "added/" + name + ".jpg" : name;
  }

  private void write(Exchange exchange, List<Entry> entries) {
    exchange.header("Content-Disposition", "attachment; filename=\"photos.zip\"");
    exchange.start(200, "application/zip");
    boolean well = false;
    int left = 0;
    try (Chunks body = new Chunks(exchange);
        ZipOutputStream zip = new ZipOutputStream(body, StandardCharsets.UTF_8)) {
      zip.setLevel(Deflater.NO_COMPRESSION); // photos are compressed
      for (Entry entry : entries) {
        left += add(entry, zip) ? 0 : 1;
      }
      if (left > 0) {
        zip.putNextEntry(new ZipEntry("missing.txt"));
        zip.write((left + " photos could not be read any more\n").getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
      zip.finish();
      body.end();
      well = true;
    } catch (IOException | RuntimeException e) {
      LOG.debug("an archive was not sent to its end", e);
    } finally {
      if (!well) {
        exchange.connection().close(); // so that nobody takes it for whole
      }
      exchange.done(well);
    }
  }

  /** Whether the photo was there still; somebody may have been forgotten meanwhile. */
  private static boolean add(Entry entry, ZipOutputStream zip) throws IOException {
    Gallery gallery = entry.from.gallery();
    Optional<EmbeddedFace> face = gallery.get(entry.face);
    if (face.isEmpty()) {
      return false;
    }
    try (InputStream in = open(entry.from.original(face.get().face()).orElse(null))) {
      if (in == null) {
        return false;
      }
      byte[] first = in.readNBytes(CHUNK); // fails before the entry begins, if it does
      zip.putNextEntry(new ZipEntry(entry.name));
      zip.write(first);
      in.transferTo(zip);
      zip.closeEntry();
      return true;
    } catch (FileSystemException e) {
      return false;
    }
  }

  private static @Nullable InputStream open(@Nullable Original original) throws IOException {
    if (original == null) {
      return null;
    }
    byte[] bytes = original.bytes();
    return bytes != null
        ? new ByteArrayInputStream(bytes)
        : Files.newInputStream(Objects.requireNonNull(original.file()));
  }

  /** The body of an answer, sent in chunks, each when the one before has left. */
  private static final class Chunks extends OutputStream {
    private final Exchange exchange;
    private byte[] chunk = new byte[CHUNK];
    private int size;

    Chunks(Exchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      int at = from;
      while (at < from + length) {
        int n = Math.min(from + length - at, CHUNK - size);
        System.arraycopy(bytes, at, chunk, size, n);
        size += n;
        at += n;
        if (size == CHUNK) {
          send(false);
        }
      }
    }

    void end() throws IOException {
      send(true);
    }

    private void send(boolean last) throws IOException {
      CompletableFuture<Void> sent = new CompletableFuture<>();
      exchange
          .response()
          .write(
              last,
              ByteBuffer.wrap(chunk, 0, size),
              Callback.from(() -> sent.complete(null), sent::completeExceptionally));
      try {
        sent.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new IOException("the client does not read", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("the server stops", e);
      }
      chunk = new byte[CHUNK]; // the old one may be read still
      size = 0;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
