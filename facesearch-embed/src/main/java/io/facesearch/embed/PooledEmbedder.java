package io.facesearch.embed;

import io.facesearch.Embedding;
import io.facesearch.FaceImage;
import io.facesearch.ModelCard;
import io.facesearch.internal.AlignedChips;
import io.facesearch.onnx.NativeAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What all embedders share: a network, its workers, and closing in order. Thread-safe. */
final class PooledEmbedder implements AutoCloseable {
  private final ModelCard card;
  private final Network network;
  private final WorkerPool pool;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Takes the network over; closes it if this fails.
   *
   * @param card whose input is of the preprocessing's size
   * @param network of the card's dimension
   * @param mirror whether a vector is the mean of those of chip and mirror image
   * @param normalize whether a vector is divided by its norm
   */
  PooledEmbedder(
      ModelCard card,
      Network network,
      Preprocessing preprocessing,
      boolean mirror,
      boolean normalize,
      int threads,
      int batchSize) {
    this.card = card;
    this.network = network;
    List<EmbeddingWorker> workers = new ArrayList<>();
    try {
      for (int i = 0; i < threads; i++) {
        workers.add(new EmbeddingWorker(network, preprocessing, batchSize, mirror, normalize));
      }
      pool = new WorkerPool(workers, batchSize, network);
    } catch (RuntimeException | Error e) {
      workers.forEach(EmbeddingWorker::close);
      network.close();
      throw e;
    }
  }

  ModelCard card() {
    return card;
  }

  List<Embedding> embed(List<FaceImage> chips) {
    List<FaceImage> input = AlignedChips.ofSize(chips, card.input());
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the embedder " + card.name() + " is closed");
      }
      List<Embedding> embeddings = new ArrayList<>(input.size());
      for (float[] vector : pool.embed(input)) {
        embeddings.add(Embedding.of(card.fingerprint(), vector));
      }
      return List.copyOf(embeddings);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        pool.close();
        network.close();
        NativeAllocator.trim();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}
