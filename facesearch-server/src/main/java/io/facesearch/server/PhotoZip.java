package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Gallery;
import io.facesearch.ImageFormatException;
import io.facesearch.PhotoPeople;
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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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

  /** Names are for photos of no more bytes: to tell their size the whole file is read. */
  private static final long MAX_NAMED_BYTES = 64L << 20;

  /** What tells of photos that are not in the archive. */
  private static final String MISSING = "missing.txt";

  /**
   * A photo of the archive.
   *
   * @param key of a face of it, as clients know it
   * @param sidecar name of the file with the names of its faces; empty if it gets none
   * @param faces ids of its faces, where it gets one
   */
  private record Entry(
      ServedGallery from,
      String face,
      String key,
      String name,
      String sidecar,
      List<String> faces) {}

  /**
   * Answers with the photos of faces that the body names. What is unknown or gone is left out, and
   * told: by the header {@code Photos-Missing}, as far as it is known before the first byte, and by
   * a file of the archive.
   */
  void send(Exchange exchange, ServedGallery served, ServedFaces shown) throws IOException {
    List<String> keys = Fields.parse(exchange.body(), Set.of("faces")).texts("faces");
    boolean named = wantsNames(exchange.queryParam("names"));
    List<Entry> entries = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    Map<String, List<String>> sources = new HashMap<>();
    ZipNames names = new ZipNames();
    names.of(MISSING); // taken
    long bytes = 0;
    for (String key : new LinkedHashSet<>(keys)) {
      Optional<FaceRecord> face = shown.find(key).map(EmbeddedFace::face);
      String source = face.flatMap(FaceRecord::source).orElse("");
      if (face.isPresent() && sources.containsKey(source)) {
        continue; // several faces of one photo
      }
      Optional<Original> original = face.isEmpty() ? Optional.empty() : served.original(face.get());
      if (original.isEmpty()) {
        missing.add(key);
        continue;
      }
      List<String> faces = new ArrayList<>();
      sources.put(source, faces);
      bytes += size(original.get());
      String name = names.of(nameOf(source, original.get()));
      String sidecar = named ? names.of(sidecarOf(name)) : "";
      entries.add(new Entry(served, face.get().id(), key, name, sidecar, faces));
    }
    if (named) {
      served.gallery().faces().stream()
          .map(EmbeddedFace::face)
          .filter(face -> face.person().isPresent())
          .forEach(
              face -> face.source().map(sources::get).ifPresent(faces -> faces.add(face.id())));
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
              write(exchange, entries, missing);
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

  private static boolean wantsNames(@Nullable String names) {
    if (names == null || names.equals("xmp")) {
      return names != null;
    }
    throw Problem.badRequest("names must be xmp, or left out");
  }

  /** Such as {@code ann.xmp} beside {@code ann.jpg}. */
  private static String sidecarOf(String name) {
    int dot = name.lastIndexOf('.');
    return (dot > name.lastIndexOf('/') + 1 ? name.substring(0, dot) : name) + ".xmp";
  }

  private void write(Exchange exchange, List<Entry> entries, List<String> missing) {
    exchange.header("Content-Disposition", "attachment; filename=\"photos.zip\"");
    exchange.header("Photos-Missing", Integer.toString(missing.size()));
    exchange.start(200, "application/zip");
    boolean well = false;
    List<String> left = new ArrayList<>(missing);
    try (Chunks body = new Chunks(exchange);
        ZipOutputStream zip = new ZipOutputStream(body, StandardCharsets.UTF_8)) {
      zip.setLevel(Deflater.NO_COMPRESSION); // photos are compressed
      for (Entry entry : entries) {
        if (!add(entry, zip)) {
          left.add(entry.key);
        }
      }
      if (!left.isEmpty()) {
        String text =
            left.size()
                + " of the faces that were asked for have no photo here: it is gone, or lies"
                + " elsewhere, or the face is unknown\n"
                + String.join("\n", left)
                + "\n";
        add(zip, MISSING, text.getBytes(StandardCharsets.UTF_8));
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
    Optional<Original> original = entry.from.original(face.get().face());
    try (InputStream in = open(original.orElse(null))) {
      if (in == null) {
        return false;
      }
      byte[] first = in.readNBytes(CHUNK); // fails before the entry begins, if it does
      zip.putNextEntry(new ZipEntry(entry.name));
      zip.write(first);
      in.transferTo(zip);
      zip.closeEntry();
    } catch (FileSystemException e) {
      return false;
    }
    if (!entry.faces.isEmpty()) {
      addNames(entry, original.orElseThrow(), zip);
    }
    return true;
  }

  private static void addNames(Entry entry, Original original, ZipOutputStream zip)
      throws IOException {
    List<FaceRecord> faces =
        entry.faces.stream()
            .flatMap(id -> entry.from.gallery().get(id).stream()) // as they are called now
            .map(EmbeddedFace::face)
            .toList();
    try {
      if (size(original) <= MAX_NAMED_BYTES) {
        byte[] photo =
            original.bytes() != null
                ? original.bytes()
                : Files.readAllBytes(Objects.requireNonNull(original.file()));
        Optional<byte[]> xmp = PhotoPeople.sidecar(photo, "the photo", faces);
        if (xmp.isPresent()) {
          add(zip, entry.sidecar, xmp.get());
        }
      }
    } catch (FileSystemException | ImageFormatException e) {
      LOG.debug("a photo of an archive has no names", e); // the photo itself is in it
    }
  }

  private static void add(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(bytes);
    zip.closeEntry();
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
