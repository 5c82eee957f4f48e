package io.facesearch.spi;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.Metric;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An index that forwards every call to another one; extend it to change some of the methods.
 * Thread-safe if the other index is. Closing it closes the other index.
 */
public abstract class ForwardingIndex implements FaceIndex {
  /** The index that calls are forwarded to. */
  protected final FaceIndex index;

  /**
   * Creates an index that forwards to another.
   *
   * @param index the other index
   */
  protected ForwardingIndex(FaceIndex index) {
    this.index = index;
  }

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    index.addAll(faces);
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    return index.search(query, request);
  }

  @Override
  public SearchResult search(String faceId, Search request) {
    return index.search(faceId, request);
  }

  @Override
  public List<SearchResult> searchAll(List<Embedding> queries, Search request) {
    return index.searchAll(queries, request);
  }

  @Override
  public void update(EmbeddedFace face) {
    index.update(face);
  }

  @Override
  public boolean remove(String id) {
    return index.remove(id);
  }

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

  @Override
  public List<EmbeddedFace> faces() {
    return index.faces();
  }

  @Override
  public List<EmbeddedFace> faces(String person) {
    return index.faces(person);
  }

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
  public Optional<Path> photoOf(FaceRecord face) {
    return index.photoOf(face);
  }

  @Override
  public void close() {
    index.close();
  }
}
