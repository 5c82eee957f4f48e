package io.facesearch.solr;

import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.Forgotten;
import io.facesearch.GalleryComposition;
import io.facesearch.Grouping;
import io.facesearch.KeptPhotos;
import io.facesearch.ModelMismatchException;
import io.facesearch.Person;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchPlan;
import io.facesearch.SearchResult;
import io.facesearch.UnknownFaceException;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.PeopleGrouping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.solr.common.SolrDocument;
import org.apache.solr.common.SolrInputDocument;
import org.apache.solr.common.params.ModifiableSolrParams;
import org.jspecify.annotations.Nullable;

/**
 * A gallery in a collection of SolrCloud: faces, people, crops and settings lie in Solr, and Solr
 * searches the vectors, exactly, over all shards. This process keeps none of them.
 *
 * <pre>{@code
 * SolrStorage storage =
 *     SolrStorage.builder("faces", "http://a:8983/solr", "http://b:8983/solr").open();
 * try (Gallery gallery = Gallery.builder().storage(storage).open()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Has the promises of {@link GalleryStorage}, but for what several processes cannot have
 * together: a search sees all of an {@code addAll} or nothing of it in the process that adds; in
 * others, shards show it one after the other. Whether an id is taken is checked before it is added,
 * so two processes that add the same id at the same moment both succeed, and one face is left.
 * Folders of photos ({@link #roots}) are known to this process alone.
 *
 * <p>A search is answered by all shards, or throws {@link ShardsMissingException}. A change that
 * returned is on {@link Builder#minReplicas} replicas of its shard, else {@link
 * TooFewReplicasException} is thrown. Requests are repeated while a node fails over, for {@link
 * Builder#patience}. Thread-safe.
 */
public final class SolrStorage implements GalleryStorage {
  private static final String MODEL = "model";
  static final String PEOPLE = "people";
  private static final String SETTINGS = "settings";

  /** From so many faces on, {@link #faces} reads them when they are asked for. */
  private static final int MANY_FACES = 10_000;

  /** How long a crop without a face may belong to one that is just being added. */
  private static final Duration ORPHANED = Duration.ofHours(1);

  private final SolrCluster cluster;
  private final SolrWrites writes;
  private final ExactSearch search;
  private final SolrPhotos photos;
  private final SolrForgetting forgetting;
  private final PeopleGrouping people;
  private final PeopleCount composition;
  private final Map<String, Path> roots = new ConcurrentHashMap<>();

  /** Guards changes of faces, and the next number of one. */
  private final Object changes = new Object();

  private long nextSeq;

  /** Fingerprint and dimension; null while the collection has none. */
  private volatile @Nullable Model model;

  private record Model(String fingerprint, int dimension) {}

  private SolrStorage(SolrCluster cluster, Duration countedEvery) {
    this.cluster = cluster;
    writes = new SolrWrites(cluster);
    search = new ExactSearch(cluster);
    photos = new SolrPhotos(cluster, writes);
    forgetting = new SolrForgetting(cluster, writes);
    composition = new PeopleCount(cluster, countedEvery);
    people = new PeopleGrouping(this, 0, new SettingKeeper());
    writes.settle();
    model = readModel();
    nextSeq = greatestSeq() + 1;
  }

  /** Settings of a {@link SolrStorage}. Not thread-safe. */
  public static final class Builder {
    private final String collection;
    private final List<String> nodes;
    private Duration patience = Duration.ofSeconds(30);
    private int minReplicas;
    private Duration countedEvery = Duration.ofSeconds(10);

    private Builder(String collection, List<String> nodes) {
      this.collection = collection;
      this.nodes = nodes;
    }

    /**
     * How long a request is repeated while nodes are down or fail over; default 30 seconds.
     *
     * @param value 0 or more
     * @return this
     */
    public Builder patience(Duration value) {
      if (value.isNegative()) {
        throw new IllegalArgumentException("patience must be 0 or more, but is: " + value);
      }
      patience = value;
      return this;
    }

