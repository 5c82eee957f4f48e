package io.facesearch.index.internal.file;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.snapshot.EncodedFaces;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.tree.StoredTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import io.facesearch.internal.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;

/**
 * A file that holds a built tree with all its arrays, so that opening it is little more than
 * reading: versions 4, 6 and 7 of the index file, see {@code docs/FORMAT.md}. Stateless.
 */
@SuppressWarnings("ByteBufferBackingArray") // buffers are made here, on the heap
public final class TreeFile {
  static final int VERSION = 7;

  /** The same, but all sections are sealed, and so never mapped. */
  private static final int SEALED_VERSION = 6;

  /** That one, but its records tell nothing of the photo. */
  static final int OLD_VERSION = 4;

  /** What is mapped starts at a multiple of this in the file. */
  private static final int ALIGNMENT = 4096;

  /** No seal but checksums, for files that belong to no store. */
  static final Seal PLAIN = new Seal(null, new UUID(0, 0));

  /** Bytes of a section that are sealed together. */
  static final int CHUNK = 1 << 18;

  static final int HEAD_AT = 16;

  /** Kinds of what is sealed: the head, then the sections. */
  static final int HEAD = 64;

  static final int RECORDS = 1;
  static final int RECORD_SECTIONS = 5;

  private TreeFile() {}

  /**
   * What a file held.
   *
   * @param state without vectors if the tree could not be used
   * @param live the faces in order of insertion, and {@code numbers} theirs
   */
  record Content(
      SnapshotIndex.State<TreeIndex.Vectors> state,
      TreeShape made,
      List<EmbeddedFace> live,
      IntToLongFunction numbers) {
    boolean hasTree() {
      return state.vectorsOrNull() != null;
    }
  }

