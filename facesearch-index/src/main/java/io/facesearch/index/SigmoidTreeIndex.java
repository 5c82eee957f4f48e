package io.facesearch.index;

import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.file.TreeIndexFile;
import io.facesearch.index.internal.tree.BuilderAccess;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Search, exact or approximate, in a tree whose nodes part the faces by {@code Sign(Sigmoid(W·f −
 * t) − t)}: at 0 or more a vector f goes right, else left. The answers are those of {@link
 * FlatIndex}: the same faces, in the same order, at the same distances.
 *
 * <p>New faces go to a delta beside the tree, and removed ones are passed over; when they outgrow
 * their share of the tree, a new one is built in the background, on half of the cores, while the
 * index goes on changing: adding does not wait for it. A list of faces that is larger than that
 * share, or the first one, is built into a tree by the thread that adds it. With n faces of d
 * dimensions:
 *
 * <ul>
 *   <li>a search costs between O(d · log n), where vectors have few effective dimensions, and about
 *       70 bytes read and 64 operations a face, of which a vector unit does 32 at a time: at 128
 *       dimensions the planes exclude little, but small codes of all vectors exclude nearly all;
 *   <li>adding costs O(d · log n) a face on average, and O(d · n · log n) when it rebuilds;
 *   <li>memory is about 4 · d + 12 · d / leafSize + 154 bytes a face beside its record, 48 of them
 *       for approximate searches (in few dimensions less), and twice that while the tree is
 *       rebuilt; see {@link #stats()}. Opened from a file, about 150 bytes a face are on the heap,
 *       see {@link Builder#mapped}.
 * </ul>
 *
 * <p>Vectors that vary about as much in every direction, such as those of SFace and ArcFace, get
 * codes of all dimensions instead, d + 2 bytes a face, or two thirds of that from 12.8 million
 * coordinates on; that they are such is found by counting on a sample when the tree is built. All
 * codes are then read, and there is no approximate search, since the exact one takes less time.
 *
 * <p>Searches are faster where the module {@code jdk.incubator.vector} is present: start Java with
 * {@code --add-modules jdk.incubator.vector}. The system property {@code facesearch.kernel} ({@code
 * scalar} or {@code vector}) forces one way of computing; the answers are the same.
 *
 * <p>Thread-safe as {@link FaceIndex} asks for; searches never lock and never wait for a rebuild.
 */
public final class SigmoidTreeIndex extends MemoryIndex {
  private final TreeIndex tree;

  private SigmoidTreeIndex(TreeIndex tree, KnownFiles knownFiles) {
    super(tree, knownFiles);
    this.tree = tree;
  }

  /**
   * Starts a new index.
   *
   * @return a builder with the default settings
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads an index file into a new index with default settings; see {@link Builder#load}.
   *
   * @param file a file written by {@link #save} or {@link IndexFile#write}
   * @return the index, with the faces in the order of the file
   * @throws io.facesearch.CorruptIndexException if the file is damaged or no index file
   * @throws io.facesearch.IndexVersionException if this release does not read the file's version
   * @throws IOException if the file cannot be read
   */
  public static SigmoidTreeIndex load(Path file) throws IOException {
    return builder().load(file);
  }

  /**
   * Writes faces and tree to a file, so that loading is little more than reading; safe as {@link
   * IndexFile#write}. Changes go on meanwhile and are not in the file. Nothing of removed faces is
   * written: if there are any, a tree without them is built first, O(d · n · log n); so it is where
   * the index has grown much since its tree was built.
   *
   * <p>The file is a snapshot. One that this index was not loaded from, or that another has written
   * since, is not replaced; for galleries that several change there is {@code FaceStore}.
   *
   * @param file the file; replaced if this index was loaded from it, or was the last to write it
   * @throws io.facesearch.StaleIndexException if the file holds what this index does not know
   * @throws IllegalArgumentException if a text of a face is no valid Unicode
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void save(Path file) throws IOException {
    TreeIndexFile.write(tree, knownFiles, file, false);
  }

  /**
   * Writes faces and tree to a file as {@link #save} does, whatever is there: what others wrote to
   * it is lost.
   *
   * @param file the file; replaced if it exists
   * @throws IllegalArgumentException if a text of a face is no valid Unicode
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void overwrite(Path file) throws IOException {
    TreeIndexFile.write(tree, knownFiles, file, true);
  }

  /**
   * Waits for the tree that is built in the background, and its neighbors, but for none of what
   * others add meanwhile. An index whose tree is mapped from its file lets go of it: whoever
   * searches it then, or just now, may get an IllegalStateException. Another one stays usable.
   */
  @Override
  public void close() {
    tree.close();
    tree.release();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Exact, whatever recall or share of the leaves is asked for, where the index has no
   * approximate search: for k above 1,000 (above 100 if a recall is asked for), with a filter, in
   * indexes of fewer than 4,096 faces, in such as were built without, where the bounds of the tree
   * are enough, where all dimensions are coded, and while three quarters of the faces in the tree
   * are removed ones; {@link SearchResult#plan()} tells. Faces that were added since the tree was
   * built are all looked at in any case.
   */
  @Override
  public SearchResult search(Embedding query, Search request) {
    return tree.search(query, request);
  }

  /**
   * {@inheritDoc}
   *
   * <p>All in the same state of the index. Where the request is exact, it takes less time than one
   * search for each query, because groups of queries share what they read from memory. Runs in the
   * calling thread; to use more, split the list.
   */
  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return tree.searchAll(queries, request);
  }

  /**
   * What approximate searches found of held-out queries when the tree was built: by {@code k}, the
   * cheapest first.
   *
   * @return empty where the index has no approximate search
   */
  public List<CalibratedRecall> calibration() {
    return tree.calibration().stream()
        .map(
            found ->
                new CalibratedRecall(
                    found.k(),
                    found.leafShare(),
                    found.beam(),
                    found.recall(),
                    found.standardError(),
                    found.cost()))
        .toList();
  }

  /**
   * Tells how large the index is; O(1).
   *
   * @return the figures of the present state
   */
  public IndexStats stats() {
    TreeStats now = tree.stats();
    return new IndexStats(
        now.faces(), now.leaves(), now.vectorBytes(), now.bytes(), now.mappedBytes(), now.kernel());
  }

  /** Settings of a new {@link SigmoidTreeIndex}. Not thread-safe. */
  public static final class Builder {
    static {
      BuilderAccess.grant(builder -> ((Builder) builder).settings);
    }

    private final TreeIndex.Builder settings = TreeIndex.builder();

    private Builder() {}

    /**
     * Sets how many faces a leaf holds at most; leaves hold more where {@link #maxDepth} is reached
     * or where all faces are equal.
     *
     * @param leafSize 1 to 4096; the default is 128
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder leafSize(int leafSize) {
      settings.leafSize(leafSize);
      return this;
    }

    /**
     * Sets how many nodes lie at most above a leaf.
     *
     * @param maxDepth 1 to 256; the default is 64
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder maxDepth(int maxDepth) {
      settings.maxDepth(maxDepth);
      return this;
    }

    /**
     * Sets when the tree is rebuilt: as soon as more faces were added, or removed, since the last
     * time than this share of the faces in the tree (and more than fill one leaf). A share s makes
     * adding n faces one by one cost about (1 + s) / s times the last rebuild.
     *
     * @param rebuildShare 0.01 to 10; the default is 0.25
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder rebuildShare(double rebuildShare) {
      settings.rebuildShare(rebuildShare);
      return this;
    }

    /**
     * Sets how vectors are compared.
     *
     * @param metric the default is {@link Metric#EUCLIDEAN}
     * @return this
     */
    public Builder metric(Metric metric) {
      settings.metric(metric);
      return this;
    }

    /**
     * Sets whether searches that need not be exact shall be able to leave anything out. That takes
     * about 48 bytes a face and makes building take several times as long.
     *
     * @param approximate the default is true
     * @return this
     */
    public Builder approximate(boolean approximate) {
      settings.approximate(approximate);
      return this;
    }

    /**
     * Sets how a node finds the direction that it splits along.
     *
     * @param strategy the default is {@link SplitStrategy#TWO_MEANS}
     * @return this
     */
    public Builder split(SplitStrategy strategy) {
      settings.split(strategy.name());
      return this;
    }

    /**
     * Sets how many threads may work on one exact search, the calling one among them. They let idle
     * cores help with a single query; queries that come at the same time have more of one thread
     * each, since several threads take a little more work for a query. The answers are the same.
     * They share the codes of a tree of 65,536 faces or more; {@link SigmoidTreeIndex#searchAll},
     * approximate searches and those that the bounds of the tree are enough for run in the calling
     * thread.
     *
     * @param threads 1 to 256; the default is 1
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder searchThreads(int threads) {
      settings.searchThreads(threads);
      return this;
    }

    /**
     * Sets who runs the threads of {@link #searchThreads} beside the calling one. A search never
     * waits for a task that has not begun: if the executor refuses, or is busy, the calling thread
     * does the work.
     *
     * @param executor the default is one of daemon threads that all indexes share, one fewer than
     *     there are cores
     * @return this
     */
    public Builder searchExecutor(Executor executor) {
      settings.searchExecutor(executor);
      return this;
    }

    /**
     * Sets whether {@link #load} maps a file into memory of the system instead of reading all of
     * it, if it has 16 MiB of vectors and records. Then the heap holds about 150 bytes a face
     * instead of about 680 and its names, opening takes a third of the time, and searches are as
     * fast as soon as the system has what they need in its cache. See {@code docs/FORMAT.md} for
     * what is checked when. Nobody may change the file meanwhile but by {@link
     * SigmoidTreeIndex#save} and its like, which replace it; {@link SigmoidTreeIndex#close} lets go
     * of it. Windows, where what is mapped can be neither deleted nor replaced, reads all.
     *
     * @param mapped the default is true
     * @return this
     */
    public Builder mapped(boolean mapped) {
      settings.mapped(mapped);
      return this;
    }

    /**
     * Makes the index.
     *
     * @return a new, empty index
     * @throws IllegalStateException if {@code facesearch.kernel} asks for what there is not
     */
    public SigmoidTreeIndex build() {
      return new SigmoidTreeIndex(settings.build(), new KnownFiles());
    }

    /**
     * Makes the index and fills it from a file, whose metric it takes over; this builder keeps its
     * own. Reads the tree from the file, O(d · n), if {@link SigmoidTreeIndex#save} wrote it from
     * an index with the same leaf size, depth, split and approximate searches, on a Java with the
     * same kernel; else builds the tree, O(d · n · log n).
     *
     * @param file a file written by {@link SigmoidTreeIndex#save} or {@link IndexFile#write}
     * @return a new index, with the faces in the order of the file
     * @throws io.facesearch.CorruptIndexException if the file is damaged or no index file
     * @throws io.facesearch.IndexVersionException if this release does not read the file's version
     * @throws IOException if the file cannot be read
     * @throws IllegalStateException if {@code facesearch.kernel} asks for what there is not
     */
    public SigmoidTreeIndex load(Path file) throws IOException {
      KnownFiles known = new KnownFiles();
      return new SigmoidTreeIndex(
          known.load(file, () -> TreeIndexFile.load(settings, file)), known);
    }
  }
}
