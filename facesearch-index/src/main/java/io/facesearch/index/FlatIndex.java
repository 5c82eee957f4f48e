package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.Metric;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Exact search by comparing the query with every face: no structure, no tuning, and the yardstick
 * for every other index.
 *
 * <p>A search costs O(n · d) for n faces of d dimensions; adding costs O(d) a face. Thread-safe as
 * {@link FaceIndex} asks for; searches never lock.
 */
public final class FlatIndex implements FaceIndex {
  /** {@code space} is null while nothing was added. */
  private record Snapshot(Space space, Faces faces, Rows rows) {}

  private final Ids ids = new Ids();
  private final Object writeLock = new Object();
  private final Metric metric;
  private volatile Snapshot snapshot = new Snapshot(null, Faces.EMPTY, null);

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
    this.metric = Objects.requireNonNull(metric, "metric");
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
    return IndexFile.read(file, FlatIndex::new, FlatIndex::addImmutable);
  }

  /**
   * Writes the faces to a file; see {@link IndexFile#write}.
   *
   * @param file the file; replaced if it exists
   * @throws IOException if the file cannot be written; an older file is still there then
   */
  public void save(Path file) throws IOException {
    IndexFile.write(this, file);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    addImmutable(Space.kept(List.copyOf(faces), metric));
  }

  /** Adds faces as they are kept. */
  private void addImmutable(List<EmbeddedFace> added) {
    if (added.isEmpty()) {
      return;
    }
    synchronized (writeLock) {
      Snapshot old = snapshot;
      Space space = old.space == null ? Space.of(added.get(0).embedding(), metric) : old.space;
      space.check(added, old.faces.size());
      ids.requireNew(added);
      Rows rows = old.rows == null ? Rows.empty(space.dimension()) : old.rows;
      Snapshot next = new Snapshot(space, old.faces.append(added), rows.append(added));
      ids.put(added, old.faces.size());
      snapshot = next;
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if k is less than 1
   */
  @Override
  public SearchResult search(Embedding query, int k) {
    Objects.requireNonNull(query, "query");
    Space.checkK(k);
    Snapshot now = snapshot;
    if (now.space == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    double[] values = now.space.query(query);
    NearestFaces nearest = new NearestFaces(Math.min(k, now.faces.size()));
    now.rows.scan(values, nearest, 0);
    return new SearchResult(
        nearest.drain(now.faces, metric), SearchPlan.SCAN, 0, nearest.computed());
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
    Snapshot now = snapshot;
    if (now.space == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    NearestFaces nearest = new NearestFaces(0);
    nearest.resetWithin(now.space.radius(distance));
    now.rows.scan(now.space.query(query), nearest, 0);
    return new SearchResult(
        now.space.within(nearest.drain(now.faces, metric), distance),
        SearchPlan.SCAN,
        0,
        nearest.computed());
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    Snapshot now = snapshot;
    int ordinal = ids.find(id, now.faces.size());
    return ordinal < 0 ? Optional.empty() : Optional.of(list(now).get(ordinal));
  }

  /**
   * {@inheritDoc}
   *
   * <p>The list is a view, O(1); every access copies one vector, O(d).
   */
  @Override
  public List<EmbeddedFace> faces() {
    Snapshot now = snapshot;
    return now.space == null ? List.of() : list(now);
  }

  private static List<EmbeddedFace> list(Snapshot now) {
    return new FaceList(now.space.model(), now.faces.size(), now.faces::get, now.rows::get);
  }

  @Override
  public int size() {
    return snapshot.faces.size();
  }

  @Override
  public Optional<String> model() {
    return Optional.ofNullable(snapshot.space).map(Space::model);
  }

  @Override
  public Metric metric() {
    return metric;
  }

  @Override
  public String toString() {
    return "FlatIndex[" + size() + " faces]";
  }
}
