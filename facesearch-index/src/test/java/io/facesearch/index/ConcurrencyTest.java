package io.facesearch.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.GalleryComposition;
import io.facesearch.Search;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConcurrencyTest {
  private static final int BATCH = 7;
  private static final int BATCHES = 300;

  /**
   * Face i lies at (i mod 5, 0, 0), so a search for k = all returns the whole state it saw, in a
   * known order: the answer must be that of a number of whole batches, none less than were
   * published before it began, none more than were begun when it ended.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyAnswerIsThatOfAPrefixOfTheWrites(boolean flat) throws Exception {
    FaceIndex index =
        flat ? new FlatIndex() : SigmoidTreeIndex.builder().leafSize(3).rebuildShare(0.1).build();
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(16);
    List<Future<Integer>> results = new ArrayList<>();
    Embedding query = Embedding.of("m", 0, 0, 0);
    for (int t = 0; t < 16; t++) {
      results.add(
          threads.submit(
              () -> {
                int searches = 0;
                int last = 0;
                while (last < BATCHES * BATCH) {
                  int least = done.get() * BATCH;
                  List<FaceMatch> matches = index.search(query, Integer.MAX_VALUE).matches();
                  int most = begun.get() * BATCH;
                  int size = matches.size();
                  assertThat(size % BATCH).isZero();
                  assertThat(size).isBetween(Math.max(least, last), most);
                  checkPrefix(matches);
                  if (size > 0) {
                    String id = "f" + (size - 1);
                    assertThat(index.get(id)).isPresent();
                    assertThat(index.faces().get(size - 1).face().id()).isEqualTo(id);
                  }
                  last = size;
                  searches++;
                }
                return searches;
              }));
    }
    for (int batch = 0; batch < BATCHES; batch++) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = batch * BATCH; i < (batch + 1) * BATCH; i++) {
        faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", i % 5, 0, 0)));
      }
      begun.incrementAndGet();
      index.addAll(faces);
      done.incrementAndGet();
    }
    threads.shutdown();
    for (Future<Integer> result : results) {
      assertThat(result.get(60, TimeUnit.SECONDS)).isPositive();
    }
  }

  /**
   * Batches of faces come at once and, of every third, go at once, while others search with
   * filters: each batch is found whole or not at all, less what is excluded, and as soon as it is
   * there. Forgetting gives all faces other ordinals.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void filtersSeeWholeBatches(boolean flat) throws Exception {
    FaceIndex index =
        flat ? new FlatIndex() : SigmoidTreeIndex.builder().leafSize(3).rebuildShare(0.1).build();
    AtomicInteger done = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<Integer>> results = new ArrayList<>();
    Embedding query = Embedding.of("m", 1, 2);
    for (int t = 0; t < 6; t++) {
      int seed = t;
      results.add(
          threads.submit(
              () -> {
                Random random = new Random(seed);
                int found = 0;
                while (done.get() < BATCHES) {
                  int least = done.get();
                  int batch = random.nextInt(BATCHES);
                  FaceFilter filter =
                      switch (random.nextInt(4)) {
                        case 0 -> FaceFilter.tag("batch", batch);
                        case 1 -> FaceFilter.tagBetween("batch", batch - 0.5, batch + 0.5);
                        case 2 -> FaceFilter.person("p" + batch);
                        default ->
                            FaceFilter.tag("third", "t" + batch % 3)
                                .and(FaceFilter.tagBetween("batch", batch, batch));
                      };
                  boolean excludes = random.nextBoolean();
                  Search request = Search.within(1e9).where(filter);
                  List<FaceMatch> matches =
                      index
                          .search(
                              query,
                              excludes ? request.excluding(List.of("f" + batch + ".0")) : request)
                          .matches();
                  int whole = excludes ? BATCH - 1 : BATCH;
                  assertThat(matches).allMatch(match -> filter.matches(match.face()));
                  assertThat(matches.size()).isIn(0, whole);
                  if (batch < least && batch % 3 != 0) {
                    assertThat(matches).hasSize(whole);
                  }
                  found += matches.size();
                }
                return found;
              }));
    }
    for (int batch = 0; batch < BATCHES; batch++) {
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < BATCH; i++) {
        FaceRecord record =
            FaceRecord.of("f" + batch + "." + i, "p" + batch)
                .withTag("batch", batch)
                .withTag("third", "t" + batch % 3);
        faces.add(new EmbeddedFace(record, Embedding.of("m", i, batch)));
      }
      index.addAll(faces);
      if (batch % 3 == 1) {
        Set<String> gone = new HashSet<>();
        for (int i = 0; i < BATCH; i++) {
          gone.add("f" + (batch - 1) + "." + i);
        }
        index.replaceAll(gone, List.of());
      }
      if (batch % 40 == 0) {
        index.forget("nobody");
      }
      done.incrementAndGet();
    }
    threads.shutdown();
    for (Future<Integer> result : results) {
      assertThat(result.get(60, TimeUnit.SECONDS)).isNotNegative();
    }
    FaceFilter two = FaceFilter.tag("third", "t2");
    assertThat(index.search(query, Search.within(1e9).where(two)).matches())
        .hasSize(BATCH * BATCHES / 3);
  }

  /** Eight writers race for the same ids, one by one: each id is added exactly once. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneOfManyWritersWins(boolean flat) throws Exception {
    FaceIndex index = flat ? new FlatIndex() : SigmoidTreeIndex.builder().leafSize(2).build();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Integer>> results = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      results.add(
          threads.submit(
              () -> {
                int won = 0;
                for (int i = 0; i < 1000; i++) {
                  try {
                    index.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", i, -i)));
                    won++;
                  } catch (DuplicateFaceException e) {
                    assertThat(index.get("f" + i)).isPresent();
                  }
                }
                return won;
              }));
    }
    threads.shutdown();
    int won = 0;
    for (Future<Integer> result : results) {
      won += result.get(60, TimeUnit.SECONDS);
    }
    assertThat(won).isEqualTo(1000);
    assertThat(index.size()).isEqualTo(1000);
    assertThat(index.faces().stream().map(f -> f.face().id()).distinct()).hasSize(1000);
    for (int i = 0; i < 1000; i++) {
      FaceMatch match = index.search(Embedding.of("m", i, -i), 1).matches().get(0);
      assertThat(match).isEqualTo(new FaceMatch(FaceRecord.of("f" + i), 0));
    }
  }

  /**
   * Face i of 2000 always lies at (i), is now and then updated to the same place, and every second
   * one is removed, while trees are built. What a reader sees must lie between what was so before
   * its call began and after it ended; a face that is only updated is never missing.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readersSeeEachChangeWholeWhileTreesAreBuilt(boolean flat) throws Exception {
    FaceIndex index =
        flat ? new FlatIndex() : SigmoidTreeIndex.builder().leafSize(4).rebuildShare(0.05).build();
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      faces.add(new EmbeddedFace(FaceRecord.of("f" + i), Embedding.of("m", i, 0)));
    }
    index.addAll(faces);
    AtomicInteger removing = new AtomicInteger();
    AtomicInteger removed = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger(2);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<?>> results = new ArrayList<>();
    results.add(
        threads.submit(
            () -> {
              for (int i = 0; i < 2000; i += 2) {
                removing.incrementAndGet();
                assertThat(index.remove("f" + i)).isTrue();
                removed.incrementAndGet();
              }
              writers.decrementAndGet();
            }));
    results.add(
        threads.submit(
            () -> {
              for (int round = 0; round < 3; round++) {
                for (int i = 1; i < 2000; i += 2) {
                  index.update(faces.get(i));
                }
              }
              writers.decrementAndGet();
            }));
    for (int reader = 0; reader < 4; reader++) {
      Random random = new Random(reader);
      results.add(
          threads.submit(
              () -> {
                while (writers.get() > 0) {
                  int most = 2000 - removed.get();
                  int size = index.search(Embedding.of("m", 0, 0), 3000).matches().size();
                  assertThat(size).isBetween(2000 - removing.get(), most);
                  int i = 1 + 2 * random.nextInt(1000);
                  assertThat(index.get("f" + i)).contains(faces.get(i));
                  assertThat(index.search(Embedding.of("m", i, 0), 1).matches())
                      .containsExactly(new FaceMatch(FaceRecord.of("f" + i), 0));
                }
              }));
    }
    threads.shutdown();
    for (Future<?> result : results) {
      result.get(60, TimeUnit.SECONDS);
    }
    index.close();
    assertThat(index.size()).isEqualTo(1000);
    assertThat(index.faces()).hasSize(1000).doesNotContain(faces.get(0)).contains(faces.get(1));
  }

  private static void checkPrefix(List<FaceMatch> matches) {
    int at = 0;
    for (int distance = 0; distance < 5; distance++) {
      for (int i = distance; i < matches.size(); i += 5) {
        FaceMatch match = matches.get(at++);
        assertThat(match.distance()).isEqualTo(distance);
        assertThat(match.face().id()).isEqualTo("f" + i);
      }
    }
  }

  /**
   * One writer adds a person of three faces, then forgets them, and so on: a name is never found
   * after it was forgotten, never in part, and the counts are those of some state.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void namesAndCountsAreThoseOfAStateWhilePeopleComeAndAreForgotten(boolean flat) throws Exception {
    FaceIndex index =
        flat ? new FlatIndex() : SigmoidTreeIndex.builder().leafSize(3).rebuildShare(0.1).build();
    for (int i = 0; i < 40; i++) {
      index.add(new EmbeddedFace(FaceRecord.of("s" + i, "stays" + i / 2), vector(i)));
    }
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger forgotten = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    List<Future<Integer>> results = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      results.add(
          threads.submit(
              () -> {
                int reads = 0;
                while (forgotten.get() < BATCHES) {
                  int gone = forgotten.get();
                  assertThat(index.faces("p" + gone)).as("forgotten").isEmpty();
                  assertThat(index.faces("p" + begun.get()).size()).isIn(0, 3);
                  assertThat(index.faces("stays7")).hasSize(2);
                  GalleryComposition counts = index.composition();
                  assertThat(counts.nameless()).isZero();
                  assertThat(counts.peopleByPhotos().get(2)).isEqualTo(20);
                  assertThat(counts.candidates()).isBetween(20, 21);
                  reads++;
                }
                return reads;
              }));
    }
    for (int n = 1; n <= BATCHES; n++) {
      begun.set(n);
      List<EmbeddedFace> faces = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        faces.add(new EmbeddedFace(FaceRecord.of(n + "." + i, "p" + n), vector(n + i)));
      }
      index.addAll(faces);
      assertThat(index.forget("p" + n).faces()).isEqualTo(3);
      forgotten.set(n);
    }
    threads.shutdown();
    for (Future<Integer> result : results) {
      assertThat(result.get(60, TimeUnit.SECONDS)).isPositive();
    }
    assertThat(index.composition()).isEqualTo(GalleryComposition.of(20, 2));
  }

  private static Embedding vector(int i) {
    return Embedding.of("m", i % 5, i % 7, 1);
  }
}
