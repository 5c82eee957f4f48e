package io.facesearch.benchmarks;

import java.io.IOException;

/** A Java library that {@link JavaPeers} measures: a graph, searched with a candidate list. */
interface GraphPeer extends AutoCloseable {
  /** Links of a point on the layer that holds all, in every library: HNSW's M is half of it. */
  int LINKS = 32;

  /** Name and version. */
  String name();

  /**
   * Builds the index.
   *
   * @param efConstruction length of the candidate list while building
   */
  void build(float[][] vectors, int efConstruction) throws IOException;

  /**
   * Searches.
   *
   * @param ef length of the candidate list, at least k
   * @return row numbers of the k nearest
   */
  int[] search(float[] query, int k, int ef);

  @Override
  void close() throws IOException;
}
