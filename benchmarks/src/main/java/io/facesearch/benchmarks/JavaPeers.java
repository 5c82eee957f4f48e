package io.facesearch.benchmarks;

import java.nio.file.Path;

/**
 * The Java peers of {@link IndexPeers}, which starts this program as it starts {@code
 * native/peers.py}, with the same arguments and output: {@code base.f32 queries.f32 dimension k
 * PEER rounds truth.i32 ef...}, where PEER is {@code lucene}, {@code jvector} or {@code
 * hnswlib-core}, and {@code :N} behind it is the length of the candidate list while building, 200
 * without it.
 *
 * <p>It is a process of its own so that each library can have the Java release it is fastest on,
 * and so that Lucene 10, which needs Java 21, can take the place of Lucene 9 in the class path.
 */
public final class JavaPeers {
  private static final int EF_CONSTRUCTION = 200;

  private JavaPeers() {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if something fails
   */
  public static void main(String[] args) throws Exception {
    if (args.length < 8) {
      throw new IllegalArgumentException(
          "base.f32 queries.f32 dimension k PEER rounds truth.i32 ef..., but there are "
              + args.length
              + " arguments");
    }
    if (Integer.parseInt(args[2]) != FaceVectors.DIMENSION) {
      throw new IllegalArgumentException(
          "the dimension must be " + FaceVectors.DIMENSION + ", but is: " + args[2]);
    }
    float[][] base = FaceVectors.rows(Path.of(args[0]));
    float[][] queries = FaceVectors.rows(Path.of(args[1]));
    int k = Integer.parseInt(args[3]);
    int rounds = Integer.parseInt(args[5]);
    int[][] truth = PeerData.truth(Path.of(args[6]), k);
    String[] peerAndBuild = args[4].split(":", 2);
    int efConstruction =
        peerAndBuild.length == 2 ? Integer.parseInt(peerAndBuild[1]) : EF_CONSTRUCTION;
    try (GraphPeer peer = peer(peerAndBuild[0])) {
      long start = System.nanoTime();
      peer.build(base, efConstruction);
      double build = (System.nanoTime() - start) / 1e9;
      String name =
          peer.name()
              + " on Java "
              + Runtime.version().feature()
              + (efConstruction == EF_CONSTRUCTION ? "" : ", efConstruction " + efConstruction);
      for (int a = 7; a < args.length; a++) {
        int ef = Integer.parseInt(args[a]);
        Measurement measured =
            Measurement.of(
                name + ", ef " + ef,
                build,
                rounds,
                q -> peer.search(queries[q], k, ef),
                rows -> rows,
                truth);
        System.out.println(measured.line());
      }
    }
  }

  static GraphPeer peer(String name) {
    return switch (name) {
      case "lucene" -> new LucenePeer();
      case "jvector" -> new JVectorPeer();
      case "hnswlib-core" -> new HnswlibCorePeer();
      default ->
          throw new IllegalArgumentException("lucene, jvector or hnswlib-core, but is: " + name);
    };
  }

  /** The version in the name of a library's jar: its manifest does not tell it. */
  static String version(Class<?> type) {
    String jar =
        Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
            .getFileName()
            .toString();
    return jar.replaceAll("^\\D*|\\.jar$", "");
  }
}
