package io.facesearch.index.internal.file;

import io.facesearch.CorruptIndexException;
import io.facesearch.IndexVersionException;
import io.facesearch.index.internal.codec.MappedSection;
import io.facesearch.index.internal.codec.Section;
import io.facesearch.index.internal.quantize.BoundKernel;
import io.facesearch.index.internal.quantize.Kernels;
import io.facesearch.index.internal.quantize.Packing;
import io.facesearch.index.internal.quantize.PlainKernel;
import io.facesearch.index.internal.quantize.QuantizedVectors;
import io.facesearch.index.internal.quantize.Rotation;
import io.facesearch.index.internal.snapshot.EncodedFaces;
import io.facesearch.index.internal.snapshot.FaceList;
import io.facesearch.index.internal.snapshot.Faces;
import io.facesearch.index.internal.snapshot.IdTable;
import io.facesearch.index.internal.snapshot.Ids;
import io.facesearch.index.internal.snapshot.SnapshotIndex;
import io.facesearch.index.internal.snapshot.Tombstones;
import io.facesearch.index.internal.tree.Delta;
import io.facesearch.index.internal.tree.SplitTree;
import io.facesearch.index.internal.tree.StoredTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of a tree: the head first, then its sections, in parallel, each of which is checked
 * or mapped. For one file, by one thread.
 */
@SuppressWarnings("ByteBufferBackingArray") // buffers are made here, on the heap
final class TreeFileReader {
  private static final int MOST_HEAD = 1 << 24;
  private static final int MOST_SECTIONS = 64;

  private final Path file;
  private final FileChannel channel;
  private final Seal seal;
  private final int overhead;
  private final long generation;
  private final long size;

  /** One a thread; for all chunks, so that they stay in the cache. */
  private final ThreadLocal<byte[]> sealedChunks;

  /** Read before all else. */
  @SuppressWarnings("NullAway.Init")
  private TreeHead head;

  /** Where the sections start in the file. */
  private long[] starts = {};

  private final int[][] checksums = new int[MOST_SECTIONS][];

  /** What was mapped. */
  final List<MappedSection> mapped = new ArrayList<>();

  TreeFileReader(Path file, FileChannel channel, Seal seal, long generation) throws IOException {
    this.file = file;
    this.channel = channel;
    this.seal = seal;
    this.generation = generation;
    overhead = seal.overhead();
    sealedChunks = ThreadLocal.withInitial(() -> new byte[TreeFile.CHUNK + overhead]);
    size = channel.size();
  }

  private CorruptIndexException corrupt(long at, String what, @Nullable Throwable cause) {
    return new CorruptIndexException(
        "the index file "
            + file
            + " is damaged at offset "
            + at
            + ": "
            + what
            + "; restore it from a copy",
        cause);
  }

  private void require(boolean condition, long at, String what) {
    if (!condition) {
      throw corrupt(at, what, null);
    }
  }

