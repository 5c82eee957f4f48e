package io.facesearch.index.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.file.TreeIndexFile;
import io.facesearch.index.internal.quantize.PlainKernel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Trees that are built while the index goes on changing. */
class BackgroundBuildTest {
  private static final int DIMENSION = 24;

  private static List<EmbeddedFace> faces(int from, int to) {
    Random random = new Random(from);
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = from; i < to; i++) {
      float[] vector = new float[DIMENSION];
      for (int j = 0; j < DIMENSION; j++) {
        vector[j] = (float) (random.nextGaussian() / (1 + j));
      }
      faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", vector)));
    }
    return faces;
  }

  private static void compare(TreeIndex index, FlatIndex flat) {
    for (EmbeddedFace face : faces(1_000_000, 1_000_010)) {
      for (int k : new int[] {1, 10, 500}) {
        assertThat(index.search(face.embedding(), k).matches())
            .isEqualTo(flat.search(face.embedding(), k).matches());
      }
    }
  }

  /** Who adds neither waits for a tree nor builds one, however much is added meanwhile. */
  @Test
  @Timeout(60)
  void addsDoNotWaitForATree() {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicBoolean isClosed = new AtomicBoolean();
    Thread adding = Thread.currentThread();
    TreeIndex index =
        TreeIndex.builder()
            .leafSize(16)
            .direction(
                (rows, dimension, from, to) -> {
                  if (isClosed.get()) {
                    assertThat(Thread.currentThread()).isNotSameAs(adding);
                    awaitUninterruptibly(gate);
                  }
                  return SplitDirection.TWO_MEANS.find(rows, dimension, from, to);
                })
            .build();
    FlatIndex flat = new FlatIndex();
    index.addAll(faces(0, 2000));
    flat.addAll(faces(0, 2000));
    isClosed.set(true);
    List<EmbeddedFace> more = faces(2000, 14_000);
    for (int i = 0; i < more.size(); ) {
      int count = i % 1000 == 0 ? 400 : 1;
      index.addAll(more.subList(i, i + count));
      flat.addAll(more.subList(i, i + count));
      i += count;
    }
    for (int i = 0; i < 3000; i += 7) {
      index.remove("f" + i);
      flat.remove("f" + i);
    }
    assertThat(index.tree().size()).isEqualTo(2000);
    compare(index, flat);
    gate.countDown();
    index.close();
    assertThat(index.tree().size()).isGreaterThan(9000);
    compare(index, flat);
    assertThat(index.faces()).isEqualTo(flat.faces());
  }

  /**
   * Adds, searches, forgetting and closing go on; the failure is tried again only after a while.
   */
  @Test
  @Timeout(60)
  void aTreeThatCannotBeBuiltHoldsNobodyUp() {
    AtomicInteger tried = new AtomicInteger();
    AtomicBoolean fails = new AtomicBoolean();
    TreeIndex index =
        TreeIndex.builder()
            .leafSize(16)
            .direction(
                (rows, dimension, from, to) -> {
                  if (fails.get()) {
                    tried.incrementAndGet();
                    throw new OutOfMemoryError("Java heap space");
                  }
                  return SplitDirection.TWO_MEANS.find(rows, dimension, from, to);
                })
            .build();
    FlatIndex flat = new FlatIndex();
    index.addAll(faces(0, 1000));
    flat.addAll(faces(0, 1000));
    fails.set(true);
    for (EmbeddedFace face : faces(1000, 4000)) {
      index.add(face);
      flat.add(face);
    }
    index.close();
    compare(index, flat);
    assertThat(tried.get()).isBetween(1, 4); // threads that build share the failure
    fails.set(false);
    index.forget("nobody");
    index.close();
    assertThat(index.tree().size()).isEqualTo(4000);
    compare(index, flat);
  }

  /** Whoever adds on and on does not keep another from closing. */
  @Test
  @Timeout(60)
  void closingEndsWhileOthersAdd() throws Exception {
    TreeIndex index = TreeIndex.builder().leafSize(16).rebuildShare(0.01).build();
    index.addAll(faces(0, 2000));
    AtomicBoolean isClosed = new AtomicBoolean();
    Thread adding =
        new Thread(
            () -> {
              for (int i = 2000; !isClosed.get(); i++) {
                index.addAll(faces(i, i + 1));
              }
            });
    adding.start();
    try {
      for (int i = 0; i < 3; i++) {
        index.close();
      }
    } finally {
      isClosed.set(true);
      adding.join();
    }
    assertThat(index.size()).isEqualTo(index.faces().size());
  }

  /** Forgetting makes the tree, and leaves its neighbors to the background. */
  @Test
  @Timeout(120)
  void neighborsComeBackAfterForgetting() {
    TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(PlainKernel.INSTANCE)).build();
    index.addAll(faces(0, 6000));
    index.forget("nobody");
    index.close();
    assertThat(index.isUnfinished(index.state())).isFalse();
    assertThat(index.tree().neighbors).isNotNull();
  }

  /** An index that was filled one by one has, when it rests, all that one filled at once has. */
  @Test
  @Timeout(120)
  void aFilledIndexGetsNeighbors(@TempDir Path folder) throws Exception {
    TreeIndex index = TreeIndex.builder().codeUse(CodeUse.always(PlainKernel.INSTANCE)).build();
    List<EmbeddedFace> faces = faces(0, 9000);
    for (EmbeddedFace face : faces.subList(0, 8500)) {
      index.add(face);
    }
    TreeIndexFile.write(
        index,
        new KnownFiles(),
        folder.resolve("at-once.fsx"),
        true); // whatever there is of the tree
    index.close();
    assertThat(index.tree().neighbors).isNotNull();
    assertThat(index.isUnfinished(index.state())).isFalse();
    Embedding query = faces.get(8600).embedding();
    assertThat(index.search(query, Search.nearest(1).leaves(0.1)).plan())
        .isEqualTo(SearchPlan.APPROXIMATE);
    TreeIndex saved = TreeIndexFile.load(TreeIndex.builder(), folder.resolve("at-once.fsx"));
    assertThat(saved.isUnfinished(saved.state())).isFalse();
    assertThat(saved.tree().neighbors).isNotNull();
    assertThat(saved.search(query, 10).matches()).isEqualTo(index.search(query, 10).matches());
  }

  @Test
  void neighborsFoundLaterAreThoseFoundAtOnce() {
    List<EmbeddedFace> faces = faces(0, 6000);
    CodeUse codes = CodeUse.always(PlainKernel.INSTANCE);
    TreeIndex atOnce = TreeIndex.builder().codeUse(codes).build();
    atOnce.addAll(faces);
    TreeIndex without = TreeIndex.builder().codeUse(codes).approximate(false).build();
    without.addAll(faces);
    assertThat(without.tree().lacksNeighbors()).isTrue();
    assertThat(without.isUnfinished(without.state())).isFalse();
    assertThat(without.tree().withNeighbors(Pace.slow(() -> true))).isNull();
    SplitTree later = without.tree().withNeighbors(Pace.full());
    assertThat(later.neighbors.lists.array).isEqualTo(atOnce.tree().neighbors.lists.array);
    assertThat(later.calibration.settings).isEqualTo(atOnce.tree().calibration.settings);
    assertThat(later.lacksNeighbors()).isFalse();
  }

  private static void awaitUninterruptibly(CountDownLatch gate) {
    boolean interrupted = false;
    while (true) {
      try {
        gate.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
