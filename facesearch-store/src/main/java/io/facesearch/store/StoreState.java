package io.facesearch.store;

import io.facesearch.index.internal.snapshot.VectorSpace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * What the rows of a {@link FaceDatabase} must amount to.
 *
 * @param count of rows
 * @param digest sum of {@link #digest(long, byte[])} over them
 * @param nextSeq greater than every seq there ever was
 * @param generation of the derived file that belongs to the rows; only rises
 * @param covered the derived file holds the faces up to this seq, with those in {@code removed}; 0
 *     if there is none
 * @param coveredCount of the faces that it holds
 * @param coveredDigest of the faces that it holds
 * @param commits how often anything was changed; see {@link CommitMark}
 */
record StoreState(
    long count,
    long digest,
    long nextSeq,
    long generation,
    long covered,
    long coveredCount,
    long coveredDigest,
    long commits) {
  static final StoreState EMPTY = new StoreState(0, 0, 1, 0, 0, 0, 0, 0);

  /** A 64-bit sum term of a row: an exchanged, lost or doubled row changes the sum. */
  static long digest(long seq, byte[] plain) {
    CRC32C crc = new CRC32C();
    crc.update(plain);
    long h = seq * 0x9e3779b97f4a7c15L + crc.getValue();
    h = (h ^ h >>> 30) * 0xbf58476d1ce4e5b9L;
    h = (h ^ h >>> 27) * 0x94d049bb133111ebL;
    return h ^ h >>> 31;
  }

  byte[] encode() {
    return ByteBuffer.allocate(64)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(count)
        .putLong(digest)
        .putLong(nextSeq)
        .putLong(generation)
        .putLong(covered)
        .putLong(coveredCount)
        .putLong(coveredDigest)
        .putLong(commits)
        .array();
  }

  /** Databases of version 1 did not count commits. */
  static StoreState decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new StoreState(
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.hasRemaining() ? in.getLong() : 0);
  }

  /** Whether a file of so many bytes, with vectors of this space, can have it. */
  boolean isPossible(VectorSpace space, long bytes) {
    return count >= 0
        && count < nextSeq
        && covered >= 0
        && covered < nextSeq
        && coveredCount >= 0
        && coveredCount <= covered
        && generation >= 0
        && generation < Integer.MAX_VALUE
        && commits >= 0
        && (count == 0 || space.dimension() > 0)
        && count <= Integer.MAX_VALUE
        && count * space.dimension() <= Integer.MAX_VALUE - 8
        && count * space.dimension() * 4 <= bytes;
  }

  /** After another change of the rows. */
  StoreState withRows(long newCount, long newDigest, long newNextSeq) {
    return new StoreState(
        newCount,
        newDigest,
        newNextSeq,
        generation,
        covered,
        coveredCount,
        coveredDigest,
        commits + 1);
  }

  /** After a derived file was made of what was there {@code then}. */
  StoreState withDerived(long newGeneration, StoreState then) {
    return new StoreState(
        count,
        digest,
        nextSeq,
        newGeneration,
        then.nextSeq - 1,
        then.count,
        then.digest,
        commits + 1);
  }

  /** After a change of something else. */
  StoreState touched() {
    return withRows(count, digest, nextSeq);
  }

  /** In a file of its own with these rows, without a derived one. */
  StoreState rewritten(long newCount, long newDigest) {
    return new StoreState(newCount, newDigest, nextSeq, generation, 0, 0, 0, commits + 1);
  }
}
