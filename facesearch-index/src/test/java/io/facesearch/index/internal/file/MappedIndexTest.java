package io.facesearch.index.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceRecord;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.IndexStats;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.BoundKernelTest;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.tree.CodeUse;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.testing.OtherJvm;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Indexes whose vectors are mapped from their files, all but small ones in applications. */
class MappedIndexTest {
  @TempDir Path folder;

  private static EmbeddedFace face(int i, int dimension) {
    Random random = new Random(i);
    float[] vector = new float[dimension];
    for (int j = 0; j < dimension; j++) {
      vector[j] = (float) random.nextGaussian();
    }
    FaceRecord record = FaceRecord.of("face " + i, "person " + i % 40).withTag("n", i % 13);
    return new EmbeddedFace(record, Embedding.of("m", vector));
  }

  private static List<EmbeddedFace> faces(int count, int dimension) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(face(i, dimension));
    }
    return faces;
  }

  private static void save(TreeIndex index, Path file) throws IOException {
    TreeIndexFile.write(index, new KnownFiles(), file, true);
  }

  private static TreeIndex mapped(Path file) throws IOException {
    return TreeIndexFile.load(TreeIndex.builder().leastMapped(0), file);
  }

  private static void assertSame(
      TreeIndex mapped, TreeIndex saved, FlatIndex flat, int dimension, boolean sameTree) {
    List<Embedding> queries = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      queries.add(face(1_000_000 + i, dimension).embedding());
      queries.add(face(31 * i, dimension).embedding());
    }
    List<Search> requests =
        List.of(
            Search.nearest(1),
            Search.nearest(10),
            Search.nearest(300),
            Search.nearest(saved.size()),
            Search.within(saved.metric() == Metric.COSINE ? 0.7 : Math.sqrt(dimension)),
            Search.nearest(5).where(FaceFilter.person("person 3")),
            Search.nearest(5).where(FaceFilter.tagBetween("n", 2, 9)),
            Search.nearest(7).excluding(List.of("face 31")));
    for (Search request : requests) {
      List<SearchResult> found = mapped.searchAll(queries, request);
      for (int i = 0; i < queries.size(); i++) {
        SearchResult one = mapped.search(queries.get(i), request);
        assertThat(one.matches()).isEqualTo(flat.search(queries.get(i), request).matches());
        if (sameTree) {
          assertThat(one).isEqualTo(saved.search(queries.get(i), request));
        }
        assertThat(found.get(i).matches()).isEqualTo(one.matches());
      }
    }
    for (Embedding query : sameTree ? queries : List.<Embedding>of()) {
      assertThat(mapped.search(query, Search.nearest(5).recall(0.9)))
          .isEqualTo(saved.search(query, Search.nearest(5).recall(0.9)));
    }
    assertThat(mapped.faces()).isEqualTo(flat.faces());
    assertThat(mapped.get("face 17")).isEqualTo(flat.get("face 17"));
    assertThat(mapped.get("nobody")).isEmpty();
  }

  /** Rows that straddle checked blocks, trees with and without codes, and each kind of codes. */
  @ParameterizedTest
  @CsvSource({
    "2, 3000, EUCLIDEAN, useful",
    "3, 700, EUCLIDEAN, never",
    "40, 4200, COSINE, useful",
    "128, 4200, EUCLIDEAN, stages",
    "129, 1100, EUCLIDEAN, EIGHT_BITS",
    "128, 1100, COSINE, FOUR_BITS",
    "1500, 300, EUCLIDEAN, EIGHT_BITS",
    "2048, 200, EUCLIDEAN, never"
  })
  void answersAreThoseOfTheIndexThatWasSaved(int dimension, int count, Metric metric, String codes)
      throws IOException {
    for (BoundKernel kernel : BoundKernelTest.kernels()) {
      CodeUse use =
          switch (codes) {
            case "useful" -> CodeUse.WHERE_USEFUL;
            case "never" -> CodeUse.NEVER;
            case "stages" -> CodeUse.always(kernel);
            default -> CodeUse.whole(kernel, Packing.valueOf(codes));
          };
      TreeIndex saved = TreeIndex.builder().metric(metric).codeUse(use).build();
      FlatIndex flat = new FlatIndex(metric);
      saved.addAll(faces(count, dimension));
      flat.addAll(faces(count, dimension));
      for (int i = count; i < count + 20; i++) {
        saved.add(face(i, dimension));
        flat.add(face(i, dimension));
      }
      Path file = folder.resolve(kernel.name() + ".idx");
      save(saved, file);
      TreeIndex mapped = mapped(file);
      if (mapped.stats().mappedBytes() == 0) {
        // Codes of the other kernel: the tree was built anew.
        assertThat(codes).isEqualTo("stages");
        continue;
      }
      assertThat(mapped.stats().mappedBytes()).isGreaterThanOrEqualTo(4L * count * dimension);
      assertThat(mapped.stats().bytes())
          .isEqualTo(saved.stats().bytes() - mapped.stats().mappedBytes());
      assertSame(mapped, saved, flat, dimension, true);
      for (var index : List.of(mapped, saved, flat)) {
        index.remove("face 5");
        index.update(new EmbeddedFace(FaceRecord.of("face 9"), face(77, dimension).embedding()));
        index.add(face(count + 20, dimension));
        index.add(face(5, dimension));
        index.replaceAll(Set.of("face 11"), List.of(face(count + 21, dimension)));
      }
      assertSame(mapped, saved, flat, dimension, false);
      Path again = folder.resolve("again.idx");
      save(mapped, again);
      assertSame(mapped(again), saved, flat, dimension, false);
      Path same = folder.resolve("same.idx");
      save(mapped(again), same);
      assertThat(same).hasSameBinaryContentAs(again);
      mapped.forget("person 3");
      flat.forget("person 3");
      mapped.close();
      assertThat(mapped.stats().mappedBytes()).isZero(); // built anew
      assertThat(mapped.faces()).isEqualTo(flat.faces());
    }
  }

  @Test
  void aFileOfApplicationsIsMappedReplacedAndLetGo() throws Exception {
    int dimension = 512;
    SigmoidTreeIndex made = SigmoidTreeIndex.builder().build();
    made.addAll(faces(8300, dimension));
    Path file = folder.resolve("faces.fsx");
    made.save(file);
    SigmoidTreeIndex read = SigmoidTreeIndex.builder().mapped(false).load(file);
    assertThat(read.stats()).isEqualTo(made.stats());
    assertThat(read.stats().mappedBytes()).isZero();
    SigmoidTreeIndex mapped = SigmoidTreeIndex.load(file);
    IndexStats stats = mapped.stats();
    assertThat(stats.mappedBytes()).isEqualTo(stats.vectorBytes());
    assertThat(stats.bytes() + stats.mappedBytes()).isEqualTo(made.stats().bytes());
    mapped.add(face(8300, dimension));
    mapped.save(file); // over the file that it is mapped from
    Embedding query = face(8300, dimension).embedding();
    assertThat(mapped.search(query, 3).matches().get(0).face().id()).isEqualTo("face 8300");
    SigmoidTreeIndex later = SigmoidTreeIndex.load(file);
    assertThat(later.faces()).isEqualTo(mapped.faces());
    List<EmbeddedFace> view = mapped.faces();
    mapped.close();
    mapped.close();
    assertThatThrownBy(() -> mapped.search(query, 3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(() -> mapped.searchAll(List.of(query), Search.nearest(3)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> view.get(0)).isInstanceOf(IllegalStateException.class);
    read.close();
    assertThat(read.search(query, 1).matches()).isEqualTo(made.search(query, 1).matches());
    later.close();
  }

  /** Who searches while the index is closed gets the right answer or is told, and none crashes. */
  @Test
  void searchesWhileItIsClosedAreAnsweredOrTold() throws Exception {
    int dimension = 64;
    TreeIndex made = TreeIndex.builder().build();
    made.addAll(faces(5000, dimension));
    Path file = folder.resolve("faces.idx");
    save(made, file);
    List<Embedding> queries = new ArrayList<>();
    List<SearchResult> answers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      queries.add(face(500_000 + i, dimension).embedding());
      answers.add(made.search(queries.get(i), 10));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    AtomicInteger told = new AtomicInteger();
    try {
      for (int round = 0; round < 10; round++) {
        TreeIndex index = mapped(file);
        AtomicInteger begun = new AtomicInteger();
        List<Future<Void>> running = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          int first = t;
          Callable<Void> work =
              () -> {
                for (int i = first; ; i = (i + 1) % queries.size()) {
                  try {
                    SearchResult found = index.search(queries.get(i), 10);
                    assertThat(found).isEqualTo(answers.get(i));
                    begun.incrementAndGet();
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("closed");
                    told.incrementAndGet();
                    return null;
                  }
                }
              };
          running.add(threads.submit(work));
        }
        while (begun.get() < 50) {
          Thread.sleep(1);
        }
        index.release();
        for (Future<Void> each : running) {
          each.get();
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(told).hasValue(40);
  }

  /**
   * What another program truncates or overwrites is told by a typed exception, in a JVM that goes
   * on.
   */
  @ParameterizedTest
  @CsvSource({
    "truncate, -XX:TieredStopAtLevel=4",
    "truncate, -Xint",
    "empty, -XX:+TieredCompilation"
  })
  void aFileThatIsTruncatedWhileItIsMappedIsTold(String how, String option) throws Exception {
    int dimension = 128;
    TreeIndex made = TreeIndex.builder().build();
    made.addAll(faces(3000, dimension));
    Path file = folder.resolve("faces.idx");
    save(made, file);
    Process child =
        OtherJvm.start(
            MappedIndexTest.class,
            "",
            List.of("-XX:TieredStopAtLevel=4", option),
            List.of(file.toString(), option));
    try (var out = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
        assertThat(line).as("the end of the output").isNotNull();
      }
      try (RandomAccessFile damaged = new RandomAccessFile(file.toFile(), "rw")) {
        damaged.setLength(how.equals("empty") ? 0 : damaged.length() / 2 / 4096 * 4096);
      }
      child.getOutputStream().write('\n');
      child.getOutputStream().flush();
      List<String> lines = out.lines().toList();
      assertThat(child.waitFor()).as(String.join("\n", lines)).isZero();
      assertThat(lines).contains("survived");
    }
  }

  /** Searches a file before and after it is truncated. */
  public static void main(String[] args) throws Exception {
    TreeIndex index = mapped(Path.of(args[0]));
    List<Embedding> queries = new ArrayList<>();
    List<SearchResult> before = new ArrayList<>();
    boolean compiled = !args[1].equals("-Xint");
    for (int i = 0; i < (compiled ? 200 : 20); i++) {
      queries.add(face(700_000 + i, 128).embedding());
      before.add(index.search(queries.get(i), 10));
    }
    for (int round = 0; round < (compiled ? 40 : 0); round++) {
      for (Embedding query : queries) {
        index.search(query, 10); // until it is compiled
      }
    }
    System.out.println("ready");
    System.in.read();
    int told = 0;
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < queries.size(); i++) {
        try {
          SearchResult found = index.search(queries.get(i), 10);
          if (!found.equals(before.get(i))) {
            throw new AssertionError("another answer to query " + i);
          }
        } catch (CorruptIndexException e) {
          told++;
        }
      }
      for (int i = 0; i < index.size(); i += 70) {
        try {
          index.faces().get(i);
          index.get("face " + i);
        } catch (CorruptIndexException e) {
          told++;
        }
      }
    }
    if (told == 0) {
      throw new AssertionError("nothing was told");
    }
    System.out.println("survived");
  }

  /** A bit that the disk turned, in each of the sections that are mapped. */
  @Test
  void damageIsToldWhereItIsRead() throws IOException {
    TreeIndex made = TreeIndex.builder().codeUse(CodeUse.NEVER).build();
    made.addAll(faces(300, 128));
    Path file = folder.resolve("faces.idx");
    save(made, file);
    byte[] bytes = Files.readAllBytes(file);
    EmbeddedFace victim = face(123, 128);
    byte[] vector = bytesOf(victim.embedding());
    int at = indexOf(bytes, vector);
    bytes[at + 100] ^= 4;
    Files.write(file, bytes);
    TreeIndex mapped = mapped(file);
    assertThat(mapped.size()).isEqualTo(300);
    assertThatThrownBy(() -> mapped.get("face 123"))
        .isInstanceOf(CorruptIndexException.class)
        .hasMessageContaining("faces.idx")
        .hasMessageContaining("vectors of the tree")
        .hasMessageContaining("checksum");
    assertThatThrownBy(() -> mapped.search(victim.embedding(), 300))
        .isInstanceOf(CorruptIndexException.class);
    assertThatThrownBy(
            () -> TreeFile.verify(file, TreeIndex.builder().build().shape(), TreeFile.PLAIN, 0))
        .isInstanceOf(CorruptIndexException.class);
    assertThatThrownBy(() -> TreeIndexFile.load(TreeIndex.builder(), file))
        .isInstanceOf(CorruptIndexException.class);
  }

  private static byte[] bytesOf(Embedding embedding) {
    ByteBuffer bytes =
        ByteBuffer.allocate(4 * embedding.dimension()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < embedding.dimension(); i++) {
      bytes.putFloat(embedding.get(i));
    }
    return bytes.array();
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    int at = 0;
    while (!Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
      at++;
    }
    return at;
  }
}
