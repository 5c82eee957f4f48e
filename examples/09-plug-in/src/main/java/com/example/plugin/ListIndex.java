package com.example.plugin;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.FaceRecord;
import io.facesearch.ForgetReceipt;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import io.facesearch.spi.IndexProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * An index that is a list: readers take the list of the moment, writers put another in its place.
 */
public class ListIndex implements FaceIndex {
  private final Map<String, Path> roots = new ConcurrentHashMap<>();
  private volatile List<EmbeddedFace> faces = List.of();

  @Override
  public void addAll(List<EmbeddedFace> added) {
    replaceAll(Set.of(), added);
  }

  @Override
  public void update(EmbeddedFace face) {
    replaceAll(Set.of(face.face().id()), List.of(face));
  }

  @Override
  public synchronized boolean remove(String id) {
    boolean isThere = get(id).isPresent();
    replaceAll(isThere ? Set.of(id) : Set.of(), List.of());
    return isThere;
  }

  @Override
  public synchronized void replaceAll(Set<String> ids, List<EmbeddedFace> added) {
    List<EmbeddedFace> next = new ArrayList<>(faces);
    Set<String> taken = new HashSet<>();
    next.forEach(face -> taken.add(face.face().id()));
    for (String id : ids) {
      if (!taken.remove(id)) {
        throw new UnknownFaceException("no face has the id \"" + id + "\"");
      }
    }
    next.removeIf(face -> ids.contains(face.face().id()));
    for (EmbeddedFace face : added) {
      if (!taken.add(face.face().id())) {
        throw new DuplicateFaceException("the id \"" + face.face().id() + "\" is taken");
      }
      Embedding first = (faces.isEmpty() ? added : faces).get(0).embedding();
      face.embedding().checkSameModel(first.model(), first.dimension());
      next.add(face);
    }
    faces = List.copyOf(next);
  }

  @Override
  public ForgetReceipt forget(String person) {
    return forget(person, face -> face.concerns(person));
  }

  final synchronized ForgetReceipt forget(String person, Predicate<FaceRecord> whose) {
    int before = faces.size();
    faces = faces.stream().filter(face -> !whose.test(face.face())).toList();
    return new ForgetReceipt(person, Instant.now(), before - faces.size(), stateHash());
  }

  private String stateHash() {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (EmbeddedFace face : faces) {
        String text = face.face() + Arrays.toString(face.embedding().toArray());
        hash.update(text.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(hash.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    List<EmbeddedFace> now = faces;
    List<FaceMatch> matches =
        now.stream()
            .filter(face -> request.accepts(face.face()))
            .map(face -> new FaceMatch(face.face(), query.distanceTo(face.embedding())))
            .filter(match -> match.distance() <= request.distance())
            .sorted(Comparator.comparingDouble(FaceMatch::distance)) // stable
            .limit(request.k())
            .toList();
    return new SearchResult(matches, SearchPlan.SCAN, 0, now.size());
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    return faces.stream().filter(face -> face.face().id().equals(id)).findFirst();
  }

  @Override
  public List<EmbeddedFace> faces() {
    return faces;
  }

  @Override
  public int size() {
    return faces.size();
  }

  @Override
  public Optional<String> model() {
    return faces.stream().findFirst().map(face -> face.embedding().model());
  }

  @Override
  public Map<String, Path> roots() {
    return Map.copyOf(roots);
  }

  @Override
  public void setRoot(PhotoRoot root) {
    roots.put(root.name(), root.folder());
  }

  @Override
  public void removeRoot(String name) {
    roots.remove(name);
  }

  /** Named in META-INF/services, as are those of the other parts. */
  public static final class Provider implements IndexProvider {
    @Override
    public FaceIndex newIndex() {
      return new ListIndex();
    }
  }
}
