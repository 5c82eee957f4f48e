package io.facesearch.index.internal.file;

import io.facesearch.FaceSearchException;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Tells one content of an index file from another by the checksums that it holds, without reading
 * the rest. Stateless.
 */
public final class IndexGeneration {
  /** Of an empty file, which holds nothing that could be lost. */
  static final String EMPTY = "";

  private static final int CHECKSUM = 4;

  private IndexGeneration() {}

  /** Null if the file is damaged or no index file. */
  static @Nullable String of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return of(channel, file);
    }
  }

  /** The same of an open file. */
  static @Nullable String of(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    if (size == 0) {
      return EMPTY;
    }
    ByteBuffer start = ByteBuffer.allocate(FaceFile.MAGIC.length + 4);
    if (size < start.capacity() + CHECKSUM || !read(channel, start, 0)) {
      return null;
    }
    if (!Arrays.equals(start.array(), 0, 8, FaceFile.MAGIC, 0, 8)) {
      return null;
    }
    int version = start.order(ByteOrder.LITTLE_ENDIAN).getInt(8);
    try {
      MessageDigest digest = Sha256.digest();
      digest.update(ByteBuffer.allocate(12).putInt(version).putLong(size).array());
      long[] ends =
          TreeFile.isVersion(version) ? TreeFile.checksumEnds(file, channel) : new long[] {size};
      for (long end : ends) {
        ByteBuffer checksum = ByteBuffer.allocate(CHECKSUM);
        if (!read(channel, checksum, end - CHECKSUM)) {
          return null;
        }
        digest.update(checksum.array());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (FaceSearchException e) {
      return null; // damaged
    }
  }

  private static boolean read(FileChannel channel, ByteBuffer into, long at) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, at + into.position()) < 0) {
        return false;
      }
    }
    return true;
  }
}