    /**
     * How many replicas of a shard a change must have reached before it counts as done; default 2,
     * or 1 where shards have only one. Solr itself is content with one.
     *
     * @param value 1 to the number of replicas
     * @return this
     */
    public Builder minReplicas(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("minReplicas must be at least 1, but is: " + value);
      }
      minReplicas = value;
      return this;
    }

    /**
     * How old the count of people may be that decides how surely a stranger gets no name, and how
     * long what other processes changed may be unknown where answers are kept (names, groups,
     * counts of filters); default 10 seconds. It is counted anew at once when this process changed
     * 1 % of the faces.
     *
     * @param value 0 or more
     * @return this
     */
    public Builder peopleCountedEvery(Duration value) {
      countedEvery = Objects.requireNonNull(value, "value");
      return this;
    }

    /**
     * Connects.
     *
     * @return the storage, to be closed by the caller
     * @throws SolrNotFoundException if none of the addresses leads to a SolrCloud with the
     *     collection; at once, without {@link #patience}
     * @throws ShardsMissingException if the cluster is there, but shards do not answer
     * @throws FaceSearchException if the collection has not the fields of the configset
     */
    public SolrStorage open() {
      SolrCluster cluster = new SolrCluster(nodes, collection, patience);
      try {
        int replicas = Replicas.leastPerShard(cluster.replicas());
        if (minReplicas > replicas) {
          throw new IllegalArgumentException(
              "minReplicas is "
                  + minReplicas
                  + ", but a shard of the collection "
                  + collection
                  + " has "
                  + replicas);
        }
        cluster.minReplicas(minReplicas > 0 ? minReplicas : Math.min(2, replicas));
        return new SolrStorage(cluster, countedEvery);
      } catch (RuntimeException e) {
        cluster.close();
        throw e;
      }
    }
  }

  /**
   * Settings for a collection that was made with the configset of this module.
   *
   * @param collection its name
   * @param nodes addresses of one or more nodes of the cluster, such as {@code
   *     http://host:8983/solr}; any knows the others, several are for when one is down
   * @return a new builder
   * @throws IllegalArgumentException if there is no address, or one is not of http or https, or has
   *     a password or parameters; it does not repeat the address
   */
  public static Builder builder(String collection, String... nodes) {
    if (nodes.length == 0) {
      throw new IllegalArgumentException("the address of a node is needed");
    }
    for (String node : nodes) {
      FirstContact.requireAddress(collection, node);
    }
    return new Builder(collection, List.of(nodes));
  }

  // Model and numbers

  private @Nullable Model readModel() {
    byte[] kept = setting(MODEL);
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
      keep(
          MODEL,
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

  private long greatestSeq() {
    ModifiableSolrParams params = new ModifiableSolrParams();
    params.set("q", "kind:" + Fields.FACE);
    params.set("sort", "seq desc, id asc");
    params.set("rows", 1);
    params.set("fl", Fields.ID, Fields.SEQ);
    List<SolrDocument> last = cluster.query(params).getResults();
    return last.isEmpty() ? 0 : FaceScan.seq(last.get(0));
  }

  private Iterable<FaceScan.Stored> scan(Consumer<ModifiableSolrParams> which) {
    return scan(which, greatestSeq());
  }

  private Iterable<FaceScan.Stored> scan(Consumer<ModifiableSolrParams> which, long end) {
    Model known = knownModel();
    String fingerprint = known == null ? "" : known.fingerprint;
    return () -> new FaceScan(cluster, fingerprint, which, end);
  }

  // Faces

  @Override
  public void addAll(List<EmbeddedFace> faces) {
    replaceAll(Set.of(), faces);
  }

  @Override
  public void update(EmbeddedFace face) {
    replaceAll(Set.of(face.face().id()), List.of(face));
  }

  @Override
  public boolean remove(String id) {
    synchronized (changes) {
      if (get(id).isEmpty()) {
        return false;
      }
      replaceAll(Set.of(id), List.of());
      return true;
    }
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> faces) {
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

  private Map<String, FaceScan.Stored> stored(Collection<String> ids) {
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

  @Override
  public Optional<EmbeddedFace> get(String id) {
    return Optional.ofNullable(stored(List.of(id)).get(id)).map(FaceScan.Stored::face);
  }

  /**
   * Lists all faces. Up to 10,000 are read at once, a snapshot; more are read a page at a time
   * while the iterator goes on, without those that are added later or removed before they are
   * reached.
   */
  @Override
  public List<EmbeddedFace> faces() {
    long end = greatestSeq();
    FaceList all = new FaceList(() -> scan(params -> {}, end).iterator(), size());
    return all.size() > MANY_FACES ? all : writes.read(all::copy);
  }

  @Override
  public List<EmbeddedFace> faces(String person) {
    List<EmbeddedFace> found = new ArrayList<>();
    return writes.read(
        () -> {
          scan(params -> FilterQuery.addTerms(params, Fields.PERSON, List.of(Fields.text(person))))
              .forEach(each -> found.add(each.face()));
          return List.copyOf(found);
        });
  }

  @Override
  public int size() {
    return Math.toIntExact(cluster.count("kind:" + Fields.FACE));
  }

  @Override
  public Optional<String> model() {
    return Optional.ofNullable(knownModel()).map(Model::fingerprint);
  }

  @Override
  public GalleryComposition composition() {
    return composition.now();
  }

  @Override
  public long changesElsewhere() {
    return composition.states();
  }

  @Override
  public SearchResult search(Embedding query, Search request) {
    writes.settle();
    Model known = knownModel();
    if (known == null) {
      return new SearchResult(List.of(), SearchPlan.SCAN, 0, 0);
    }
    query.checkSameModel(known.fingerprint, known.dimension);
    return writes.read(() -> search.search(query, request));
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

  // People

  @Override
  public List<Person> people() {
    return people.people();
  }

  @Override
  public Person merge(String first, String second) {
    return people.merge(first, second);
  }

  @Override
  public Person split(String person, Collection<String> faceIds) {
    return people.split(person, faceIds);
  }

  @Override
  public void keepApart(String first, String second) {
    people.keepApart(first, second);
  }

  @Override
  public List<Person> similar(String person) {
    return people.similar(person);
  }

  @Override
  public Optional<Grouping> grouping() {
    return people.encoded().map(Grouping::new);
  }

  @Override
  public void takeGrouping(Grouping grouping) {
    people.take(grouping.encoded());
  }

  private final class SettingKeeper implements PeopleGrouping.Keeper {
    @Override
    public byte @Nullable [] load() {
      return setting(PEOPLE);
    }

    @Override
    public void save(byte[] encoded) {
      byte[] before = setting(PEOPLE);
      if (!Arrays.equals(before, encoded)) {
        keep(PEOPLE, encoded);
      }
    }
  }

  // Forgetting

  /**
   * Before faces are looked for and anything is changed: a replica that is down would keep them,
   * and one that lags would not name them.
   */
  private void requireWhole() {
    Replicas.requireAll(cluster, writes);
  }

  @Override
  public ForgetReceipt forget(String person) {
    requireWhole();
    return forget(person, person, recordsOf(person), List.of());
  }

  @Override
  public ForgetReceipt forget(Person person) {
    requireWhole();
    return forget(
        person.name().orElse(person.id()),
        person.name().orElse(null),
        recordsOf(person),
        List.of());
  }

  @Override
  public Forgotten erase(String person) {
    requireWhole();
    dropMentions(person);
    return erase(person, person, recordsOf(person));
  }

  @Override
  public Forgotten erase(Person person) {
    requireWhole();
    person.name().ifPresent(this::dropMentions);
    return erase(person.name().orElse(person.id()), person.name().orElse(null), recordsOf(person));
  }

  private Forgotten erase(String told, @Nullable String name, List<FaceRecord> faces) {
    List<String> sources = faces.stream().flatMap(face -> face.source().stream()).toList();
    Set<String> crops = new HashSet<>();
    cluster
        .existing(
            sources.stream()
                .filter(source -> KeptPhotos.fileOf(source).isPresent())
                .map(Fields::photoId)
                .toList())
        .forEach(id -> crops.add(id.substring(2)));
    ForgetReceipt receipt = forget(told, name, faces, crops);
    List<Path> left = faces.stream().flatMap(face -> photoOf(face).stream()).distinct().toList();
    return new Forgotten(receipt, crops.size(), List.of(), left);
  }

  private ForgetReceipt forget(
      String told, @Nullable String name, List<FaceRecord> faces, Collection<String> crops) {
    return people.forgetting(
        cut -> {
          synchronized (changes) {
            composition.changed(faces.size());
            return forgetting.forget(told, name, faces, crops, cut, () -> scan(params -> {}));
          }
        });
  }

  private List<FaceRecord> recordsOf(String person) {
    List<FaceRecord> records = new ArrayList<>();
    scan(params -> FilterQuery.addConcerns(params, person))
        .forEach(each -> records.add(each.face().face()));
    return records;
  }

  private List<FaceRecord> recordsOf(Person person) {
    Map<String, FaceRecord> records = new LinkedHashMap<>();
    stored(person.faceIds()).forEach((id, each) -> records.put(id, each.face().face()));
    person.name().map(this::recordsOf).orElse(List.of()).forEach(r -> records.put(r.id(), r));
    return List.copyOf(records.values());
  }

  /** Faces of others, in photos of the person, stay without telling whose photo it is. */
  private void dropMentions(String person) {
    Set<String> ids = new HashSet<>();
    List<EmbeddedFace> without = new ArrayList<>();
    for (FaceScan.Stored each : scan(params -> FilterQuery.addMentions(params, person))) {
      FaceRecord r = each.face().face();
      ids.add(r.id());
      without.add(
          new EmbeddedFace(
              new FaceRecord(
                  r.id(),
                  r.person().orElse(null),
                  r.source().orElse(null),
                  r.box().orElse(null),
                  r.tags(),
                  null,
                  r.stamp().orElse(null)),
              each.face().embedding()));
    }
    replaceAll(ids, without);
  }

  /**
   * What each replica holds and shows, asked of each alone.
   *
   * @return by shard; those that are down, too
   */
  public List<ReplicaState> replicas() {
    return Replicas.states(cluster);
  }

  // Crops and settings

  @Override
  public KeptPhotos photos() {
    return photos;
  }

  /** Only crops that are older than an hour: another process may be about to add a face. */
  @Override
  public KeptPhotos.Deleted sweep() {
    return photos.sweepOlder(Instant.now().minus(ORPHANED).toEpochMilli());
  }

  private byte @Nullable [] setting(String name) {
    return cluster
        .get(Fields.settingId(name), Fields.DATA)
        .map(document -> document.getFieldValue(Fields.DATA))
        .map(data -> data instanceof byte[] bytes ? bytes : new byte[0])
        .orElse(null);
  }

  private void keep(String name, byte[] data) {
    writes.change(List.of(Fields.other(Fields.settingId(name), Fields.SETTING, data)), List.of());
  }

  @Override
  public Map<String, String> settings() {
    byte[] kept = setting(SETTINGS);
    return kept == null ? Map.of() : Map.copyOf(SettingsCoding.decode(kept));
  }

  @Override
  public void setSettings(Map<String, String> settings) {
    keep(SETTINGS, SettingsCoding.encode(settings));
  }

  @Override
  public boolean isDurable() {
    return true;
  }

  /**
   * Writes all of the gallery to one file in a folder. Changes of this process wait meanwhile;
   * those of others may be in it or not.
   */
  @Override
  public void backup(Path target) throws IOException {
    synchronized (changes) {
      SolrBackup.write(this, target);
    }
  }

  /**
   * Fills an empty collection with what {@link #backup} wrote.
   *
   * @param folder of the backup
   * @throws IllegalStateException if the collection has faces
   * @throws io.facesearch.CorruptIndexException if the file is damaged; nothing is added then
   * @throws IOException if it cannot be read
   */
  public void restore(Path folder) throws IOException {
    if (size() > 0) {
      throw new IllegalStateException(
          "a backup is restored to an empty collection, but "
              + cluster.collection()
              + " has faces; make a new one");
    }
    SolrBackup.read(folder, this);
  }

  List<String> cropNames() {
    return photos.names(Long.MAX_VALUE);
  }

  @Override
  public void close() {
    writes.close();
    cluster.close();
  }

  @Override
  public String toString() {
    return "SolrStorage[" + cluster + "]";
  }
}
