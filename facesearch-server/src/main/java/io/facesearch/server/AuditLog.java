package io.facesearch.server;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that tells who asked for what, one object of JSON a line, as {@link RequestLog} makes
 * them: of each request for data and each attempt to log in, when it was answered; of each change
 * also before it begins, so that a process killed in the middle leaves a trace. A change is not
 * made if its line cannot be written; of the other requests the one whose line fails is still
 * answered, and none after it until lines can be written again. Thread-safe.
 */
final class AuditLog implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");

  /** Null in tests: what is open is all there is. */
  private final @Nullable Path path;

  private FileChannel file;

  /** What tells the file from another at the same path; null where files have no such key. */
  private @Nullable Object key;

  private boolean failed;

  private AuditLog(@Nullable Path path, FileChannel file) throws IOException {
    this.path = path;
    this.file = file;
    key = path == null ? null : key(path);
  }

  /** For tests: one that writes to what is open already. */
  static AuditLog onChannel(FileChannel open) throws IOException {
    return new AuditLog(null, open);
  }

  /** Opens a file, to append; it must be the owner's alone, and is made so. */
  static AuditLog open(Path path) throws IOException {
    return new AuditLog(path, append(path));
  }

  private static FileChannel append(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new NoSuchFileException(path + ": the folder of the audit log is missing; make it");
    }
    boolean isPosix = Files.getFileAttributeView(folder, PosixFileAttributeView.class) != null;
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(
            path + " is a link or no file, so no audit log is appended to it; name a file");
      }
      try (InputStream in = Files.newInputStream(path)) {
        int first = in.read();
        if (first >= 0 && first != '{') {
          throw new IOException(
              path
                  + " holds something else than an audit log, so nothing is appended to it; name another file");
        }
      }
      if (isPosix && !OWNER.containsAll(Files.getPosixFilePermissions(path))) {
        throw new IOException(
            path
                + " may be used by others than its owner ("
                + PosixFilePermissions.toString(Files.getPosixFilePermissions(path))
                + "), so no audit log is appended to it; name another file, or chmod 600 it");
      }
    }
    return FileChannel.open(
        path,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
        isPosix
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER)}
            : new FileAttribute<?>[0]);
  }

  /** Fails if lines cannot be written: the last one could not, and cannot now. */
  synchronized void check() {
    if (failed && !written("{\"event\":\"lines before this one are missing\"}")) {
      throw new Problem(
          503,
          "audit_failed",
          "the audit log cannot be written, so nothing is answered; see the server's log");
    }
  }

  /** Tells of a change that is about to be made; fails if that cannot be told. */
  synchronized void begun(Exchange exchange) {
    require(Gate.json(RequestLog.line(exchange, null)));
  }

  private void require(String line) {
    if (!written(line)) {
      check();
      if (!written(line)) {
        check();
      }
    }
  }

  /** Tells that so many faces are about to be forgotten, as it is time; fails if it cannot. */
  synchronized void due(String gallery, int count) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("event", "faces that clients added are forgotten, as it is time");
    if (!gallery.isEmpty()) {
      line.put("gallery", gallery);
    }
    line.put("faces", count);
    require(Gate.json(line));
  }

  /** Tells of an answer, if it is one that has to be told. */
  synchronized void answered(Exchange exchange, int status) {
    if (isTold(exchange.route())) {
      written(Gate.json(RequestLog.line(exchange, status)));
    }
  }

  /** Whether requests for a route have to be told. */
  static boolean isTold(@Nullable Route route) {
    return route != null && (route.needsToken() || route.path().equals("/api/session"));
  }

  /** Writes a line; whether it could. */
  synchronized boolean written(String line) {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    try {
      if (path != null && !Objects.equals(key(path), key)) {
        FileChannel fresh = append(path); // it was moved away, deleted, or replaced
        file.close();
        file = fresh;
        key = key(path);
      }
      long before = file.size();
      try {
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        failed = false;
        return true;
      } catch (IOException e) {
        file.truncate(before); // no half line
        throw e;
      }
    } catch (IOException e) {
      if (!failed) {
        LOG.error("the audit log cannot be written: {}", Failures.describe(e));
      }
      failed = true;
      return false;
    }
  }

  /** Null if there is no file, or files have no key. */
  private static @Nullable Object key(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
