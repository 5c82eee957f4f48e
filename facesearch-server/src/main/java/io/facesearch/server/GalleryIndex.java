package io.facesearch.server;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.ForgetReceipt;
import io.facesearch.GalleryComposition;
import io.facesearch.Metric;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * An index that labels what a folder run adds, leaves out people who were forgotten while it runs,
 * and counts its changes. Thread-safe if the index beneath is.
 */
final class GalleryIndex implements FaceIndex {
  private final FaceIndex index;
  private final UnaryOperator<EmbeddedFace> label;

  /** Guarded by itself, so that nobody is added while being forgotten. */
  private final Set<String> forgotten = new HashSet<>();

  private final AtomicLong version = new AtomicLong();

  GalleryIndex(FaceIndex index, UnaryOperator<EmbeddedFace> label) {
    this.index = index;
    this.label = label;
  }

  /** Grows with every change. */
  long version() {
    return version.get();
  }

  /** The person is wanted again. */
  void welcome(String person) {
    synchronized (forgotten) {
      forgotten.remove(person);
    }
  }

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    synchronized (forgotten) {
      index.addAll(wanted(faces));
    }
    version.incrementAndGet();
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    synchronized (forgotten) {
      index.replaceAll(ids, wanted(faces));
    }
    version.incrementAndGet();
  }

  private List<EmbeddedFace> wanted(List<EmbeddedFace> faces) {
    List<EmbeddedFace> wanted = new ArrayList<>(faces.size());
    for (EmbeddedFace face : faces) {
      if (forgotten.stream().noneMatch(face.face()::concerns)) {
        wanted.add(label.apply(face));
      }
    }
    return wanted;
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
  public SearchResult search(Embedding query, Search request) {
    return index.search(query, request);
  }

  @Override
  public void update(EmbeddedFace face) {
    index.update(face);
    version.incrementAndGet();
  }

  @Override
  public boolean remove(String id) {
    boolean removed = index.remove(id);
    version.incrementAndGet();
    return removed;
  }

  @Override
  public ForgetReceipt forget(String person) {
    synchronized (forgotten) {
      forgotten.add(person);
      ForgetReceipt receipt = index.forget(person);
      version.incrementAndGet();
      return receipt;
    }
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
  public void close() {
    index.close();
  }
}
