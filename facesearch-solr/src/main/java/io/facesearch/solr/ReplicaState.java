package io.facesearch.solr;

/**
 * What one replica of a collection holds and shows. Two replicas of a shard hold the same if count
 * and checksum are equal. Immutable and thread-safe.
 *
 * @param shard its shard
 * @param url of its core
 * @param isActive whether it answers; else the rest is 0 and empty
 * @param documents faces, crops and settings
 * @param deleted documents that are deleted, but still in its files
 * @param checksum of all documents: sums of parts of their SHA-256
 */
public record ReplicaState(
    String shard, String url, boolean isActive, long documents, long deleted, String checksum) {}