  /**
   * Makes the bytes of a state that has a tree. Vectors of removed faces are written as they lie in
   * the tree, their records are not.
   *
   * <p>Records, vectors and neighbors lie in the file as they are, to be mapped, unless the seal
   * hides what it seals.
   *
   * @param generation 0 to 2^31 - 1; the reader must know it
   */
  public static AtomicFile.Content content(
      SnapshotIndex.State<TreeIndex.Vectors> state,
      TreeShape settings,
      Seal seal,
      long generation) {
    TreeIndex.Vectors vectors = state.vectors();
    StoredTree tree = new StoredTree(Objects.requireNonNull(vectors.tree()));
    int dimension = tree.dimension;
    int faces = state.faces().size();
    EncodedFaces records = EncodedFaces.of(state.faces(), state.removed());
    long[] numbers = IntStream.range(0, faces).mapToLong(state.faces()::number).toArray();
    if (Arrays.stream(numbers).allMatch(number -> number == 0)) {
      numbers = new long[0];
    }
    float[] tail = new float[vectors.delta().size() * dimension];
    for (int row = 0; row < vectors.delta().size(); row++) {
      vectors.delta().rows.copyTo(row, tail, row * dimension);
    }
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("record lengths", records.lengths));
    sections.add(records.section());
    sections.add(new Section("removed", state.removed().words(faces)));
    sections.add(new Section("numbers", numbers));
    sections.add(new Section("new vectors", tail));
    sections.addAll(tree.plainSections());
    sections.addAll(tree.codeSections());
    boolean[] open = new boolean[sections.size()];
    if (!seal.hides()) {
      open[RECORDS] = true;
      open[RECORD_SECTIONS] = true;
      open[open.length - 1] |= tree.perPoint > 0;
    }
    byte[] head =
        seal.seal(
            TreeHead.encode(state, settings, tree, sections, open), HEAD, number(generation, 0));
    return channel -> new Writer(channel, seal, generation).write(head, sections, open);
  }

  private record Writer(FileChannel channel, Seal seal, long generation) {
    void write(byte[] head, List<Section> sections, boolean[] open) throws IOException {
      write(buffer(HEAD_AT).put(FaceFile.MAGIC).putInt(VERSION).putInt(head.length).flip());
      write(ByteBuffer.wrap(head));
      for (int i = 0; i < open.length; i++) {
        writeSealed(i, open[i] ? writeOpen(sections.get(i)) : sections.get(i));
      }
    }

    private void writeSealed(int number, Section section) throws IOException {
      for (long at = 0; at < section.bytes; at += CHUNK) {
        ByteBuffer chunk = chunk(section, at);
        long place = number(generation, at / CHUNK);
        write(ByteBuffer.wrap(seal.seal(chunk.array(), HEAD + 1 + number, place)));
      }
    }

    /** Writes a section as it is, and returns the checksums of its blocks. */
    private Section writeOpen(Section section) throws IOException {
      write(buffer(padding(channel.position())));
      int[] checksums = new int[MappedSection.blocks(section.bytes)];
      for (long at = 0; at < section.bytes; at += CHUNK) {
        ByteBuffer chunk = chunk(section, at);
        checksum(chunk, checksums, at);
        write(chunk.rewind());
      }
      return new Section("checksums", checksums);
    }

    private static ByteBuffer chunk(Section section, long at) {
      ByteBuffer chunk = buffer((int) Math.min(CHUNK, section.bytes - at));
      section.write(at, chunk);
      return chunk;
    }

    private void write(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  /** The checksums of the blocks of a chunk. */
  private static void checksum(ByteBuffer chunk, int[] checksums, long at) {
    for (int from = 0; from < chunk.limit(); from += MappedSection.BLOCK) {
      int length = Math.min(MappedSection.BLOCK, chunk.limit() - from);
      checksums[(int) ((at + from) / MappedSection.BLOCK)] =
          MappedSection.checksum(chunk.array(), from, length);
    }
  }

  static int padding(long at) {
    return (int) (-at & ALIGNMENT - 1);
  }

  /** Where the checksums of a file end that is not encrypted. */
  static long[] checksumEnds(Path file, FileChannel channel) throws IOException {
    return new TreeFileReader(file, channel, PLAIN, 0).checksumEnds();
  }

  static long number(long generation, long chunk) {
    return generation << 32 | chunk;
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static boolean isVersion(int version) {
    return version == VERSION || version == SEALED_VERSION || version == OLD_VERSION;
  }

  /** Whether a file is of this kind; false also if it is no index file at all. */
  static boolean isOne(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = buffer(FaceFile.MAGIC.length + 4);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      return !start.hasRemaining()
          && Arrays.equals(start.array(), 0, 8, FaceFile.MAGIC, 0, 8)
          && isVersion(start.getInt(8));
    }
  }

  /**
   * Reads and checks a file; in parallel. What is mapped is checked when it is read, and so are
   * ids.
   *
   * @param wanted settings of the index that is to go on with it
   * @param generation that it must have
   * @param leastMapped bytes that are worth being mapped, if the file has them
   * @throws CorruptIndexException if it is damaged, or sealed otherwise
   */
  static Content read(Path file, TreeShape wanted, Seal seal, long generation, long leastMapped)
      throws IOException {
    return read(file, seal, generation, reader -> reader.read(wanted, leastMapped));
  }

  /**
   * Reads and checks all of a file.
   *
   * @throws CorruptIndexException if it is damaged, or sealed otherwise
   */
  public static void verify(Path file, TreeShape wanted, Seal seal, long generation)
      throws IOException {
    read(
        file,
        seal,
        generation,
        reader -> {
          Content content = reader.read(wanted, 0);
          reader.mapped.parallelStream().forEach(MappedSection::checkAll);
          content.state.ids().load();
          return content;
        });
  }

  private interface Work {
    Content with(TreeFileReader reader) throws IOException;
  }

  private static Content read(Path file, Seal seal, long generation, Work work) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return work.with(new TreeFileReader(file, channel, seal, generation));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw failure.getCause();
      }
      if (e.getCause() instanceof CorruptIndexException corrupt) {
        throw corrupt;
      }
      throw e;
    }
  }
}
