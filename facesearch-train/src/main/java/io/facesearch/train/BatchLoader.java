package io.facesearch.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.facesearch.FaceSearchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fills batches on worker threads while the network works on the batch before: two buffers, in
 * PyTorch's memory, used in turn. What a batch holds does not depend on the threads.
 */
final class BatchLoader implements AutoCloseable {
  private static final int BUFFERS = 2;

  /** The images of a batch, and where they lie as floats. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Batch(int[] images, ByteBuffer bytes) {}

  private record Pending(long step, int[] images, int buffer, List<Future<?>> parts) {}

  private final Inputs inputs;
  private final Samplers.Sampler sampler;
  private final long seed;
  private final long end;
  private final ExecutorService pool;
  private final int workers;
  private final NDArray[] arrays = new NDArray[BUFFERS];
  private final ByteBuffer[] buffers = new ByteBuffer[BUFFERS];
  private @Nullable Pending next;

  BatchLoader(
      NDManager manager,
      Inputs inputs,
      Samplers.Sampler sampler,
      long seed,
      long end,
      int workers) {
    this.inputs = inputs;
    this.sampler = sampler;
    this.seed = seed;
    this.end = end;
    this.workers = workers;
    for (int i = 0; i < BUFFERS; i++) {
      arrays[i] = manager.create(new Shape(sampler.size(), inputs.floats()), DataType.FLOAT32);
      buffers[i] = arrays[i].toByteBuffer(true).order(ByteOrder.nativeOrder());
    }
    pool =
        Executors.newFixedThreadPool(
            workers,
            task -> {
              Thread thread = new Thread(task, "facesearch-batches");
              thread.setDaemon(true);
              return thread;
            });
  }

  private Pending start(long step) {
    int[] images = sampler.batch(step);
    int buffer = (int) (step % BUFFERS);
    FloatBuffer target = buffers[buffer].duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    List<Future<?>> parts = new ArrayList<>();
    for (int w = 0; w < workers; w++) {
      int first = w;
      parts.add(
          pool.submit(
              () -> {
                for (int i = first; i < images.length; i += workers) {
                  inputs.write(
                      images[i], Samplers.random(seed, step, i), target, i * inputs.floats());
                }
                return null;
              }));
    }
    return new Pending(step, images, buffer, parts);
  }

  /** The batch of a step; valid until the next call. Steps are to be asked for one by one. */
  Batch batch(long step) throws IOException, InterruptedException {
    Pending pending = next != null && next.step == step ? next : start(step);
    try {
      for (Future<?> part : pending.parts) {
        part.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new FaceSearchException("reading a batch failed", e.getCause());
    }
    next = step + 1 < end ? start(step + 1) : null;
    return new Batch(pending.images, buffers[pending.buffer]);
  }

  /**
   * Waits for the workers, then frees the buffers. They are not interrupted: that would close the
   * files that they read.
   */
  @Override
  public void close() {
    pool.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.DAYS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    for (NDArray array : arrays) {
      array.close();
    }
  }
}
