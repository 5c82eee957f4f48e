package io.facesearch.index.internal.tree;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** Keeps a few searchers between searches. Thread-safe; never waits. */
public final class SearcherPool {
  private static final int PLACES = 2 * Runtime.getRuntime().availableProcessors();

  private final SplitTree tree;
  private final AtomicReferenceArray<Searcher> free = new AtomicReferenceArray<>(PLACES);

  SearcherPool(SplitTree tree) {
    this.tree = tree;
  }

  Searcher take() {
    for (int i = 0; i < PLACES; i++) {
      if (free.getPlain(i) != null) {
        Searcher searcher = free.getAndSet(i, null);
        if (searcher != null) {
          return searcher;
        }
      }
    }
    return new Searcher(tree);
  }

  void giveBack(Searcher searcher) {
    for (int i = 0; i < PLACES; i++) {
      if (free.getPlain(i) == null && free.compareAndSet(i, null, searcher)) {
        return;
      }
    }
  }
}
