package io.facesearch.benchmarks;

import io.facesearch.lucene.SigmoidTreeVectorsFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene99.Lucene99HnswVectorsFormat;
import org.apache.lucene.codecs.perfield.PerFieldKnnVectorsFormat;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MultiDocValues;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.ConjunctionUtils;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopKnnCollector;
import org.apache.lucene.search.VectorScorer;
import org.apache.lucene.search.Weight;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.jspecify.annotations.Nullable;

/**
 * {@link SigmoidTreeVectorsFormat} beside Lucene's HNSW and a scan of Lucene's flat vectors, in one
 * run on one thread: time to build ten segments and to merge them to one, size, and time of a query
 * in either, with and without filters. All times are processor time of the thread that works.
 *
 * <p>HNSW is asked for more neighbors until the best ten of them are .99 of the true ones; ours and
 * the scan are exact, which is checked for each query.
 */
public final class LuceneFormats {
  private static final int K = 10;
  private static final int SEGMENTS = 10;
  private static final int ROUNDS = 3;
  private static final double RECALL = 0.99;
  private static final int[] BEAMS = {10, 20, 40, 80, 160, 320, 640, 1280, 2560};
  private static final String FIELD = "vector";
  private static final String FILTER = "filter";

  /** Passed shares of documents in thousandths; 0 for no filter. */
  private static final int[] FILTERS = {0, 500, 50, 5};

  private final FaceVectors vectors;
  private final Path folder;

  /** By filter, then by query. */
  private final List<List<int[]>> truth = new ArrayList<>();

  private LuceneFormats(FaceVectors vectors, Path folder) {
    this.vectors = vectors;
    this.folder = folder;
  }

