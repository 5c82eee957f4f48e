package io.facesearch.index;

/**
 * How many of the nearest faces one setting of the approximate search found for held-out queries:
 * faces of the index, each searched for as if it were not in it. Immutable and thread-safe.
 *
 * @param k the largest number of nearest faces that this holds for
 * @param leafShare share of the leaves that were read
 * @param beam number of faces whose neighbors were looked at, at least k
 * @param recall mean share of the k nearest faces found, 0 to 1
 * @param standardError standard error of that mean, over the queries
 * @param cost estimated time, in units of reading the codes of one face
 */
public record CalibratedRecall(
    int k, double leafShare, int beam, double recall, double standardError, double cost) {}
