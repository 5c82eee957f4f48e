package io.facesearch.testing;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.ForgetReceipt;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import io.facesearch.internal.Sha256;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The plainest index there is, Euclidean: a list, gone through from its beginning to its end. What
 * the others answer is compared with it, and tests of modules that know no other index use it.
 */
public final class ListIndex implements FaceIndex {
  private final Map<String, Path> roots = new HashMap<>();
  private List<EmbeddedFace> faces = List.of();

  @Override
  public synchronized void addAll(List<EmbeddedFace> added) {
    replaceAll(Set.of(), added);
  }

  @Override
  public synchronized void replaceAll(Set<String> ids, List<EmbeddedFace> added) {
    Set<String> taken = new HashSet<>();
    faces.forEach(face -> taken.add(face.face().id()));
    for (String id : ids) {
      if (!taken.remove(id)) {
        throw new UnknownFaceException("no face has the id \"" + id + "\"");
      }
    }
    List<EmbeddedFace> next = new ArrayList<>(faces);
    next.removeIf(face -> ids.contains(face.face().id()));
    for (EmbeddedFace face : added) {
      if (!taken.add(face.face().id())) {
        throw new DuplicateFaceException("a face has the id \"" + face.face().id() + "\" already");
      }
      next.add(face);
    }
    for (EmbeddedFace face : added) {
      face.embedding()
          .checkSameModel(next.get(0).embedding().model(), next.get(0).embedding().dimension());
    }
    faces = List.copyOf(next);
  }

  @Override
  public synchronized void update(EmbeddedFace face) {
    replaceAll(Set.of(face.face().id()), List.of(face));
  }

  @Override
  public synchronized boolean remove(String id) {
    boolean known = get(id).isPresent();
    if (known) {
      replaceAll(Set.of(id), List.of());
    }
    return known;
  }

  @Override
  public synchronized ForgetReceipt forget(String person) {
    int before = faces.size();
    faces = faces.stream().filter(face -> !face.face().concerns(person)).toList();
    MessageDigest hash = Sha256.digest();
    for (EmbeddedFace face : faces) {
      String text = face.face() + Arrays.toString(face.embedding().toArray());
      hash.update(text.getBytes(StandardCharsets.UTF_8));
    }
    String state = HexFormat.of().formatHex(hash.digest());
    return new ForgetReceipt(person, Instant.now(), before - faces.size(), state);
  }

  /** By definition; the squared distance is summed in the order of the dimensions. */
  @Override
  public SearchResult search(Embedding query, Search request) {
    List<EmbeddedFace> now = faces();
    List<FaceMatch> matches =
        now.stream()
            .filter(face -> request.accepts(face.face()))
            .map(face -> new FaceMatch(face.face(), query.distanceTo(face.embedding())))
            .filter(match -> match.distance() <= request.distance())
            .sorted(Comparator.comparingDouble(FaceMatch::distance))
            .limit(request.k())
            .toList();
    return new SearchResult(matches, SearchPlan.SCAN, 0, now.size());
  }

  @Override
  public synchronized Optional<EmbeddedFace> get(String id) {
    return faces.stream().filter(face -> face.face().id().equals(id)).findFirst();
  }

  @Override
  public synchronized List<EmbeddedFace> faces() {
    return faces;
  }

  @Override
  public synchronized int size() {
    return faces.size();
  }

  @Override
  public synchronized Optional<String> model() {
    return faces.stream().findFirst().map(face -> face.embedding().model());
  }

  @Override
  public synchronized Map<String, Path> roots() {
    return Map.copyOf(roots);
  }

  @Override
  public synchronized void setRoot(PhotoRoot root) {
    roots.put(root.name(), root.folder());
  }

  @Override
  public synchronized void removeRoot(String name) {
    roots.remove(name);
  }
}
