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
 * Exact or approximate search in a tree whose nodes split the faces by {@code Sign(Sigmoid(W·f − t)
 * − t)}: a vector f goes right if this is 0 or more, otherwise left. Exact results are those of
 * {@link FlatIndex}: the same faces, in the same order, at the same distances.
 *
 * <p>New faces are kept beside the tree, and removed ones are skipped. When there are too many of
 * them relative to the tree, a new tree is built in the background, on half of the cores, while the
 * index can still be changed: adding does not wait for it. If a single list of added faces is that
 * large, or is the first one, the adding thread builds the tree itself. With n faces of d
 * dimensions:
 *
 * <ul>
 *   <li>a search costs between O(d · log n), if vectors have few effective dimensions, and reading
 *       about 70 bytes per face with 64 operations, of which a vector unit does 32 at a time: at
 *       128 dimensions the planes of the tree exclude little, but small codes of all vectors
 *       exclude nearly everything;
 *   <li>adding costs O(d · log n) per face on average, and O(d · n · log n) when it rebuilds the
 *       tree;
 *   <li>memory is about 4 · d + 12 · d / leafSize + 154 bytes per face in addition to its record,
 *       48 of them for approximate searches (less with few dimensions), and twice that while the
 *       tree is rebuilt; see {@link #stats()}. An index opened from a file has about 150 bytes per
 *       face on the heap; see {@link Builder#mapped}.
 * </ul>
 *
 * <p>Vectors that vary about equally in all directions, such as those of SFace and ArcFace, get
 * codes of all dimensions instead, which take d + 2 bytes per face, or two thirds of that from 12.8
 * million coordinates on. Whether vectors are like that is determined from a sample when the tree
 * is built. Searches then read all codes, and there is no approximate search, since the exact one
 * is faster.
 *
 * <p>Searches are faster where the module {@code jdk.incubator.vector} is present: start Java with
 * {@code --add-modules jdk.incubator.vector}. The system property {@code facesearch.kernel} ({@code
 * scalar} or {@code vector}) forces one implementation; the results are the same.
 *
 * <p>Thread-safe as required by {@link FaceIndex}; searches take no locks and never wait for a
 * rebuild.
 */
public final class SigmoidTreeIndex extends MemoryIndex {
  private final TreeIndex tree;

  private SigmoidTreeIndex(TreeIndex tree, KnownFiles knownFiles) {
    super(tree, knownFiles);
    this.tree = tree;
  }

  /** {@return a builder of a new index, with default settings} */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads an index file into a new index with default settings; see {@link Builder#load}.
   *
   * @param file a file written by {@link #save} or {@link IndexFile#write}
   * @return the index, with the faces in the order of the file
   * @throws io.facesearch.CorruptIndexException if the file is damaged or not an index file
   * @throws io.facesearch.IndexVersionException if this release does not read the file's version
   * @throws IOException if the file cannot be read
   */
  public static SigmoidTreeIndex load(Path file) throws IOException {
    return builder().load(file);
  }

  /**
   * Writes faces and tree to a file, so that loading takes little more than reading; as safe as
   * {@link IndexFile#write}. The index can be changed meanwhile; those changes are not in the file.
   * Nothing of removed faces is written: if there are any, or if the index has grown much since its
   * tree was built, a new tree is built first, O(d · n · log n).
   *
   * <p>The file is a snapshot. A file that this index was not loaded from, or that somebody else
   * has written since, is not replaced. To keep changes as they are made, use {@code FaceStore}.
   *
   * @param file the file; an existing one is replaced only if this index was loaded from it or was
   *     the last to write it
   * @throws io.facesearch.StaleIndexException if the existing file is not such a file
   * @throws IllegalArgumentException if a text of a face is not valid Unicode
   * @throws IOException if the file cannot be written; an existing file is then unchanged
   */
  public void save(Path file) throws IOException {
    TreeIndexFile.write(tree, knownFiles, file, false);
  }

  /**
   * Writes faces and tree to a file as {@link #save} does, even if that loses what others have
   * written to it.
   *
   * @param file the file; replaced if it exists
   * @throws IllegalArgumentException if a text of a face is not valid Unicode
   * @throws IOException if the file cannot be written; an existing file is then unchanged
   */
  public void overwrite(Path file) throws IOException {
    TreeIndexFile.write(tree, knownFiles, file, true);
  }

  /**
   * Waits for a tree that is being built in the background. If the tree is mapped from its file,
   * the file is released, and searches in progress or later may throw {@link
   * IllegalStateException}. Otherwise the index stays usable.
   */
  @Override
  public void close() {
    tree.close();
    tree.release();
  }

  /**
   * {@inheritDoc}
   *
   * <p>The search is exact, whatever recall or share of leaves was requested, if there is no
   * approximate search: for k above 1,000 (above 100 if a recall was requested), with a filter, in
   * indexes with fewer than 4,096 faces or built without approximate search, if the bounds of the
   * tree suffice, if the codes have all dimensions, and while three quarters of the faces in the
   * tree are removed ones. {@link SearchResult#plan()} says whether it was. Faces added since the
   * tree was built are always all compared.
   */
  @Override
  public SearchResult search(Embedding query, Search request) {
    return tree.search(query, request);
  }

  /**
   * {@inheritDoc}
   *
   * <p>All queries see the same state of the index. An exact request takes less time than one
   * search per query, because groups of queries share what they read from memory. Runs on the
   * calling thread; to use more threads, split the list.
   */
  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return tree.searchAll(queries, request);
  }

  /**
   * Returns the recall of approximate searches, measured on held-out queries when the tree was
   * built.
   *
   * @return the measurements ordered by {@code k}, cheapest first; empty if the index has no
   *     approximate search
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

  /** {@return the current size of the index; O(1)} */
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
     * Sets the maximum number of faces in a leaf; a leaf has more if {@link #maxDepth} is reached
     * or all its faces are equal.
     *
     * @param leafSize 1 to 4,096; default 128
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder leafSize(int leafSize) {
      settings.leafSize(leafSize);
      return this;
    }

    /**
     * Sets the maximum number of nodes above a leaf.
     *
     * @param maxDepth 1 to 256; default 64
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder maxDepth(int maxDepth) {
      settings.maxDepth(maxDepth);
      return this;
    }

    /**
     * Sets when the tree is rebuilt: when more faces were added or removed since the last time than
     * this share of the faces in the tree (and more than fit into a leaf). With a share s, adding n
     * faces one by one costs about (1 + s) / s times the last rebuild.
     *
     * @param rebuildShare 0.01 to 10; default 0.25
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
     * @param metric default {@link Metric#EUCLIDEAN}
     * @return this
     */
    public Builder metric(Metric metric) {
      settings.metric(metric);
      return this;
    }

    /**
     * Sets whether the index supports approximate searches. That takes about 48 bytes per face, and
     * makes building take several times as long.
     *
     * @param approximate default true
     * @return this
     */
    public Builder approximate(boolean approximate) {
      settings.approximate(approximate);
      return this;
    }

    /**
     * Sets how a node finds the direction that it splits along.
     *
     * @param strategy default {@link SplitStrategy#TWO_MEANS}
     * @return this
     */
    public Builder split(SplitStrategy strategy) {
      settings.split(strategy.name());
      return this;
    }

    /**
     * Sets how many threads may work on one exact search, including the calling thread. This lets
     * idle cores help with a single query. With many queries at the same time, one thread per query
     * is better, since splitting a query makes it a little more work. The results are the same.
     * Only the codes of a tree of 65,536 or more faces are split; {@link
     * SigmoidTreeIndex#searchAll}, approximate searches, and searches for which the bounds of the
     * tree suffice run on the calling thread.
     *
     * @param threads 1 to 256; default 1
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public Builder searchThreads(int threads) {
      settings.searchThreads(threads);
      return this;
    }

    /**
     * Sets the executor for {@link #searchThreads}. A search never waits for a task that has not
     * started: if the executor rejects it or is busy, the calling thread does the work.
     *
     * @param executor by default, all indexes share an executor with daemon threads, one fewer than
     *     there are cores
     * @return this
     */
    public Builder searchExecutor(Executor executor) {
      settings.searchExecutor(executor);
      return this;
    }

    /**
     * Sets whether {@link #load} memory-maps a file of 16 MiB or more of vectors and records
     * instead of reading all of it. The heap then holds about 150 bytes per face instead of about
     * 680 plus names, opening takes a third of the time, and searches are as fast as otherwise once
     * the file is in the system's cache. See {@code docs/FORMAT.md} for what is checked when. While
     * it is mapped, the file must not be changed except by {@link SigmoidTreeIndex#save} and
     * similar methods, which replace it; {@link SigmoidTreeIndex#close} releases it. On Windows,
     * where a mapped file can be neither deleted nor replaced, the file is always read.
     *
     * @param mapped default true
     * @return this
     */
    public Builder mapped(boolean mapped) {
      settings.mapped(mapped);
      return this;
    }

    /**
     * Creates the index.
     *
     * @return a new, empty index
     * @throws IllegalStateException if {@code facesearch.kernel} names a kernel that is not there
     */
    public SigmoidTreeIndex build() {
      return new SigmoidTreeIndex(settings.build(), new KnownFiles());
    }

    /**
     * Creates the index and fills it from a file, with the metric of the file; this builder keeps
     * its own. The tree is read from the file, O(d · n), if {@link SigmoidTreeIndex#save} wrote it
     * from an index with the same leaf size, depth, split and approximate searches, in a Java
     * runtime with the same kernel; otherwise it is built, O(d · n · log n).
     *
     * @param file a file written by {@link SigmoidTreeIndex#save} or {@link IndexFile#write}
     * @return a new index, with the faces in the order of the file
     * @throws io.facesearch.CorruptIndexException if the file is damaged or not an index file
     * @throws io.facesearch.IndexVersionException if this release does not read the file's version
     * @throws IOException if the file cannot be read
     * @throws IllegalStateException if {@code facesearch.kernel} names a kernel that is not there
     */
    public SigmoidTreeIndex load(Path file) throws IOException {
      KnownFiles known = new KnownFiles();
      return new SigmoidTreeIndex(
          known.load(file, () -> TreeIndexFile.load(settings, file)), known);
    }
  }
}
