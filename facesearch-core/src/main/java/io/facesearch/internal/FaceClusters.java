package io.facesearch.internal;

import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceIndex;
import io.facesearch.FaceMatch;
import io.facesearch.Person;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Groups the faces of an index into people, a face at a time, as they come. Faces with a person
 * belong to that person; any other face joins the cluster with the least mean squared distance to
 * its members, if its root is at most the given distance, and begins a new cluster otherwise. Where
 * a face comes between two clusters, these become one if the same holds of all pairs of their
 * members. This is average linkage (Sokal and Michener 1958), which one misplaced face cannot chain
 * together as single linkage (DBSCAN) would. Only the clusters of the nearest faces are looked at.
 *
 * <p>The mean squared distance of two clusters comes from their sums, O(d): with m the mean and q
 * the mean squared norm of each, it is q₁ + q₂ − 2·m₁·m₂.
 *
 * <p>The user's corrections are kept: what was merged stays together, what was split never becomes
 * one again by itself. Not thread-safe.
 */
public final class FaceClusters {
  /** So many of the nearest faces tell which clusters are looked at. */
  private static final int NEAREST = 24;

  private static final int MOST_NEAREST = 24 * 64;

  /** So much farther than one person's faces may lie apart, the same person is worth a question. */
  private static final double SIMILAR = 1.15;

  /** So many faces of a person are asked for others near them. */
  private static final int SIMILAR_PROBES = 8;

  private static final int VERSION = 1;

  private final double mostSquared;
  private final Map<Integer, Cluster> clusters = new TreeMap<>();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, Cluster> byName = new HashMap<>();
  private final List<Apart> apart = new ArrayList<>();
  private int nextId = 1;

  /** Where a face is, and what its vector was. */
  private record Place(Cluster cluster, int hash) {}

  /** Faces of which none of the first may come together with any of the second. */
  private record Apart(Set<String> first, Set<String> second) {}

  private static final class Cluster {
    final int id;
    final Set<String> faces = new LinkedHashSet<>();
    @Nullable String name;

    /** Null until it is needed. */
    double @Nullable [] mean;

    double squares;

    Cluster(int id) {
      this.id = id;
    }
  }

  /**
   * Makes one without faces.
   *
   * @param distance the greatest mean distance within a person, above 0
   */
  public FaceClusters(double distance) {
    checkDistance(distance);
    mostSquared = distance * distance;
  }

