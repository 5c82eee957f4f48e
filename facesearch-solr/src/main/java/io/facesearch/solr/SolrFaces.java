package io.facesearch.solr;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.ModelMismatchException;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/** The faces of a collection: adds, replaces, finds and lists them. Thread-safe. */
final class SolrFaces {
  /** From so many faces on, {@link #all} reads them when they are asked for. */
  private static final int MANY_FACES = 10_000;

  private final SolrCluster cluster;
  private final SolrWrites writes;
  private final SolrSettings settings;
  private final ExactSearch search;
  private final PeopleCount composition;

  /** Guards changes of faces, and the next number of one. */
  private final Object changes = new Object();

  private long nextSeq;

  /** Fingerprint and dimension; null while the collection has none. */
  private volatile @Nullable Model model;

  private record Model(String fingerprint, int dimension) {}

  SolrFaces(
      SolrCluster cluster, SolrWrites writes, SolrSettings settings, PeopleCount composition) {
    this.cluster = cluster;
    this.writes = writes;
    this.settings = settings;
    this.composition = composition;
    search = new ExactSearch(cluster);
    model = readModel();
    nextSeq = greatestSeq() + 1;
  }

  // The model

  Optional<String> model() {
    return Optional.ofNullable(knownModel()).map(Model::fingerprint);
  }

  private @Nullable Model readModel() {
    byte[] kept = settings.get(SolrSettings.MODEL);
    if (kept == null) {
      return null;
    }
    Map<String, String> read = SettingsCoding.decode(kept);
    return new Model(
        read.getOrDefault("fingerprint", ""),
        Integer.parseInt(read.getOrDefault("dimension", "0")));
  }

  private @Nullable Model knownModel() {
    Model known = model;
    if (known == null) {
      known = readModel(); // another process may have added the first face
      model = known;
    }
    return known;
  }

  /** Binds the collection to the model of its first face. */
  private void requireModel(Embedding vector) {
    Model known = knownModel();
    if (known == null) {
      int dimension = cluster.dimension();
      if (dimension != vector.dimension()) {
        throw new ModelMismatchException(
            "the collection is for vectors of "
                + dimension
                + " values, but those of the model have "
                + vector.dimension()
                + "; nothing was changed; make a collection with property.facesearch.dimension="
                + vector.dimension());
      }
      Model first = new Model(vector.model(), vector.dimension());
      settings.keep(
          SolrSettings.MODEL,
          SettingsCoding.encode(
              Map.of(
                  "fingerprint",
                  first.fingerprint,
                  "dimension",
                  Integer.toString(first.dimension))));
      model = first;
      return;
    }
    vector.checkSameModel(known.fingerprint, known.dimension);
  }

  // Changing

  /** Does what no change of faces of this process may come between. */
  <T> T alone(Supplier<T> work) {
    synchronized (changes) {
      return work.get();
    }
  }

  boolean remove(String id) {
    synchronized (changes) {
      if (get(id).isEmpty()) {
        return false;
      }
      replaceAll(Set.of(id), List.of());
      return true;
    }
  }

