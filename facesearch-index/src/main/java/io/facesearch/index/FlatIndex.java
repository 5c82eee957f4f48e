package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceFilter;
import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * Exact search by comparing the query with every face: no structure, no tuning, and the yardstick
 * for every other index.
 *
 * <p>A search costs O(n · d) for n faces of d dimensions; adding costs O(d) a face. Thread-safe as
 * {@link FaceIndex} asks for; searches never lock.
 */
public final class FlatIndex extends SnapshotIndex<Rows> {
  /** So many removed faces at least make it worth while to be compact again. */
  private static final int LEAST_REMOVED = 1024;

  /** Makes an empty index, which the first face binds to its model; O(1). */
  public FlatIndex() {
    this(Metric.EUCLIDEAN);
  }

  /**
   * Makes an empty index, which the first face binds to its model; O(1).
   *
   * @param metric how it compares vectors
   */
  public FlatIndex(Metric metric) {
    super(metric);
  }

  /**
   * Reads an index file into a new index.
   *
   * @param file a file written by {@link IndexFile#write}
   * @return the index, with the faces in the order of the file
   * @throws io.facesearch.CorruptIndexException if the file is damaged or no index file
   * @throws io.facesearch.IndexVersionException if this release does not read the file's version
   * @throws IOException if the file cannot be read
   */
  public static FlatIndex load(Path file) throws IOException {
    return KnownFiles.load(
        file, () -> IndexFile.read(file, FlatIndex::new, FlatIndex::addImmutable));
  }

  /**
   * Writes the faces to a file; see {@link IndexFile#write}.
   *
   * @param file the file; replaced if this index was loaded from it, or was the last to write it
   * @throws io.facesearch.StaleIndexException if the file holds what this index does not know
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void save(Path file) throws IOException {
    IndexFile.write(this, file);
  }

  /**
   * Writes the faces to a file, whatever is there: what others wrote to it is lost.
   *
   * @param file the file; replaced if it exists
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void overwrite(Path file) throws IOException {
    IndexFile.overwrite(this, file);
  }

  @Override
  Rows append(State<Rows> old, Space space, List<EmbeddedFace> added) {
    return (old.vectors() == null ? Rows.empty(space.dimension()) : old.vectors()).append(added);
  }

  @Override
  float[] vector(Rows rows, int ordinal) {
    return rows.get(ordinal);
  }

  @Override
  Rows copy(State<Rows> old, int[] ordinals) {
    return old.vectors().copy(ordinals);
  }

  @Override
  void changed() {
    State<Rows> now = state();
    if (now.removed().count() > Math.max(LEAST_REMOVED, now.live())) {
      publish(compact(now));
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k) {
    return scan(query, k, null);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k, FaceFilter filter) {
    return scan(query, k, Objects.requireNonNull(filter, "filter"));
  }

  private SearchResult scan(Embedding query, int k, FaceFilter filter) {
    Objects.requireNonNull(query, "query");
    Space.checkK(k);
    State<Rows> now = state();
    return scan(now, query, new NearestFaces(Math.min(k, now.live())), filter);
  }

  private static SearchResult scan(
      State<Rows> now, Embedding query, NearestFaces nearest, FaceFilter filter) {
    if (now.space() == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    double[] values = now.space().query(query);
    nearest.accept(now.accepted(filter));
    now.vectors().scan(values, nearest, 0);
    return new SearchResult(
        nearest.drain(now.faces(), now.space().metric()), SearchPlan.SCAN, 0, nearest.computed());
  }

  /**
   * Finds all faces within a distance; O(n · d).
   *
   * @param query a vector of the same model
   * @param distance the greatest distance in the {@link #metric()}, 0 or more; the bound itself is
   *     included
   * @return nearest first; equal distances in order of insertion
   * @throws io.facesearch.ModelMismatchException if model or dimension differ from those of the
   *     index
   * @throws IllegalArgumentException if the distance is negative or NaN
   */
  public SearchResult within(Embedding query, double distance) {
    Objects.requireNonNull(query, "query");
    Space.checkDistance(distance);
    State<Rows> now = state();
    NearestFaces nearest = new NearestFaces(0);
    if (now.space() == null) {
      return scan(now, query, nearest, null);
    }
    nearest.resetWithin(now.space().radius(distance));
    SearchResult found = scan(now, query, nearest, null);
    return new SearchResult(
        now.space().within(found.matches(), distance),
        found.plan(),
        found.leavesVisited(),
        found.distancesComputed());
  }
}
