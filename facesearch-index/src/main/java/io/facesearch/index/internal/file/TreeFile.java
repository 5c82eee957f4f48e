package io.facesearch.index.internal.file;

import io.facesearch.CorruptIndexException;
import io.facesearch.EmbeddedFace;
import io.facesearch.IndexVersionException;
import io.facesearch.Metric;
import io.facesearch.index.internal.codec.CheckedWriter;
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
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.Delta;
import io.facesearch.index.internal.tree.RecallSetting;
import io.facesearch.index.internal.tree.SplitTree;
import io.facesearch.index.internal.tree.StoredTree;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

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

  private static final int HEAD_AT = 16;
  private static final int MOST_HEAD = 1 << 24;
  private static final int MOST_BEAM = 1 << 12;

  /** Kinds of what is sealed: the head, then the sections. */
  private static final int HEAD = 64;

  private static final int MOST_SECTIONS = 64;
  private static final int RECORDS = 1;
  private static final int RECORD_SECTIONS = 5;

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
        seal.seal(head(state, settings, tree, sections, open), HEAD, number(generation, 0));
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

  private static int padding(long at) {
    return (int) (-at & ALIGNMENT - 1);
  }

  /** Where the checksums of a file end that is not encrypted. */
  static long[] checksumEnds(Path file, FileChannel channel) throws IOException {
    return new Reader(file, channel, PLAIN, 0).checksumEnds();
  }

  private static long number(long generation, long chunk) {
    return generation << 32 | chunk;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] head(
      SnapshotIndex.State<TreeIndex.Vectors> state,
      TreeShape settings,
      StoredTree tree,
      List<Section> sections,
      boolean[] open) {
    VectorSpace space = state.space();
    QuantizedVectors codes = tree.codes;
    double[] directions = codes == null ? new double[0] : codes.rotation.directions();
    byte[] model = CheckedWriter.encode(space.model());
    byte[] split = CheckedWriter.encode(settings.split());
    byte[] kernel = CheckedWriter.encode(codes == null ? "" : codes.layout());
    ByteBuffer head =
        buffer(
            256
                + model.length
                + split.length
                + kernel.length
                + 8 * directions.length
                + 4 * space.dimension()
                + 40 * tree.calibration.size()
                + 9 * sections.size());
    head.put((byte) (space.metric() == Metric.COSINE ? 1 : 0)).putInt(space.dimension());
    text(head, model);
    head.putInt(state.faces().size()).putInt(tree.ordinals.length);
    head.putInt(settings.leafSize()).putInt(settings.maxDepth());
    text(head, split);
    head.put((byte) (settings.approximate() ? 1 : 0));
    head.putInt(tree.thresholds.length).putDouble(tree.greatestNorm);
    text(head, kernel);
    if (codes != null) {
      for (float value : codes.rotation.center) {
        head.putFloat(value);
      }
      head.putInt(directions.length);
      for (double value : directions) {
        head.putDouble(value);
      }
      for (double value : codes.scales()) {
        head.putDouble(value);
      }
      head.putInt(tree.perPoint).putInt(tree.calibration.size());
      for (RecallSetting setting : tree.calibration) {
        head.putInt(setting.k()).putInt(setting.beam()).putDouble(setting.leafShare());
        head.putDouble(setting.recall()).putDouble(setting.standardError());
        head.putDouble(setting.cost());
      }
    }
    head.putInt(sections.size());
    sections.forEach(section -> head.putLong(section.bytes));
    for (boolean each : open) {
      head.put((byte) (each ? 1 : 0));
    }
    return Arrays.copyOf(head.array(), head.position());
  }

  private static void text(ByteBuffer head, byte[] text) {
    head.putInt(text.length).put(text);
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
    Content with(Reader reader) throws IOException;
  }

  private static Content read(Path file, Seal seal, long generation, Work work) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return work.with(new Reader(file, channel, seal, generation));
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

  private static final class Reader {
    private final Path file;
    private final FileChannel channel;
    private final Seal seal;
    private final int overhead;
    private final long generation;
    private final long size;

    /** One a thread; for all chunks, so that they stay in the cache. */
    private final ThreadLocal<byte[]> sealedChunks;

    // The head, which is read before all else.
    @SuppressWarnings("NullAway.Init")
    private VectorSpace space;

    @SuppressWarnings("NullAway.Init")
    private TreeShape made;

    private int faces;
    private int points;
    private int nodes;
    private double greatestNorm;
    private float[] center = {};
    private double[] directions = {};
    private double[] scales = {};
    private int perPoint;
    private final List<RecallSetting> calibration = new ArrayList<>();

    /** Of the sections: bytes, and where they start in the file. */
    private long[] bytes = {};

    private long[] starts = {};

    /** Whether they lie there as they are, and the checksums of their blocks behind them. */
    private boolean[] open = {};

    private final int[][] checksums = new int[MOST_SECTIONS][];

    private int version;

    /** What was mapped. */
    final List<MappedSection> mapped = new ArrayList<>();

    Reader(Path file, FileChannel channel, Seal seal, long generation) throws IOException {
      this.file = file;
      this.channel = channel;
      this.seal = seal;
      this.generation = generation;
      overhead = seal.overhead();
      sealedChunks = ThreadLocal.withInitial(() -> new byte[CHUNK + overhead]);
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

    Content read(TreeShape wanted, long leastMapped) throws IOException {
      readHead();
      require(
          faces >= points && points > 0 && nodes >= 0 && nodes < points && faces <= IdTable.MOST,
          HEAD_AT,
          points + " of " + faces + " faces in " + nodes + " nodes");
      long dimension = space.dimension();
      long[] plain = StoredTree.plainBytes(dimension, points, nodes);
      require(
          dimension > 0
              && dimension * faces <= Integer.MAX_VALUE - 8
              && bytes.length >= RECORD_SECTIONS + plain.length
              && bytes.length <= MOST_SECTIONS
              && bytes[0] == 4L * faces
              && bytes[2] == (faces + 63L) / 64 * 8
              && (bytes[3] == 0 || bytes[3] == 8L * faces)
              && bytes[4] == 4 * dimension * (faces - points)
              && IntStream.range(0, plain.length)
                  .allMatch(i -> plain[i] == bytes[RECORD_SECTIONS + i]),
          HEAD_AT,
          "the sections do not fit " + faces + " faces of " + dimension + " dimensions");

      readChecksums();
      boolean maps = maps(leastMapped);
      MappedSection mappedRecords = maps ? map(RECORDS, MappedSection.Kind.BYTES, 1) : null;
      EncodedFaces records =
          mappedRecords != null
              ? new EncodedFaces(faces, mappedRecords, file)
              : new EncodedFaces(faces, bytes[RECORDS], file);
      long[] words = new long[(faces + 63) / 64];
      readAll(
          0,
          List.of(
              new Section("record lengths", records.lengths),
              records.section(),
              new Section("removed", words)));
      require(records.place(), starts[0], "the lengths of the records do not fit the records");
      Tombstones removed = Tombstones.of(words, faces);
      if (removed == null) {
        throw corrupt(starts[2], "more faces are removed than there are", null);
      }
      Ids ids = new Ids(records, removed);
      CompletableFuture<?> known =
          maps ? CompletableFuture.completedFuture(ids) : CompletableFuture.runAsync(ids::load);
      boolean usable = wanted.allow(made);
      long[] numbers = new long[bytes[3] == 0 ? 0 : faces];
      float[] tail = new float[(faces - points) * space.dimension()];
      StoredTree stored = storedTree(usable, maps);
      List<Section> sections = new ArrayList<>();
      sections.add(new Section("numbers", numbers));
      sections.add(new Section("new vectors", tail));
      sections.addAll(stored.plainSections());
      if (usable) {
        sections.addAll(stored.codeSections());
        require(
            sections.size() + 3 == bytes.length,
            HEAD_AT,
            "it has " + bytes.length + " sections, not " + (sections.size() + 3));
      }
      readAll(3, sections);
      String wrong = stored.check();
      if (wrong != null) {
        throw corrupt(starts[RECORD_SECTIONS], wrong, null);
      }
      known.join();
      return content(Faces.of(records, numbers), removed, ids, stored, tail, usable);
    }

    /** Whether records, vectors and neighbors are mapped. */
    private boolean maps(long leastMapped) {
      long sum = bytes[RECORDS] + bytes[RECORD_SECTIONS];
      // Windows neither deletes nor replaces what is mapped.
      return open[RECORDS]
          && open[RECORD_SECTIONS]
          && (perPoint == 0 || open[open.length - 1])
          && sum >= leastMapped
          && PrivateFiles.isPosix(file);
    }

    private MappedSection map(int section, MappedSection.Kind kind, int unit) throws IOException {
      MappedSection found =
          new MappedSection(
              section == RECORDS
                  ? "records"
                  : section == RECORD_SECTIONS ? "vectors of the tree" : "neighbors",
              file,
              channel,
              starts[section],
              bytes[section],
              kind,
              points,
              unit,
              checksums[section]);
      mapped.add(found);
      return found;
    }

    private void readChecksums() throws IOException {
      for (int i = 0; i < bytes.length; i++) {
        if (open[i]) {
          checksums[i] = new int[MappedSection.blocks(bytes[i])];
          Section section = new Section("checksums", checksums[i]);
          int number = i;
          LongStream.range(0, chunks(section.bytes))
              .parallel()
              .forEach(chunk -> readChunk(section, number, starts[number] + bytes[number], chunk));
        }
      }
    }

    /** Arrays that are no larger than the sections that fill them, or little. */
    private StoredTree storedTree(boolean withCodes, boolean maps) throws IOException {
      QuantizedVectors codes = withCodes && !made.kernel().isEmpty() ? codes() : null;
      int lists = codes == null ? 0 : perPoint;
      return new StoredTree(
          space.dimension(),
          points,
          nodes,
          greatestNorm,
          codes,
          lists,
          codes == null ? List.of() : calibration,
          maps ? map(RECORD_SECTIONS, MappedSection.Kind.FLOATS, 4 * space.dimension()) : null,
          maps && lists > 0 ? map(bytes.length - 1, MappedSection.Kind.INTS, 4 * perPoint) : null);
    }

    private QuantizedVectors codes() {
      Packing packing = Packing.of(made.kernel());
      boolean isWhole = directions.length == 0;
      BoundKernel kernel = packing == null || isWhole ? Kernels.best() : PlainKernel.INSTANCE;
      require(
          (isWhole
                  ? packing != null && perPoint == 0
                  : packing != Packing.FOUR_BITS
                      && directions.length
                          == QuantizedVectors.directions(kernel, space.dimension())
                              * space.dimension())
              && (perPoint == 0 || perPoint == kernel.neighbors())
              && bytes[bytes.length - 1]
                  == (isWhole
                      ? points * QuantizedVectors.wholeRowBytes(packing, space.dimension())
                      : 4L * points * perPoint),
          HEAD_AT,
          "its codes are not those of the kernel " + made.kernel());
      QuantizedVectors codes =
          new QuantizedVectors(
              kernel,
              packing == null ? Packing.EIGHT_BITS : packing,
              points,
              space.dimension(),
              Rotation.restore(center, directions),
              scales);
      require(codes.isSound(), HEAD_AT, "its codes prove nothing");
      return codes;
    }

    private Content content(
        Faces all, Tombstones removed, Ids ids, StoredTree stored, float[] tail, boolean usable) {
      int dimension = space.dimension();
      int[] live = removed.live(faces);
      FaceList kept =
          new FaceList(
              space.model(),
              live.length,
              i -> all.get(live[i]),
              i -> {
                if (live[i] < points) {
                  return stored.rows.get(stored.rowOf[live[i]]);
                }
                int from = (live[i] - points) * dimension;
                return Arrays.copyOfRange(tail, from, from + dimension);
              });
      TreeIndex.Vectors vectors = null;
      if (usable) {
        SplitTree tree = new SplitTree(stored);
        // Vectors alone: those of removed faces have no record any more.
        Delta added = Delta.empty(dimension);
        if (points < faces) {
          added = added.append(tail, tree.codes);
        }
        vectors = new TreeIndex.Vectors(tree, added);
      }
      return new Content(
          new SnapshotIndex.State<>(space, all, removed, ids, vectors),
          made,
          kept,
          i -> all.number(live[i]));
    }

    long[] checksumEnds() throws IOException {
      readHead();
      LongStream.Builder ends = LongStream.builder().add(starts.length == 0 ? size : starts[0]);
      for (int i = 0; i < bytes.length; i++) {
        long end = starts[i] + (open[i] ? bytes[i] : 0);
        for (long left = sealedBytes(i); left > 0; left -= CHUNK) {
          end += Math.min(CHUNK, left) + overhead;
          ends.add(end);
        }
      }
      return ends.build().toArray();
    }

    private void readHead() throws IOException {
      require(size >= HEAD_AT, size, "it ends within its first " + HEAD_AT + " bytes");
      ByteBuffer start = buffer(HEAD_AT);
      readFully(start, 0);
      require(
          Arrays.equals(start.array(), 0, 8, FaceFile.MAGIC, 0, 8),
          0,
          "it does not start with the mark of an index file");
      version = start.getInt(8);
      if (!isVersion(version)) {
        throw new IndexVersionException(
            "a tree file of version " + VERSION + " was expected, but " + file + " has " + version);
      }
      int length = start.getInt(12);
      require(
          length >= overhead && length <= MOST_HEAD && length <= size - HEAD_AT,
          12,
          "its head would have " + length + " bytes of " + size);
      byte[] sealed = new byte[length];
      readFully(ByteBuffer.wrap(sealed), HEAD_AT);
      byte[] plain = seal.open(sealed, HEAD, number(generation, 0));
      require(plain != null, HEAD_AT, "its head does not fit its checksum");
      try {
        decodeHead(ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN));
      } catch (BufferUnderflowException | IllegalArgumentException e) {
        throw corrupt(HEAD_AT, "its head is none (" + e.getMessage() + ")", e);
      }
      long at = (long) HEAD_AT + length;
      starts = new long[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        require(bytes[i] >= 0 && bytes[i] <= size, HEAD_AT, "a section has " + bytes[i] + " bytes");
        if (open[i]) {
          require(!seal.hides(), HEAD_AT, "a section is not encrypted");
          requireZeros(at, padding(at));
          at += padding(at) + bytes[i];
        }
        starts[i] = at - (open[i] ? bytes[i] : 0);
        at += sealedBytes(i) + chunks(sealedBytes(i)) * overhead;
      }
      require(at == size, Math.min(at, size), "it has " + size + " bytes instead of " + at);
    }

    /** Of a section, or of the checksums of its blocks. */
    private long sealedBytes(int section) {
      return open[section] ? 4L * MappedSection.blocks(bytes[section]) : bytes[section];
    }

    private static long chunks(long bytes) {
      return (bytes + CHUNK - 1) / CHUNK;
    }

    private void requireZeros(long at, int count) throws IOException {
      require(at + count <= size, at, "it ends too soon");
      ByteBuffer between = buffer(count);
      readFully(between, at);
      require(Arrays.equals(between.array(), new byte[count]), at, "it is not 0 between sections");
    }

    private void decodeHead(ByteBuffer head) {
      Metric metric = flag(head) ? Metric.COSINE : Metric.EUCLIDEAN;
      int dimension = head.getInt();
      space = new VectorSpace(text(head), dimension, metric);
      faces = head.getInt();
      points = head.getInt();
      int leafSize = head.getInt();
      int maxDepth = head.getInt();
      String split = text(head);
      boolean approximate = flag(head);
      nodes = head.getInt();
      greatestNorm = finite(head);
      String kernel = text(head);
      made = new TreeShape(leafSize, maxDepth, split, approximate, kernel);
      if (!kernel.isEmpty()) {
        center = new float[count(head, dimension, 4)];
        for (int j = 0; j < dimension; j++) {
          center[j] = head.getFloat();
          if (!Float.isFinite(center[j])) {
            throw new IllegalArgumentException("number " + center[j]);
          }
        }
        directions = new double[count(head, head.getInt(), 8)];
        for (int i = 0; i < directions.length; i++) {
          directions[i] = finite(head);
        }
        scales = new double[QuantizedVectors.SCALES];
        for (int i = 0; i < scales.length; i++) {
          scales[i] = finite(head);
        }
        perPoint = head.getInt();
        for (int i = count(head, head.getInt(), 40); i > 0; i--) {
          calibration.add(setting(head));
        }
      }
      bytes = new long[count(head, head.getInt(), 8)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = head.getLong();
      }
      open = new boolean[bytes.length];
      for (int i = 0; version == VERSION && i < open.length; i++) {
        open[i] = flag(head);
      }
      if (head.hasRemaining()) {
        throw new IllegalArgumentException(head.remaining() + " bytes too long");
      }
    }

    private static RecallSetting setting(ByteBuffer head) {
      int k = head.getInt();
      int beam = head.getInt();
      double share = finite(head);
      if (k < 1 || beam < k || beam > MOST_BEAM || share < 0 || share > 1) {
        throw new IllegalArgumentException("a beam of " + beam + " for " + k);
      }
      return new RecallSetting(k, share, beam, finite(head), finite(head), finite(head));
    }

    private static boolean flag(ByteBuffer head) {
      int value = head.get();
      if (value != 0 && value != 1) {
        throw new IllegalArgumentException("flag " + value);
      }
      return value == 1;
    }

    private static double finite(ByteBuffer head) {
      double value = head.getDouble();
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("number " + value);
      }
      return value;
    }

    private static int count(ByteBuffer head, int count, int bytes) {
      if (count < 0 || count > head.remaining() / bytes) {
        throw new IllegalArgumentException(
            count + " where " + head.remaining() + " bytes are left");
      }
      return count;
    }

    private static String text(ByteBuffer head) {
      byte[] text = new byte[count(head, head.getInt(), 1)];
      head.get(text);
      return new String(text, StandardCharsets.UTF_8);
    }

    /** Reads sections from the given one on, in parallel. */
    private void readAll(int first, List<Section> sections) {
      int[] ends = new int[sections.size()];
      int chunks = 0;
      for (int i = 0; i < ends.length; i++) {
        require(
            sections.get(i).bytes == bytes[first + i],
            starts[first + i],
            sections.get(i).name + " have " + bytes[first + i] + " bytes");
        chunks += sections.get(i).isMapped() ? 0 : Math.toIntExact(chunks(bytes[first + i]));
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
                if (open[first + section]) {
                  readOpen(sections.get(section), first + section, i - before);
                } else {
                  readChunk(
                      sections.get(section), first + section, starts[first + section], i - before);
                }
              });
    }

    private void readOpen(Section section, int number, long chunk) {
      long from = chunk * CHUNK;
      int length = (int) Math.min(CHUNK, section.bytes - from);
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
      long from = chunk * CHUNK;
      int length = (int) Math.min(CHUNK, section.bytes - from);
      byte[] sealed = sealedChunks.get();
      long at = start + chunk * (CHUNK + overhead);
      readUnchecked(ByteBuffer.wrap(sealed, 0, length + overhead), at);
      ByteBuffer plain =
          seal.open(sealed, length + overhead, HEAD + 1 + number, number(generation, chunk));
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
}