  void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
    List<EmbeddedFace> added = List.copyOf(faces);
    if (ids.isEmpty() && added.isEmpty()) {
      return;
    }
    synchronized (changes) {
      List<SolrInputDocument> before = before(ids);
      requireFree(ids, added);
      for (EmbeddedFace face : added) {
        face.embedding()
            .checkSameModel(added.get(0).embedding().model(), added.get(0).embedding().dimension());
      }
      if (!added.isEmpty()) {
        requireModel(added.get(0).embedding());
      }
      List<SolrInputDocument> documents = new ArrayList<>(added.size());
      Set<String> deleted = new HashSet<>();
      ids.forEach(id -> deleted.add(Fields.faceId(id)));
      for (EmbeddedFace face : added) {
        documents.add(Fields.face(face, nextSeq++));
        deleted.remove(Fields.faceId(face.face().id()));
      }
      writes.change(documents, deleted, before);
      composition.changed(added.size() + ids.size());
    }
  }

  /** The faces that will be replaced, as they are. */
  private List<SolrInputDocument> before(Set<String> ids) {
    Map<String, FaceScan.Stored> found = stored(ids);
    for (String id : ids) {
      if (!found.containsKey(id)) {
        throw new UnknownFaceException(
            "no face with id \"" + id + "\" is in the gallery; nothing was changed");
      }
    }
    return found.values().stream().map(each -> Fields.face(each.face(), each.seq())).toList();
  }

  private void requireFree(Set<String> replaced, List<EmbeddedFace> added) {
    Set<String> asked = new HashSet<>();
    Set<String> solrIds = new HashSet<>();
    for (EmbeddedFace face : added) {
      String id = face.face().id();
      if (!asked.add(id)) {
        throw new DuplicateFaceException(
            "the id \"" + id + "\" occurs twice among the faces to be added; nothing was changed");
      }
      if (!replaced.contains(id)) {
        solrIds.add(Fields.faceId(id));
      }
    }
    Set<String> taken = cluster.existing(solrIds);
    if (!taken.isEmpty()) {
      throw new DuplicateFaceException(
          "a face with id \""
              + taken.iterator().next().substring(2)
              + "\" is in the gallery already; nothing was changed");
    }
  }

  // Finding

  SearchResult search(Embedding query, Search request) {
    writes.settle();
    Model known = knownModel();
    if (known == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    query.checkSameModel(known.fingerprint, known.dimension);
    return writes.read(() -> search.search(query, request));
  }

  Optional<EmbeddedFace> get(String id) {
    return Optional.ofNullable(stored(List.of(id)).get(id)).map(FaceScan.Stored::face);
  }

  /** Those of some ids, by these. */
  Map<String, FaceScan.Stored> stored(Collection<String> ids) {
    Map<String, FaceScan.Stored> found = new LinkedHashMap<>();
    Model known = ids.isEmpty() ? null : knownModel();
    if (known == null) {
      return found;
    }
    List<String> all = ids.stream().map(Fields::faceId).distinct().toList();
    for (int i = 0; i < all.size(); i += SolrCluster.AT_ONCE) {
      List<String> some = all.subList(i, Math.min(all.size(), i + SolrCluster.AT_ONCE));
      ModifiableSolrParams params = new ModifiableSolrParams();
      params.set("q", "*:*");
      FilterQuery.addTerms(params, Fields.ID, some);
      params.set("fl", Fields.ID, Fields.SEQ, Fields.DATA);
      params.set("rows", some.size());
      for (SolrDocument document : writes.read(() -> cluster.query(params)).getResults()) {
        FaceScan.Stored each = FaceScan.read(document, known.fingerprint);
        found.put(each.face().face().id(), each);
      }
    }
    return found;
  }

  /** All, up to 10,000 of them at once, more while they are gone through. */
  List<EmbeddedFace> all() {
    long end = greatestSeq();
    FaceList all = new FaceList(() -> scan(params -> {}, end).iterator(), size());
    return all.size() > MANY_FACES ? all : writes.read(all::copy);
  }

  List<EmbeddedFace> of(String person) {
    List<EmbeddedFace> found = new ArrayList<>();
    return writes.read(
        () -> {
          scan(params -> FilterQuery.addTerms(params, Fields.PERSON, List.of(Fields.text(person))))
              .forEach(each -> found.add(each.face()));
          return List.copyOf(found);
        });
  }

  int size() {
    return Math.toIntExact(cluster.count("kind:" + Fields.FACE));
  }

  /** Those that a filter takes, in order of insertion. */
  Iterable<FaceScan.Stored> scan(Consumer<ModifiableSolrParams> which) {
    return scan(which, greatestSeq());
  }

  private Iterable<FaceScan.Stored> scan(Consumer<ModifiableSolrParams> which, long end) {
    Model known = knownModel();
    String fingerprint = known == null ? "" : known.fingerprint;
    return () -> new FaceScan(cluster, fingerprint, which, end);
  }

  private long greatestSeq() {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", "kind:" + Fields.FACE);
    params.set("sort", "seq desc, id asc");
    params.set("rows", 1);
    params.set("fl", Fields.ID, Fields.SEQ);
    List<SolrDocument> last = cluster.query(params).getResults();
    return last.isEmpty() ? 0 : FaceScan.seq(last.get(0));
  }
}
