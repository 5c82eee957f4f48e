package io.facesearch.index;

/**
 * What one setting of the approximate search found of the nearest faces of held-out queries: faces
 * of the gallery, each searched for as if it were not in it. Immutable and thread-safe.
 *
 * @param k up to so many nearest faces it holds for
 * @param leafShare share of the leaves that were read
 * @param beam so many faces were kept to look at the neighbors of, at least k
 * @param recall mean share of the k nearest faces found, 0 to 1
 * @param standardError of that mean, over the queries
 * @param cost time in terms of reading the codes of one face, estimated from counts
 */
public record CalibratedRecall(
    int k, double leafShare, int beam, double recall, double standardError, double cost) {}
