package io.facesearch.index.internal.tree;

/** How large a {@link TreeIndex} is; see {@code IndexStats}. */
public record TreeStats(
    int faces, int leaves, long vectorBytes, long bytes, long mappedBytes, String kernel) {}