  public static void checkDistance(double distance) {
    if (!(distance > 0 && distance < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the distance within a person must be above 0 and finite, but is: " + distance);
    }
  }

  /**
   * Takes over what changed in the index since the last time: one search for each new face. An
   * interrupt ends it early; the next call goes on.
   *
   * @return false if it was ended early
   */
  public boolean update(FaceIndex index) {
    List<EmbeddedFace> faces = index.faces();
    Set<String> gone = new HashSet<>(places.keySet());
    List<EmbeddedFace> fresh = new ArrayList<>();
    for (EmbeddedFace face : faces) {
      Place place = places.get(face.face().id());
      boolean isSame =
          place != null
              && place.hash == face.embedding().hashCode()
              && (face.face().person().isEmpty()
                  || face.face().person().get().equals(place.cluster.name));
      if (isSame) {
        gone.remove(face.face().id());
      } else {
        fresh.add(face);
      }
    }
    gone.forEach(this::remove);
    if (!gone.isEmpty() && !apart.isEmpty()) {
      Set<String> kept = new HashSet<>();
      faces.forEach(face -> kept.add(face.face().id()));
      dropMentions(kept);
    }
    for (EmbeddedFace face : fresh) {
      if (Thread.currentThread().isInterrupted()) {
        return false;
      }
      add(face, index);
    }
    dropNames(faces);
    return true;
  }

  /** A person whose name no face bears any more has none. */
  private void dropNames(List<EmbeddedFace> faces) {
    Set<String> borne = new HashSet<>();
    faces.forEach(face -> face.face().person().ifPresent(borne::add));
    for (Cluster cluster : clusters.values()) {
      if (cluster.name != null && !borne.contains(cluster.name)) {
        byName.remove(cluster.name, cluster);
        cluster.name = null;
      }
    }
  }

  private void remove(String id) {
    Cluster cluster = place(id).cluster;
    places.remove(id);
    cluster.faces.remove(id);
    cluster.mean = null;
    if (cluster.faces.isEmpty()) {
      clusters.remove(cluster.id);
      byName.remove(cluster.name, cluster);
    }
  }

  /**
   * Drops all faces but some, the name of a person if it is not null, and every mention of both.
   */
  public void forget(@Nullable String person, Set<String> kept) {
    for (String id : List.copyOf(places.keySet())) {
      if (!kept.contains(id)) {
        remove(id);
      }
    }
    Cluster named = byName.remove(person);
    if (named != null) {
      named.name = null;
    }
    dropMentions(kept);
  }

  /** Leaves only some faces in the corrections. */
  private void dropMentions(Set<String> kept) {
    for (Apart some : apart) {
      some.first.retainAll(kept);
      some.second.retainAll(kept);
    }
    apart.removeIf(some -> some.first.isEmpty() || some.second.isEmpty());
  }

  private void add(EmbeddedFace face, FaceIndex index) {
    Cluster alone = new Cluster(nextId);
    alone.name = face.face().person().orElse(null);
    setMean(alone, List.of(face.embedding()));
    Set<Cluster> near = near(face.embedding(), index);
    Cluster home = alone.name == null ? null : byName.get(alone.name);
    if (home == null) {
      home = nearest(alone, near, index);
    }
    if (home == null) {
      nextId++;
      home = alone;
      clusters.put(home.id, home);
    }
    put(face, home);
    if (home != alone) {
      home.mean = null;
    }
    setName(home, alone.name);
    near.remove(home);
    for (Cluster other = nearest(home, near, index);
        other != null;
        other = nearest(home, near, index)) {
      near.remove(other);
      home = join(home, other);
    }
  }

  private void put(EmbeddedFace face, Cluster cluster) {
    cluster.faces.add(face.face().id());
    places.put(face.face().id(), new Place(cluster, face.embedding().hashCode()));
  }

  private void setName(Cluster cluster, @Nullable String name) {
    if (name != null) {
      cluster.name = name;
      byName.put(name, cluster);
    }
  }

  /**
   * The clusters of the nearest faces: of more where these are of one, such as copies of a photo.
   */
  private Set<Cluster> near(Embedding vector, FaceIndex index) {
    Set<Cluster> near = new LinkedHashSet<>();
    for (int k = NEAREST; ; k *= 4) {
      List<FaceMatch> matches = index.search(vector, k).matches();
      for (FaceMatch match : matches) {
        Place place = places.get(match.face().id());
        if (place != null) {
          near.add(place.cluster);
        }
      }
      // The mean distance of a cluster is no less than that of its nearest face.
      boolean isAll =
          matches.size() < k
              || index.metric().ofUnitVectors(matches.get(k - 1).distance())
                  > Math.sqrt(mostSquared);
      if (near.size() > 1 || isAll || k >= MOST_NEAREST) {
        return near;
      }
    }
  }

  /** The cluster with the least mean squared distance, if it is small enough; else null. */
  private @Nullable Cluster nearest(Cluster to, Set<Cluster> among, FaceIndex index) {
    Cluster best = null;
    double least = mostSquared;
    for (Cluster cluster : among) {
      double squared = meanSquared(to, cluster, index);
      if (squared <= least && mayJoin(to, cluster)) {
        least = squared;
        best = cluster;
      }
    }
    return best;
  }

  private boolean mayJoin(Cluster a, Cluster b) {
    if (a.name != null && b.name != null && !a.name.equals(b.name)) {
      return false;
    }
    for (Apart some : apart) {
      if ((holds(a, some.first) && holds(b, some.second))
          || (holds(b, some.first) && holds(a, some.second))) {
        return false;
      }
    }
    return true;
  }

  private Place place(String id) {
    return Objects.requireNonNull(places.get(id), "a face of a cluster has a place");
  }

  private static boolean holds(Cluster cluster, Set<String> any) {
    return any.stream().anyMatch(cluster.faces::contains);
  }

  private double meanSquared(Cluster a, Cluster b, FaceIndex index) {
    double dot = 0;
    double[] first = mean(a, index);
    double[] second = mean(b, index);
    for (int i = 0; i < first.length; i++) {
      dot += first[i] * second[i];
    }
    return a.squares + b.squares - 2 * dot;
  }

  private static double[] mean(Cluster cluster, FaceIndex index) {
    if (cluster.mean == null) {
      List<Embedding> vectors = new ArrayList<>();
      for (String id : cluster.faces) {
        index.get(id).ifPresent(face -> vectors.add(face.embedding()));
      }
      return setMean(cluster, vectors);
    }
    return cluster.mean;
  }

  private static double[] setMean(Cluster cluster, List<Embedding> vectors) {
    double[] mean = new double[vectors.isEmpty() ? 0 : vectors.get(0).dimension()];
    double squares = 0;
    for (Embedding vector : vectors) {
      for (int i = 0; i < mean.length; i++) {
        double value = vector.get(i);
        mean[i] += value / vectors.size();
        squares += value * value / vectors.size();
      }
    }
    cluster.mean = mean;
    cluster.squares = squares;
    return mean;
  }

  /** Makes two clusters one, which keeps the id of the older. */
  private Cluster join(Cluster a, Cluster b) {
    Cluster home = a.id < b.id ? a : b;
    Cluster other = home == a ? b : a;
    for (String id : other.faces) {
      home.faces.add(id);
      places.put(id, new Place(home, place(id).hash));
    }
    clusters.remove(other.id);
    home.mean = null;
    setName(home, other.name);
    return home;
  }

  /** All people, those with most faces first. */
  public List<Person> people() {
    return clusters.values().stream()
        .sorted(Comparator.comparingInt((Cluster cluster) -> -cluster.faces.size()))
        .map(FaceClusters::person)
        .toList();
  }

  private static Person person(Cluster cluster) {
    return new Person("person-" + cluster.id, cluster.name, List.copyOf(cluster.faces));
  }

  /**
   * Makes two people one.
   *
   * @throws IllegalArgumentException if there is no such person, or both have names
   */
  public Person merge(String first, String second) {
    Cluster a = cluster(first);
    Cluster b = cluster(second);
    if (a == b) {
      return person(a);
    }
    if (a.name != null && b.name != null) {
      throw new IllegalArgumentException(
          "two people can be merged if one of them has no name, but they are \""
              + a.name
              + "\" and \""
              + b.name
              + "\"; update the faces of one of them to the name of the other");
    }
    apart.removeIf(
        some ->
            (holds(a, some.first) && holds(b, some.second))
                || (holds(b, some.first) && holds(a, some.second)));
    return person(join(a, b));
  }

  /**
   * Makes some faces of a person another person.
   *
   * @throws IllegalArgumentException if there is no such person, the faces are not some but not all
   *     of that person, or one of them has a person by its record
   */
  public Person split(String from, Collection<String> faceIds, FaceIndex index) {
    Cluster cluster = cluster(from);
    Set<String> moved = new LinkedHashSet<>(faceIds);
    if (moved.isEmpty()
        || moved.size() >= cluster.faces.size()
        || !cluster.faces.containsAll(moved)) {
      throw new IllegalArgumentException(
          "some but not all of the "
              + cluster.faces.size()
              + " faces of "
              + from
              + " can be split off, but these are: "
              + moved);
    }
    for (String id : moved) {
      index
          .get(id)
          .flatMap(face -> face.face().person())
          .ifPresent(
              name -> {
                throw new IllegalArgumentException(
                    "face \""
                        + id
                        + "\" is of \""
                        + name
                        + "\" by its record; update the record instead of splitting it off");
              });
    }
    Cluster other = new Cluster(nextId++);
    clusters.put(other.id, other);
    cluster.faces.removeAll(moved);
    cluster.mean = null;
    apart.add(new Apart(new LinkedHashSet<>(cluster.faces), new LinkedHashSet<>(moved)));
    for (String id : moved) {
      other.faces.add(id);
      places.put(id, new Place(other, place(id).hash));
    }
    return person(other);
  }

  /**
   * Keeps two people apart: they never become one by themselves.
   *
   * @throws IllegalArgumentException if there is no such person, or both are one
   */
  public void keepApart(String first, String second) {
    Cluster a = cluster(first);
    Cluster b = cluster(second);
    if (a == b) {
      throw new IllegalArgumentException(
          "two people can be kept apart, but both are " + first + "; split it instead");
    }
    apart.add(new Apart(new LinkedHashSet<>(a.faces), new LinkedHashSet<>(b.faces)));
  }

  /**
   * People who may be the same as one, nearest first, without those that are kept apart.
   *
   * @throws IllegalArgumentException if there is no such person
   */
  public List<Person> similar(String id, FaceIndex index) {
    Cluster to = cluster(id);
    List<String> faces = List.copyOf(to.faces);
    int probes = Math.min(SIMILAR_PROBES, faces.size());
    Map<Cluster, Double> far = new HashMap<>();
    for (int n = 0; n < probes; n++) {
      Optional<EmbeddedFace> face = index.get(faces.get(n * faces.size() / probes));
      if (face.isEmpty()) {
        continue;
      }
      for (Cluster other : near(face.get().embedding(), index)) {
        if (other != to && !far.containsKey(other) && mayJoin(to, other)) {
          far.put(other, meanSquared(to, other, index));
        }
      }
    }
    return far.entrySet().stream()
        .filter(entry -> entry.getValue() <= SIMILAR * SIMILAR * mostSquared)
        .sorted(
            Map.Entry.<Cluster, Double>comparingByValue().thenComparing(entry -> entry.getKey().id))
        .map(entry -> person(entry.getKey()))
        .toList();
  }

  private Cluster cluster(String id) {
    for (Cluster cluster : clusters.values()) {
      if (id.equals("person-" + cluster.id)) {
        return cluster;
      }
    }
    throw new IllegalArgumentException(
        "no person has the id \"" + id + "\"; people() lists all people");
  }

  /** All but vectors, for {@link #decode}. */
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(VERSION);
      out.writeDouble(mostSquared);
      out.writeInt(nextId);
      out.writeInt(clusters.size());
      for (Cluster cluster : clusters.values()) {
        out.writeInt(cluster.id);
        writeTexts(out, cluster.name == null ? List.of() : List.of(cluster.name));
        writeTexts(out, cluster.faces);
        for (String id : cluster.faces) {
          out.writeInt(place(id).hash);
        }
      }
      out.writeInt(apart.size());
      for (Apart some : apart) {
        writeTexts(out, some.first);
        writeTexts(out, some.second);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // nothing is written but memory
    }
    return bytes.toByteArray();
  }