  TreeFile.Content read(TreeShape wanted, long leastMapped) throws IOException {
    readHead();
    require(
        head.faces >= head.points
            && head.points > 0
            && head.nodes >= 0
            && head.nodes < head.points
            && head.faces <= IdTable.MOST,
        TreeFile.HEAD_AT,
        head.points + " of " + head.faces + " faces in " + head.nodes + " nodes");
    long dimension = head.space.dimension();
    long[] plain = StoredTree.plainBytes(dimension, head.points, head.nodes);
    require(
        dimension > 0
            && dimension * head.faces <= Integer.MAX_VALUE - 8
            && head.bytes.length >= TreeFile.RECORD_SECTIONS + plain.length
            && head.bytes.length <= MOST_SECTIONS
            && head.bytes[0] == 4L * head.faces
            && head.bytes[2] == (head.faces + 63L) / 64 * 8
            && (head.bytes[3] == 0 || head.bytes[3] == 8L * head.faces)
            && head.bytes[4] == 4 * dimension * (head.faces - head.points)
            && IntStream.range(0, plain.length)
                .allMatch(i -> plain[i] == head.bytes[TreeFile.RECORD_SECTIONS + i]),
        TreeFile.HEAD_AT,
        "the sections do not fit " + head.faces + " faces of " + dimension + " dimensions");

    readChecksums();
    boolean maps = maps(leastMapped);
    MappedSection mappedRecords = maps ? map(TreeFile.RECORDS, MappedSection.Kind.BYTES, 1) : null;
    EncodedFaces records =
        mappedRecords != null
            ? new EncodedFaces(head.faces, mappedRecords, file)
            : new EncodedFaces(head.faces, head.bytes[TreeFile.RECORDS], file);
    long[] words = new long[(head.faces + 63) / 64];
    readAll(
        0,
        List.of(
            new Section("record lengths", records.lengths),
            records.section(),
            new Section("removed", words)));
    require(records.place(), starts[0], "the lengths of the records do not fit the records");
    Tombstones removed = Tombstones.of(words, head.faces);
    if (removed == null) {
      throw corrupt(starts[2], "more faces are removed than there are", null);
    }
    Ids ids = new Ids(records, removed);
    CompletableFuture<?> known =
        maps ? CompletableFuture.completedFuture(ids) : CompletableFuture.runAsync(ids::load);
    boolean usable = wanted.allow(head.made);
    long[] numbers = new long[head.bytes[3] == 0 ? 0 : head.faces];
    float[] tail = new float[(head.faces - head.points) * head.space.dimension()];
    StoredTree stored = storedTree(usable, maps);
    List<Section> sections = new ArrayList<>();
    sections.add(new Section("numbers", numbers));
    sections.add(new Section("new vectors", tail));
    sections.addAll(stored.plainSections());
    if (usable) {
      sections.addAll(stored.codeSections());
      require(
          sections.size() + 3 == head.bytes.length,
          TreeFile.HEAD_AT,
          "it has " + head.bytes.length + " sections, not " + (sections.size() + 3));
    }
    readAll(3, sections);
    String wrong = stored.check();
    if (wrong != null) {
      throw corrupt(starts[TreeFile.RECORD_SECTIONS], wrong, null);
    }
    known.join();
    return content(Faces.of(records, numbers), removed, ids, stored, tail, usable);
  }

  /** Whether records, vectors and neighbors are mapped. */
  private boolean maps(long leastMapped) {
    long sum = head.bytes[TreeFile.RECORDS] + head.bytes[TreeFile.RECORD_SECTIONS];
    // Windows neither deletes nor replaces what is mapped.
    return head.open[TreeFile.RECORDS]
        && head.open[TreeFile.RECORD_SECTIONS]
        && (head.perPoint == 0 || head.open[head.open.length - 1])
        && sum >= leastMapped
        && PrivateFiles.isPosix(file);
  }

  private MappedSection map(int section, MappedSection.Kind kind, int unit) throws IOException {
    MappedSection found =
        new MappedSection(
            section == TreeFile.RECORDS
                ? "records"
                : section == TreeFile.RECORD_SECTIONS ? "vectors of the tree" : "neighbors",
            file,
            channel,
            starts[section],
            head.bytes[section],
            kind,
            head.points,
            unit,
            checksums[section]);
    mapped.add(found);
    return found;
  }

  private void readChecksums() throws IOException {
    for (int i = 0; i < head.bytes.length; i++) {
      if (head.open[i]) {
        checksums[i] = new int[MappedSection.blocks(head.bytes[i])];
        Section section = new Section("checksums", checksums[i]);
        int number = i;
        LongStream.range(0, chunks(section.bytes))
            .parallel()
            .forEach(
                chunk -> readChunk(section, number, starts[number] + head.bytes[number], chunk));
      }
    }
  }

  /** Arrays that are no larger than the sections that fill them, or little. */
  private StoredTree storedTree(boolean withCodes, boolean maps) throws IOException {
    QuantizedVectors codes = withCodes && !head.made.kernel().isEmpty() ? codes() : null;
    int lists = codes == null ? 0 : head.perPoint;
    return new StoredTree(
        head.space.dimension(),
        head.points,
        head.nodes,
        head.greatestNorm,
        codes,
        lists,
        codes == null ? List.of() : head.calibration,
        maps
            ? map(TreeFile.RECORD_SECTIONS, MappedSection.Kind.FLOATS, 4 * head.space.dimension())
            : null,
        maps && lists > 0
            ? map(head.bytes.length - 1, MappedSection.Kind.INTS, 4 * head.perPoint)
            : null);
  }

