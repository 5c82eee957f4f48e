package io.facesearch.index.internal.tree;

import java.util.Arrays;

/**
 * The subtrees that a search has put off: a binary min-heap by lower bound. Not thread-safe; one
 * per search at a time.
 */
public final class NodeQueue {
  private double[] bounds = new double[64];
  private int[] nodes = new int[64];
  private int size;

  int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** The bound at any place; place 0 holds the smallest. */
  double bound(int place) {
    return bounds[place];
  }

  int node(int place) {
    return nodes[place];
  }

  void add(double bound, int node) {
    if (size == nodes.length) {
      bounds = Arrays.copyOf(bounds, 2 * size);
      nodes = Arrays.copyOf(nodes, 2 * size);
    }
    int hole = size++;
    while (hole > 0) {
      int parent = (hole - 1) >>> 1;
      if (bounds[parent] <= bound) {
        break;
      }
      bounds[hole] = bounds[parent];
      nodes[hole] = nodes[parent];
      hole = parent;
    }
    bounds[hole] = bound;
    nodes[hole] = node;
  }

  /** Takes out the node with the smallest bound. */
  int remove() {
    int result = nodes[0];
    size--;
    double bound = bounds[size];
    int hole = 0;
    int firstLeaf = size >>> 1;
    while (hole < firstLeaf) {
      int child = 2 * hole + 1;
      if (child + 1 < size && bounds[child + 1] < bounds[child]) {
        child++;
      }
      if (bounds[child] >= bound) {
        break;
      }
      bounds[hole] = bounds[child];
      nodes[hole] = nodes[child];
      hole = child;
    }
    bounds[hole] = bound;
    nodes[hole] = nodes[size];
    return result;
  }
}