  private static void writeTexts(DataOutputStream out, Collection<String> texts)
      throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is something else; the message says what
   */
  public static FaceClusters decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int version = in.getInt();
      if (version != VERSION) {
        throw new IllegalArgumentException(
            "people of version " + VERSION + " were expected, but found version " + version);
      }
      FaceClusters all = new FaceClusters(Math.sqrt(in.getDouble()));
      all.nextId = in.getInt();
      for (int i = in.getInt(); i > 0; i--) {
        all.read(in);
      }
      for (int i = in.getInt(); i > 0; i--) {
        all.apart.add(
            new Apart(new LinkedHashSet<>(readTexts(in)), new LinkedHashSet<>(readTexts(in))));
      }
      if (in.hasRemaining()) {
        throw new IllegalArgumentException("people are followed by " + in.remaining() + " bytes");
      }
      return all;
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("people end too soon", e);
    }
  }

  /**
   * The same people, as far as an index has their faces, with its vectors: nobody is grouped anew.
   *
   * @param distance the greatest mean distance within a person, for faces that come later
   */
  public FaceClusters withVectorsOf(FaceIndex index, double distance) {
    FaceClusters all = new FaceClusters(distance);
    all.nextId = nextId;
    for (Cluster cluster : clusters.values()) {
      Cluster kept = new Cluster(cluster.id);
      for (String id : cluster.faces) {
        index.get(id).ifPresent(face -> all.put(face, kept));
      }
      if (!kept.faces.isEmpty()) {
        all.clusters.put(kept.id, kept);
        all.setName(kept, cluster.name);
      }
    }
    for (Apart some : apart) {
      all.apart.add(new Apart(new LinkedHashSet<>(some.first), new LinkedHashSet<>(some.second)));
    }
    all.dropMentions(all.places.keySet());
    return all;
  }

  private void read(ByteBuffer in) {
    Cluster cluster = new Cluster(in.getInt());
    List<String> name = readTexts(in);
    List<String> faces = readTexts(in);
    boolean isSound =
        !faces.isEmpty()
            && name.size() <= 1
            && cluster.id > 0
            && cluster.id < nextId
            && clusters.put(cluster.id, cluster) == null;
    for (String id : faces) {
      isSound &= places.put(id, new Place(cluster, in.getInt())) == null;
      cluster.faces.add(id);
    }
    for (String only : name) {
      isSound &= byName.put(only, cluster) == null;
      cluster.name = only;
    }
    if (!isSound) {
      throw new IllegalArgumentException("person " + cluster.id + " is not sound");
    }
  }

  private static List<String> readTexts(ByteBuffer in) {
    List<String> texts = new ArrayList<>();
    for (int i = in.getInt(); i > 0; i--) {
      int length = in.getInt();
      if (length < 0 || length > in.remaining()) {
        throw new BufferUnderflowException();
      }
      byte[] bytes = new byte[length];
      in.get(bytes);
      texts.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return texts;
  }
}