  private QuantizedVectors codes() {
    Packing packing = Packing.of(head.made.kernel());
    boolean isWhole = head.directions.length == 0;
    BoundKernel kernel = packing == null || isWhole ? Kernels.best() : PlainKernel.INSTANCE;
    require(
        (isWhole
                ? packing != null && head.perPoint == 0
                : packing != Packing.FOUR_BITS
                    && head.directions.length
                        == QuantizedVectors.directions(kernel, head.space.dimension())
                            * head.space.dimension())
            && (head.perPoint == 0 || head.perPoint == kernel.neighbors())
            && head.bytes[head.bytes.length - 1]
                == (isWhole
                    ? head.points * QuantizedVectors.wholeRowBytes(packing, head.space.dimension())
                    : 4L * head.points * head.perPoint),
        TreeFile.HEAD_AT,
        "its codes are not those of the kernel " + head.made.kernel());
    QuantizedVectors codes =
        new QuantizedVectors(
            kernel,
            packing == null ? Packing.EIGHT_BITS : packing,
            head.points,
            head.space.dimension(),
            Rotation.restore(head.center, head.directions),
            head.scales);
    require(codes.isSound(), TreeFile.HEAD_AT, "its codes prove nothing");
    return codes;
  }

  private TreeFile.Content content(
      Faces all, Tombstones removed, Ids ids, StoredTree stored, float[] tail, boolean usable) {
    int dimension = head.space.dimension();
    int[] live = removed.live(head.faces);
    FaceList kept =
        new FaceList(
            head.space.model(),
            live.length,
            i -> all.get(live[i]),
            i -> {
              if (live[i] < head.points) {
                return stored.rows.get(stored.rowOf[live[i]]);
              }
              int from = (live[i] - head.points) * dimension;
              return Arrays.copyOfRange(tail, from, from + dimension);
            });
    TreeIndex.Vectors vectors = null;
    if (usable) {
      SplitTree tree = new SplitTree(stored);
      // Vectors alone: those of removed faces have no record any more.
      Delta added = Delta.empty(dimension);
      if (head.points < head.faces) {
        added = added.append(tail, tree.codes);
      }
      vectors = new TreeIndex.Vectors(tree, added);
    }
    return new TreeFile.Content(
        new SnapshotIndex.State<>(head.space, all, removed, ids, vectors),
        head.made,
        kept,
        i -> all.number(live[i]));
  }

  long[] checksumEnds() throws IOException {
    readHead();
    LongStream.Builder ends = LongStream.builder().add(starts.length == 0 ? size : starts[0]);
    for (int i = 0; i < head.bytes.length; i++) {
      long end = starts[i] + (head.open[i] ? head.bytes[i] : 0);
      for (long left = sealedBytes(i); left > 0; left -= TreeFile.CHUNK) {
        end += Math.min(TreeFile.CHUNK, left) + overhead;
        ends.add(end);
      }
    }
    return ends.build().toArray();
  }

