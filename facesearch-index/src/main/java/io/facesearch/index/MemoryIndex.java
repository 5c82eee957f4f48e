package io.facesearch.index;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.Metric;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.index.internal.file.KnownFiles;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An index in memory as applications see it: all work is done by one they do not see. */
abstract class MemoryIndex implements FaceIndex {
  final KnownFiles knownFiles;
  private final SnapshotIndex<?> index;

  MemoryIndex(SnapshotIndex<?> index, KnownFiles knownFiles) {
    this.index = index;
    this.knownFiles = knownFiles;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void addAll(List<EmbeddedFace> faces) {
    index.addAll(faces);
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    return index.search(query, request);
  }

  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return index.searchAll(queries, request);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void update(EmbeddedFace face) {
    index.update(face);
  }

  @Override
  public boolean remove(String id) {
    return index.remove(id);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the index would hold more than (2^31 - 9) / d faces
   */
  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    index.replaceAll(ids, faces);
  }

  @Override
  public ForgetReceipt forget(String person) {
    return index.forget(person);
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    return index.get(id);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The list is a view: O(1), or O(n) after removals; every access copies one vector, O(d).
   */
  @Override
  public List<EmbeddedFace> faces() {
    return index.faces();
  }

  /**
   * {@inheritDoc}
   *
   * <p>O(n) at first, then the names of what was added since. The list is a view: every access
   * copies one vector.
   */
  @Override
  public List<EmbeddedFace> faces(String person) {
    return index.faces(person);
  }

  /**
   * {@inheritDoc}
   *
   * <p>O(n) at first, then the names of what was added and removed since.
   */
  @Override
  public GalleryComposition composition() {
    return index.composition();
  }

  @Override
  public int size() {
    return index.size();
  }

  @Override
  public Optional<String> model() {
    return index.model();
  }

  @Override
  public Metric metric() {
    return index.metric();
  }

  @Override
  public Map<String, Path> roots() {
    return index.roots();
  }

  @Override
  public void setRoot(PhotoRoot root) {
    index.setRoot(root);
  }

  @Override
  public void removeRoot(String name) {
    index.removeRoot(name);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + size() + " faces]";
  }
}
