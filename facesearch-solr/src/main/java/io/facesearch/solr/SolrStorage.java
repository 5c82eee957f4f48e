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
 * The storage of a gallery in a SolrCloud collection: faces, people, crops and settings are in
 * Solr, and Solr searches the vectors of all shards, exactly. This process keeps none of them.
 *
 * <pre>{@code
 * SolrStorage storage =
 *     SolrStorage.builder("faces", "http://a:8983/solr", "http://b:8983/solr").open();
 * try (Gallery gallery = Gallery.builder().storage(storage).open()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>The guarantees of {@link GalleryStorage} apply, with exceptions where several processes are
 * involved. A search sees all or nothing of an {@code addAll} only in the process that adds; in
 * others, the shards show it one after the other. Whether an id is in use is checked before adding,
 * so if two processes add the same id at the same moment, both calls succeed and one face remains.
 * Folders of photos ({@link #roots}) are known only to this process.
 *
 * <p>A search includes all shards, or throws {@link ShardsMissingException}. When a change returns,
 * it is on at least {@link Builder#minReplicas} replicas of its shard; otherwise {@link
 * TooFewReplicasException} is thrown. While nodes fail over, requests are repeated for up to {@link
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
     * Sets how long a request is repeated while nodes are down or fail over; default 30 seconds.
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
     * Sets how many replicas of a shard a change must reach to count as done; default 2, or 1 if
     * shards have only one. Solr itself requires only one.
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
     * Sets how old the count of people may be from which the threshold of identification is
     * derived, and how long changes by other processes may go unnoticed where results are cached
     * (names, groups, counts of filters); default 10 seconds. People are counted again at once when
     * this process has changed 1 % of the faces.
     *
     * @param value 0 or more
     * @return this
     */
    public Builder peopleCountedEvery(Duration value) {
      countedEvery = Objects.requireNonNull(value, "value");
      return this;
    }

    /**
     * Connects to the cluster.
     *
     * @return the storage; the caller closes it
     * @throws SolrNotFoundException if none of the addresses leads to a SolrCloud with the
     *     collection; thrown at once, without waiting for {@link #patience}
     * @throws ShardsMissingException if the cluster responds, but some shards do not
     * @throws FaceSearchException if the collection does not have the fields of the configset, or
     *     has replicas of a type other than NRT
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
   * Returns a builder for a collection that was created with the configset of this module.
   *
   * @param collection the name of the collection
   * @param nodes addresses of one or more nodes of the cluster, such as {@code
   *     http://host:8983/solr}. Each node knows the others; give several in case one is down
   * @return a new builder
   * @throws IllegalArgumentException if there is no address, or one is not http or https, or has a
   *     password or parameters; the message does not repeat the address
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
   * Lists all faces. Up to 10,000 are read at once, as a snapshot. More are read page by page as
   * the iterator advances, without faces that are added later, or removed before they are reached.
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
   * Returns the state of each replica, asking each one separately.
   *
   * @return the states by shard, including replicas that are down
   */
  public List<ReplicaState> replicas() {
    return Replicas.states(cluster);
  }

  // Crops and settings

  @Override
  public KeptPhotos photos() {
    return photos;
  }

  /**
   * Deletes only crops that are older than an hour, since another process may be about to add a
   * face.
   */
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
   * Writes the whole gallery to one file in a folder. Changes by this process wait meanwhile;
   * changes by other processes may or may not be included.
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
   * Fills an empty collection from a {@link #backup}.
   *
   * @param folder the folder of the backup
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