  private void readHead() throws IOException {
    require(
        size >= TreeFile.HEAD_AT, size, "it ends within its first " + TreeFile.HEAD_AT + " bytes");
    ByteBuffer start = TreeFile.buffer(TreeFile.HEAD_AT);
    readFully(start, 0);
    require(
        Arrays.equals(start.array(), 0, 8, FaceFile.MAGIC, 0, 8),
        0,
        "it does not start with the mark of an index file");
    int version = start.getInt(8);
    if (!TreeFile.isVersion(version)) {
      throw new IndexVersionException(
          "a tree file of version "
              + TreeFile.VERSION
              + " was expected, but "
              + file
              + " has "
              + version);
    }
    int length = start.getInt(12);
    require(
        length >= overhead && length <= MOST_HEAD && length <= size - TreeFile.HEAD_AT,
        12,
        "its head would have " + length + " bytes of " + size);
    byte[] sealed = new byte[length];
    readFully(ByteBuffer.wrap(sealed), TreeFile.HEAD_AT);
    byte[] plain = seal.open(sealed, TreeFile.HEAD, TreeFile.number(generation, 0));
    require(plain != null, TreeFile.HEAD_AT, "its head does not fit its checksum");
    try {
      head = new TreeHead(ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN), version);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw corrupt(TreeFile.HEAD_AT, "its head is none (" + e.getMessage() + ")", e);
    }
    long at = (long) TreeFile.HEAD_AT + length;
    starts = new long[head.bytes.length];
    for (int i = 0; i < head.bytes.length; i++) {
      require(
          head.bytes[i] >= 0 && head.bytes[i] <= size,
          TreeFile.HEAD_AT,
          "a section has " + head.bytes[i] + " bytes");
      if (head.open[i]) {
        require(!seal.hides(), TreeFile.HEAD_AT, "a section is not encrypted");
        requireZeros(at, TreeFile.padding(at));
        at += TreeFile.padding(at) + head.bytes[i];
      }
      starts[i] = at - (head.open[i] ? head.bytes[i] : 0);
      at += sealedBytes(i) + chunks(sealedBytes(i)) * overhead;
    }
    require(at == size, Math.min(at, size), "it has " + size + " bytes instead of " + at);
  }

  /** Of a section, or of the checksums of its blocks. */
  private long sealedBytes(int section) {
    return head.open[section]
        ? 4L * MappedSection.blocks(head.bytes[section])
        : head.bytes[section];
  }

  private static long chunks(long bytes) {
    return (bytes + TreeFile.CHUNK - 1) / TreeFile.CHUNK;
  }

  private void requireZeros(long at, int count) throws IOException {
    require(at + count <= size, at, "it ends too soon");
    ByteBuffer between = TreeFile.buffer(count);
    readFully(between, at);
    require(Arrays.equals(between.array(), new byte[count]), at, "it is not 0 between sections");
  }

  /** Reads sections from the given one on, in parallel. */
  private void readAll(int first, List<Section> sections) {
    int[] ends = new int[sections.size()];
    int chunks = 0;
    for (int i = 0; i < ends.length; i++) {
      require(
          sections.get(i).bytes == head.bytes[first + i],
          starts[first + i],
          sections.get(i).name + " have " + head.bytes[first + i] + " bytes");
      chunks += sections.get(i).isMapped() ? 0 : Math.toIntExact(chunks(head.bytes[first + i]));
      ends[i] = chunks;
    }
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            i -> {
              int found = Arrays.binarySearch(ends, i + 1);
              int section = found >= 0 ? found : ~found;
              while (section > 0 && ends[section - 1] == ends[section]) {
                section--;
              }
              int before = section == 0 ? 0 : ends[section - 1];
              if (head.open[first + section]) {
                readOpen(sections.get(section), first + section, i - before);
              } else {
                readChunk(
                    sections.get(section), first + section, starts[first + section], i - before);
              }
            });
  }

  private void readOpen(Section section, int number, long chunk) {
    long from = chunk * TreeFile.CHUNK;
    int length = (int) Math.min(TreeFile.CHUNK, section.bytes - from);
    ByteBuffer plain = ByteBuffer.wrap(sealedChunks.get(), 0, length);
    readUnchecked(plain, starts[number] + from);
    for (int at = 0; at < length; at += MappedSection.BLOCK) {
      int block = (int) ((from + at) / MappedSection.BLOCK);
      int some = Math.min(MappedSection.BLOCK, length - at);
      require(
          MappedSection.checksum(plain.array(), at, some) == checksums[number][block],
          starts[number] + from + at,
          "block " + block + " of the " + section.name + " does not fit its checksum");
    }
    require(
        section.read(from, plain.flip().order(ByteOrder.LITTLE_ENDIAN)),
        starts[number] + from,
        "the " + section.name + " hold a number that is not finite");
  }

  private void readUnchecked(ByteBuffer target, long at) {
    try {
      readFully(target, at);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void readChunk(Section section, int number, long start, long chunk) {
    long from = chunk * TreeFile.CHUNK;
    int length = (int) Math.min(TreeFile.CHUNK, section.bytes - from);
    byte[] sealed = sealedChunks.get();
    long at = start + chunk * (TreeFile.CHUNK + overhead);
    readUnchecked(ByteBuffer.wrap(sealed, 0, length + overhead), at);
    ByteBuffer plain =
        seal.open(
            sealed,
            length + overhead,
            TreeFile.HEAD + 1 + number,
            TreeFile.number(generation, chunk));
    if (plain == null || plain.remaining() != length) {
      String place = "chunk " + chunk + " of the " + section.name;
      throw corrupt(at, place + " does not fit its checksum", null);
    }
    require(
        section.read(from, plain.order(ByteOrder.LITTLE_ENDIAN)),
        at,
        "the " + section.name + " hold a number that is not finite");
  }

  private void readFully(ByteBuffer target, long at) throws IOException {
    long from = at;
    while (target.hasRemaining()) {
      int count = channel.read(target, from);
      require(count > 0, from, "it ends too soon");
      from += count;
    }
  }
}
