package io.facesearch.benchmarks;

import io.facesearch.EmbeddedFace;
import io.facesearch.FaceRecord;
import io.facesearch.Person;
import io.facesearch.store.FaceStore;
import io.facesearch.train.CelebA;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.math3.ml.clustering.Cluster;
import org.apache.commons.math3.ml.clustering.Clusterable;
import org.apache.commons.math3.ml.clustering.DBSCANClusterer;
import org.apache.commons.math3.ml.distance.EuclideanDistance;

/**
 * {@link FaceStore#people} against DBSCAN (of Commons Math) at several distances, on faces whose
 * people are known. The arguments: a store of CelebA (made by {@code facesearch index}), the folder
 * of CelebA, how many people, an empty folder for stores.
 *
 * <p>Pairwise: of all pairs that were grouped together, how many are of one person (precision), and
 * of all pairs of one person, how many were grouped together (recall). B-cubed: the same, counted
 * for each face and then averaged (Bagga and Baldwin 1998).
 */
public final class PeopleClustering {
  private static final double[] DISTANCES = {0.45, 0.5, 0.55, 1, 1.05, 1.1};

  private PeopleClustering() {}

  @SuppressWarnings("ArrayRecordComponent") // Commons Math wants one
  private record Face(String person, EmbeddedFace face, double[] point) implements Clusterable {
    @Override
    public double[] getPoint() {
      return point;
    }
  }

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] args) throws IOException {
    List<Face> faces = faces(Path.of(args[0]), Path.of(args[1]), Integer.parseInt(args[2]));
    Map<String, Face> byId = new HashMap<>();
    faces.forEach(face -> byId.put(face.face.face().id(), face));
    System.out.printf(
        Locale.ROOT,
        "%d faces of %d people%n",
        faces.size(),
        faces.stream().map(Face::person).distinct().count());
    for (double distance : DISTANCES) {
      Path folder = Path.of(args[3]).resolve("store-" + distance);
      try (FaceStore store = FaceStore.builder(folder).personDistance(distance).open()) {
        store.addAll(faces.stream().map(Face::face).toList());
        long start = System.nanoTime();
        List<Person> people = store.people();
        print(
            "people, distance " + distance,
            people.stream().map(p -> p.faceIds().stream().map(byId::get).toList()).toList(),
            start);
      }
    }
    for (int others : new int[] {1, 3}) {
      for (double distance : DISTANCES) {
        long start = System.nanoTime();
        List<List<Face>> groups = new ArrayList<>();
        Set<Face> rest = Collections.newSetFromMap(new IdentityHashMap<>());
        rest.addAll(faces);
        DBSCANClusterer<Face> dbscan =
            new DBSCANClusterer<>(distance, others, new EuclideanDistance());
        for (Cluster<Face> cluster : dbscan.cluster(faces)) {
          groups.add(cluster.getPoints());
          rest.removeAll(cluster.getPoints());
        }
        rest.forEach(face -> groups.add(List.of(face))); // what it calls noise
        print("DBSCAN, eps " + distance + ", minPts " + others, groups, start);
      }
    }
  }

  /** The first face of each photo of some people. */
  private static List<Face> faces(Path index, Path celebA, int people) throws IOException {
    Map<String, String> identities = new HashMap<>();
    try (CelebA data = CelebA.read(celebA)) {
      data.dataset()
          .photos()
          .forEach(photo -> identities.put(name(photo.file().toString()), photo.identity()));
    }
    List<String> chosen = identities.values().stream().distinct().sorted().limit(people).toList();
    Set<String> wanted = new HashSet<>(chosen);
    List<Face> faces = new ArrayList<>();
    List<EmbeddedFace> all;
    try (FaceStore store = FaceStore.open(index)) {
      all = store.faces();
    }
    for (EmbeddedFace face : all) {
      String person = identities.get(name(face.face().source().orElse("")));
      if (face.face().id().endsWith("#0") && person != null && wanted.contains(person)) {
        EmbeddedFace nameless = new EmbeddedFace(FaceRecord.of(face.face().id()), face.embedding());
        double[] point = new double[nameless.embedding().dimension()];
        for (int i = 0; i < point.length; i++) {
          point[i] = nameless.embedding().get(i);
        }
        faces.add(new Face(person, nameless, point));
      }
    }
    return faces;
  }

  private static String name(String source) {
    return source.substring(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
  }

  private static void print(String name, List<List<Face>> groups, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Long> sizes =
        groups.stream()
            .flatMap(List::stream)
            .collect(Collectors.groupingBy(Face::person, Collectors.counting()));
    double together = 0;
    double right = 0;
    double precision = 0;
    double recall = 0;
    for (List<Face> group : groups) {
      Map<String, Long> counts =
          group.stream().collect(Collectors.groupingBy(Face::person, Collectors.counting()));
      together += pairs(group.size());
      for (Map.Entry<String, Long> count : counts.entrySet()) {
        double squared = (double) count.getValue() * count.getValue();
        right += pairs(count.getValue());
        precision += squared / group.size();
        recall += squared / sizes.getOrDefault(count.getKey(), 0L);
      }
    }
    double all = sizes.values().stream().mapToDouble(PeopleClustering::pairs).sum();
    double faces = sizes.values().stream().mapToLong(Long::longValue).sum();
    precision /= faces;
    recall /= faces;
    System.out.printf(
        Locale.ROOT,
        "%s\t%d groups\tpairs: precision %.3f recall %.3f\tB-cubed: precision %.3f recall %.3f"
            + " F %.3f\t%.1f s%n",
        name,
        groups.size(),
        together == 0 ? 1 : right / together,
        right / all,
        precision,
        recall,
        2 * precision * recall / (precision + recall),
        seconds);
  }

  private static double pairs(long n) {
    return n * (n - 1) / 2.0;
  }
}
