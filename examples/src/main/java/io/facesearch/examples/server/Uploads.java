package io.facesearch.examples.server;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/**
 * Reads request bodies into memory, never to disk: at most so many bytes each, within a time, and
 * all bodies together within a share of the heap. Thread-safe.
 */
final class Uploads {
  private static final int CHUNK = 1 << 16;

  private final long nanos;
  private final int maxBytes;
  private final Semaphore chunks;

  /**
   * A body, which holds its share of the memory for bodies until it is closed.
   *
   * @param bytes the body
   */
  record Upload(byte[] bytes, Semaphore chunks, int held) implements AutoCloseable {
    @Override
    public void close() {
      chunks.release(held);
    }
  }

  /** Reads within the request time of these limits; a quarter of the heap is for bodies. */
  Uploads(Limits limits) {
    nanos = limits.requestTime().toNanos();
    maxBytes = limits.uploadBytes();
    chunks = new Semaphore((int) Math.max(64, Runtime.getRuntime().maxMemory() / 4 / CHUNK));
  }

  Upload read(Context ctx, int most) throws IOException {
    long length = ctx.req().getContentLengthLong();
    if (length > most) {
      throw tooLarge(most, Long.toString(length));
    }
    long start = System.nanoTime();
    ByteArrayOutputStream body = new ByteArrayOutputStream((int) Math.max(CHUNK, length));
    byte[] buffer = new byte[CHUNK];
    int held = 0;
    boolean done = false;
    try {
      InputStream in = ctx.req().getInputStream();
      int n;
      while ((n = in.read(buffer)) >= 0) {
        body.write(buffer, 0, n);
        if (body.size() > most) {
          throw tooLarge(most, "more");
        }
        // Twice: the buffer that grows, and the array made of it.
        while ((long) held * CHUNK < 2L * body.size()) {
          if (!chunks.tryAcquire()) {
            throw Problem.busy("too many uploads at once for the memory here; try again soon");
          }
          held++;
        }
        if (System.nanoTime() - start > nanos) {
          throw tooSlow();
        }
      }
      done = true;
      return new Upload(body.toByteArray(), chunks, held);
    } catch (IOException e) {
      if (e.getCause() instanceof TimeoutException) {
        throw tooSlow();
      }
      throw e;
    } finally {
      if (!done) {
        chunks.release(held);
      }
    }
  }

  /**
   * Reads on to the end of a body that is refused, as clients that are still sending would see a
   * broken connection, not the reason. One that is far too large is not worth it.
   */
  void discard(Context ctx) {
    long length = ctx.req().getContentLengthLong();
    if (length <= 0 || length > 4L * maxBytes) {
      return;
    }
    long start = System.nanoTime();
    byte[] buffer = new byte[CHUNK];
    try {
      InputStream in = ctx.req().getInputStream();
      while (in.read(buffer) >= 0 && System.nanoTime() - start < nanos) {
        // On to the end.
      }
    } catch (IOException e) {
      // The client is gone, or too slow; it will not read the reason either.
    }
  }

  private Problem tooSlow() {
    return new Problem(
        408,
        "upload_too_slow",
        "the upload took longer than the " + nanos / 1_000_000_000 + " s that are allowed");
  }

  private static Problem tooLarge(int maxBytes, String found) {
    return new Problem(
        413,
        "upload_too_large",
        "the upload is too large: expected at most "
            + maxBytes
            + " bytes, but it has "
            + found
            + "; make the photo smaller, or start the server with a larger --max-upload");
  }
}