  /**
   * Measures.
   *
   * @param args folder with statistics, kind of vectors, how many, how many queries, and a folder
   *     for the indexes, which is emptied; then which of {@code ours}, {@code hnsw-100} and {@code
   *     hnsw-200} (the beam with which the graph is built), ours first
   */
  public static void main(String[] args) throws IOException {
    if (args.length < 6 || !args[5].equals("ours")) {
      System.err.println(
          "expected: statistics kind count queries folder ours [hnsw-100] [hnsw-200], but is: "
              + String.join(" ", args));
      System.exit(2);
    }
    FaceVectors made =
        FaceVectors.make(
            Path.of(args[0]), args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]), 1);
    LuceneFormats all = new LuceneFormats(made, Path.of(args[4]));
    System.out.printf(
        "%s %s: %,d vectors, k = %d, %d queries, processor time%n",
        args[0], args[1], made.gallery().length, K, made.queries().length);
    for (String name : Arrays.asList(args).subList(5, args.length)) {
      KnnVectorsFormat format =
          name.equals("ours")
              ? new SigmoidTreeVectorsFormat()
              : new Lucene99HnswVectorsFormat(16, Integer.parseInt(name.substring(5)));
      all.measure(name, format);
    }
  }

  private void measure(String name, KnnVectorsFormat format) throws IOException {
    Path own = folder.resolve(name);
    delete(own);
    try (Directory directory = FSDirectory.open(own)) {
      long start = time();
      build(directory, format);
      System.out.printf(
          Locale.ROOT, "%-9s build %d segments %.2f s%n", name, SEGMENTS, seconds(start));
      queries(name, directory, SEGMENTS);
      start = time();
      TieredMergePolicy noCompound = new TieredMergePolicy();
      noCompound.setNoCFSRatio(0);
      try (IndexWriter writer =
          new IndexWriter(directory, config(format).setMergePolicy(noCompound))) {
        writer.forceMerge(1);
      }
      System.out.printf(Locale.ROOT, "%-9s merge to one %.2f s%n", name, seconds(start));
      System.out.printf(
          Locale.ROOT,
          "%-9s size %.1f MB, of which vectors %.1f MB and what is searched %.1f MB%n",
          name,
          megabytes(own, ""),
          megabytes(own, ".vec"),
          megabytes(own, ".vst") + megabytes(own, ".vex"));
      queries(name, directory, 1);
    } finally {
      delete(own);
    }
  }

  private void build(Directory directory, KnnVectorsFormat format) throws IOException {
    Random random = new Random(7);
    IndexWriterConfig config = config(format).setMergePolicy(NoMergePolicy.INSTANCE);
    int count = vectors.gallery().length;
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < count; i++) {
        Document document = new Document();
        document.add(new NumericDocValuesField("row", i));
        document.add(
            new KnnFloatVectorField(
                FIELD, vectors.gallery()[i], VectorSimilarityFunction.EUCLIDEAN));
        int draw = random.nextInt(1000);
        for (int share : FILTERS) {
          if (draw < share) {
            document.add(new StringField(FILTER, "" + share, Field.Store.NO));
          }
        }
        writer.addDocument(document);
        if ((i + 1) % (count / SEGMENTS) == 0) {
          writer.flush();
        }
      }
    }
  }

  private static IndexWriterConfig config(KnnVectorsFormat format) {
    KnnVectorsFormat everyField =
        new PerFieldKnnVectorsFormat() {
          @Override
          public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
            return format;
          }
        };
    Codec standard = Codec.getDefault();
    return new IndexWriterConfig()
        .setCodec(
            new FilterCodec(standard.getName(), standard) {
              @Override
              public KnnVectorsFormat knnVectorsFormat() {
                return everyField;
              }
            })
        .setMergeScheduler(new SerialMergeScheduler())
        .setUseCompoundFile(false)
        .setRAMBufferSizeMB(1900);
  }

  private void queries(String name, Directory directory, int segments) throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      if (reader.leaves().size() != segments) {
        throw new IllegalStateException(
            segments + " segments were expected, but are: " + reader.leaves().size());
      }
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);
      int[] rowOf = rows(reader);
      for (int i = 0; i < FILTERS.length; i++) {
        Query filter = FILTERS[i] == 0 ? null : new TermQuery(new Term(FILTER, "" + FILTERS[i]));
        String what =
            name
                + ", "
                + segments
                + (segments == 1 ? " segment, " : " segments, ")
                + (filter == null ? "no filter" : "filter of " + FILTERS[i] / 10.0 + " %");
        if (name.equals("ours")) {
          List<int[]> scanned =
              run(what + ", flat scan", query -> scan(searcher, query, filter), rowOf);
          if (truth.size() == i) {
            truth.add(scanned);
          }
          List<int[]> found = run(what, query -> knn(searcher, query, filter, K), rowOf);
          if (recall(found, scanned, Arrays::equals) < 1) {
            throw new IllegalStateException("not what a scan finds: " + what);
          }
        } else {
          graph(what, searcher, filter, rowOf, truth.get(i));
        }
      }
    }
  }

  private void graph(
      String what, IndexSearcher searcher, @Nullable Query filter, int[] rowOf, List<int[]> right)
      throws IOException {
    for (int beam : BEAMS) {
      List<int[]> found = new ArrayList<>();
      for (float[] query : vectors.queries()) {
        found.add(rows(knn(searcher, query, filter, beam), rowOf));
      }
      double recall = recall(found, right, null);
      if (recall >= RECALL || beam == BEAMS[BEAMS.length - 1]) {
        List<int[]> unused =
            run(
                String.format(Locale.ROOT, "%s, asked for %d, recall %.4f", what, beam, recall),
                query -> knn(searcher, query, filter, beam),
                rowOf);
        return;
      }
    }
  }

  /** The share of right faces found, or with a test the share of right answers. */
  private static double recall(
      List<int[]> found, List<int[]> right, @Nullable BiPredicate<int[], int[]> test) {
    int good = 0;
    int all = 0;
    for (int q = 0; q < right.size(); q++) {
      if (test != null) {
        all++;
        good += test.test(found.get(q), right.get(q)) ? 1 : 0;
      } else {
        Set<Integer> rows = new HashSet<>();
        Arrays.stream(right.get(q)).forEach(rows::add);
        all += rows.size();
        good += (int) Arrays.stream(found.get(q)).filter(rows::contains).count();
      }
    }
    return (double) good / all;
  }

  private interface Search {
    List<ScoreDoc> of(float[] query) throws IOException;
  }

  /** Prints the least time of a few rounds, and returns what was found. */
  private List<int[]> run(String what, Search search, int[] rowOf) throws IOException {
    double least = Double.POSITIVE_INFINITY;
    List<int[]> found = new ArrayList<>();
    for (int round = 0; round <= ROUNDS; round++) {
      found.clear();
      long spent = 0;
      for (float[] query : vectors.queries()) {
        long start = time();
        List<ScoreDoc> hits = search.of(query);
        spent += time() - start;
        found.add(rows(hits, rowOf));
      }
      if (round > 0) {
        least = Math.min(least, spent / 1e3 / vectors.queries().length);
      }
    }
    System.out.printf(Locale.ROOT, "  %-75s %9.0f µs%n", what, least);
    return found;
  }

  private static List<ScoreDoc> knn(
      IndexSearcher searcher, float[] query, @Nullable Query filter, int beam) throws IOException {
    return Arrays.asList(
        searcher.search(new KnnFloatVectorQuery(FIELD, query, beam, filter), K).scoreDocs);
  }

  /** Compares all vectors that pass, as Lucene's own exact search does. */
  private static List<ScoreDoc> scan(IndexSearcher searcher, float[] query, @Nullable Query filter)
      throws IOException {
    Weight weight =
        filter == null
            ? null
            : searcher.createWeight(searcher.rewrite(filter), ScoreMode.COMPLETE_NO_SCORES, 1);
    TopKnnCollector nearest = new TopKnnCollector(K, Integer.MAX_VALUE);
    for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
      VectorScorer scorer = leaf.reader().getFloatVectorValues(FIELD).scorer(query);
      DocIdSetIterator docs = scorer.iterator();
      if (weight != null) {
        Scorer passed = weight.scorer(leaf);
        if (passed == null) {
          continue;
        }
        docs = ConjunctionUtils.intersectIterators(List.of(passed.iterator(), docs));
      }
      while (docs.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
        nearest.collect(leaf.docBase + docs.docID(), scorer.score());
      }
    }
    return Arrays.asList(nearest.topDocs().scoreDocs);
  }

  private static int[] rows(DirectoryReader reader) throws IOException {
    int[] rows = new int[reader.maxDoc()];
    NumericDocValues values = MultiDocValues.getNumericValues(reader, "row");
    while (values.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      rows[values.docID()] = (int) values.longValue();
    }
    return rows;
  }

  private static int[] rows(List<ScoreDoc> hits, int[] rowOf) {
    return hits.stream().mapToInt(hit -> rowOf[hit.doc]).toArray();
  }

  private static long time() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static double seconds(long start) {
    return (time() - start) / 1e9;
  }

  private static double megabytes(Path folder, String extension) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      long sum = 0;
      for (Path file : files.filter(f -> f.toString().contains(extension)).toList()) {
        sum += Files.size(file);
      }
      return sum / 1e6;
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
