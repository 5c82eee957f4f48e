package io.facesearch.solr;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceSearchException;
import io.facesearch.ForgetReceipt;
import io.facesearch.Forgotten;
import io.facesearch.GalleryComposition;
import io.facesearch.KeptPhotos;
import io.facesearch.Person;
import io.facesearch.PhotoRoot;
import io.facesearch.Search;
import io.facesearch.SearchResult;
import io.facesearch.spi.GalleryStorage;
import io.facesearch.spi.PeopleGrouping;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

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
  /** How long a crop without a face may belong to one that is just being added. */
  private static final Duration ORPHANED = Duration.ofHours(1);

  private final SolrCluster cluster;
  private final SolrWrites writes;
  private final SolrSettings settings;
  private final SolrFaces faces;
  private final SolrPhotos photos;
  private final PeopleGrouping people;
  private final SolrForgetting forgetting;
  private final PeopleCount composition;
  private final Map<String, Path> roots = new ConcurrentHashMap<>();

  private SolrStorage(SolrCluster cluster, Duration countedEvery) {
    this.cluster = cluster;
    writes = new SolrWrites(cluster);
    writes.settle();
    settings = new SolrSettings(cluster, writes);
    composition = new PeopleCount(cluster, countedEvery);
    faces = new SolrFaces(cluster, writes, settings, composition);
    photos = new SolrPhotos(cluster, writes);
    people = new PeopleGrouping(this, 0, new SolrPeople(settings));
    forgetting = new SolrForgetting(cluster, writes, faces, people, composition);
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
     * @throws FaceSearchException if the collection has not the fields of the configset, or
     *     replicas of another type than NRT
     */
    public SolrStorage open() {
      SolrCluster cluster = new SolrCluster(nodes, collection, patience);
      try {
        int replicas = Replicas.leastPerShard(cluster.replicas());
        cluster.requireNrt();
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

  // Faces

  @Override
  public void addAll(List<EmbeddedFace> added) {
    replaceAll(Set.of(), added);
  }

  @Override
  public void update(EmbeddedFace face) {
    replaceAll(Set.of(face.face().id()), List.of(face));
  }

  @Override
  public boolean remove(String id) {
    return faces.remove(id);
  }

  @Override
  public void replaceAll(Set<String> ids, List<EmbeddedFace> added) {
    faces.replaceAll(ids, added);
  }

  @Override
  public Optional<EmbeddedFace> get(String id) {
    return faces.get(id);
  }

  /**
   * Lists all faces. Up to 10,000 are read at once, a snapshot; more are read a page at a time
   * while the iterator goes on, without those that are added later or removed before they are
   * reached.
   */
  @Override
  public List<EmbeddedFace> faces() {
    return faces.all();
  }

  @Override
  public List<EmbeddedFace> faces(String person) {
    return faces.of(person);
  }

  @Override
  public int size() {
    return faces.size();
  }

  @Override
  public Optional<String> model() {
    return faces.model();
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
    return faces.search(query, request);
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
  public PeopleGrouping peopleGrouping() {
    return people;
  }

  @Override
  public ForgetReceipt forget(String person) {
    return forgetting.forget(person);
  }

  @Override
  public ForgetReceipt forget(Person person) {
    return forgetting.forget(person);
  }

  @Override
  public Forgotten erase(String person) {
    return forgetting.erase(person, this);
  }

  @Override
  public Forgotten erase(Person person) {
    return forgetting.erase(person, this);
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

  @Override
  public Map<String, String> settings() {
    return settings.all();
  }

  @Override
  public void setSettings(Map<String, String> values) {
    settings.setAll(values);
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
    IOException failure =
        faces.alone(
            () -> {
              try {
                SolrBackup.write(this, target);
                return null;
              } catch (IOException e) {
                return e;
              }
            });
    if (failure != null) {
      throw failure;
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
