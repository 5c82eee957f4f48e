package io.facesearch.solr;

/**
 * The state of one replica of a collection. Two replicas of a shard have the same content if their
 * document counts and checksums are equal. Immutable and thread-safe.
 *
 * @param shard name of its shard
 * @param url address of its core
 * @param isActive whether it responds; if not, the remaining values are 0 and empty
 * @param documents number of documents: faces, crops and settings
 * @param deleted number of documents that are deleted, but still in its files
 * @param checksum over all documents: sums of parts of their SHA-256 hashes
 */
public record ReplicaState(
    String shard, String url, boolean isActive, long documents, long deleted, String checksum) {}
