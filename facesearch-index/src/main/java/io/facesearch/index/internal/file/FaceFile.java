package io.facesearch.index.internal.file;

import io.facesearch.BoundingBox;
import io.facesearch.CorruptIndexException;
import io.facesearch.DuplicateFaceException;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceRecord;
import io.facesearch.FileStamp;
import io.facesearch.IndexVersionException;
import io.facesearch.Metric;
import io.facesearch.TagValue;
import io.facesearch.index.internal.codec.CheckedReader;
import io.facesearch.index.internal.codec.CheckedWriter;
import io.facesearch.index.internal.codec.FaceCodec;
import io.facesearch.index.internal.snapshot.FaceList;
import io.facesearch.index.internal.snapshot.VectorSpace;
import io.facesearch.index.internal.tree.TreeIndex;
import io.facesearch.index.internal.tree.TreeShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Index files without a tree: versions 3 and 5; see {@code docs/FORMAT.md}. Stateless and
 * thread-safe.
 */
public final class FaceFile {
  static final byte[] MAGIC = {'F', 'A', 'C', 'E', 'I', 'D', 'X', '\n'};
  static final int VERSION = 5;

  /** Has nothing of the photo. */
  private static final int OLD_VERSION = 3;

  private static final int PERSON = 1;
  private static final int SOURCE = 2;
  private static final int BOX = 4;
  private static final int TAGS = 8;
  private static final int PHOTO_OF = 16;
  private static final int STAMP = 32;
  private static final int NUMERIC = 0;
  private static final int TEXT = 1;

  /** The least bytes of a record: flags, length of the id, one byte of it. */
  private static final int LEAST_RECORD = 6;

  private FaceFile() {}

  /**
   * Writes faces. The file is written beside the target under another name, forced to disk and then
   * renamed, so that the target is always either the old file or the new one. O(d · n).
   *
   * @param known the files that the index of the faces knows
   * @param overwrite whatever is there
   */
  public static void write(
      List<EmbeddedFace> faces, Metric metric, KnownFiles known, Path file, boolean overwrite)
      throws IOException {
    known.write(file, overwrite, channel -> writeTo(channel, faces, metric));
  }

  private static void writeTo(FileChannel channel, List<EmbeddedFace> faces, Metric metric)
      throws IOException {
    boolean empty = faces.isEmpty();
    VectorSpace space =
        empty ? new VectorSpace("", 0, metric) : VectorSpace.of(faces.get(0).embedding(), metric);
    long recordBytes = 0;
    for (EmbeddedFace face : faces) {
      recordBytes += FaceCodec.encode(face.face()).length;
    }
    CheckedWriter out = new CheckedWriter(channel);
    out.bytes(MAGIC);
    out.int32(VERSION);
    out.int32(metric == Metric.COSINE ? 1 : 0);
    out.int32(space.dimension());
    out.int32(faces.size());
    out.int64(recordBytes);
    out.text(space.model());
    for (EmbeddedFace face : faces) {
      out.bytes(FaceCodec.encode(face.face()));
    }
    for (EmbeddedFace face : faces) {
      Embedding embedding = face.embedding();
      embedding.checkSameModel(space.model(), space.dimension());
      for (int i = 0; i < space.dimension(); i++) {
        out.float32(embedding.get(i));
      }
    }
    out.finish();
  }

  /** Whether a file is meant to be an index file: its first bytes say so. */
  public static boolean isOne(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
    }
  }

  /**
   * Reads and checks a whole file.
   *
   * @param make makes an empty index for a metric
   * @param add takes the faces; an immutable list that makes each face when it is asked for
   */
  public static <T> T read(
      Path file, Function<Metric, T> make, BiConsumer<T, List<EmbeddedFace>> add)
      throws IOException {
    if (TreeFile.isOne(file)) {
      TreeFile.Content content =
          TreeFile.read(file, TreeShape.NONE, TreeFile.PLAIN, 0, TreeIndex.LEAST_MAPPED);
      T index = make.apply(content.state().space().metric());
      add.accept(index, content.live());
      return index;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CheckedReader in = new CheckedReader(channel, file);
      Metric metric = readMetric(in);
      List<EmbeddedFace> faces = readFaces(in);
      T index = make.apply(metric);
      try {
        add.accept(index, faces);
      } catch (DuplicateFaceException e) {
        throw in.corrupt("an id occurs twice", e);
      }
      return index;
    }
  }

  private static Metric readMetric(CheckedReader in) throws IOException {
    if (!in.startsWith(MAGIC)) {
      throw new CorruptIndexException(
          in.file()
              + " is not an index file, or is damaged: it does not start with the mark of one; name"
              + " another file, or restore it from a copy");
    }
    int version = in.int32();
    if (version < OLD_VERSION || version > VERSION || version == TreeFile.OLD_VERSION) {
      throw new IndexVersionException(
          "this release reads index files of versions "
              + OLD_VERSION
              + " to "
              + TreeFile.VERSION
              + ", but "
              + in.file()
              + " has version "
              + version
              + "; read it with the release that wrote it, or index the photos again");
    }
    int metric = in.int32();
    return switch (metric) {
      case 0 -> Metric.EUCLIDEAN;
      case 1 -> Metric.COSINE;
      default -> throw in.corrupt("it names the unknown metric " + metric);
    };
  }

  private static List<EmbeddedFace> readFaces(CheckedReader in) throws IOException {
    int dimension = in.int32();
    int count = in.int32();
    long recordBytes = in.int64();
    String model = in.text(in.remaining());
    long vectorBytes = 4L * dimension * count;
    if (dimension < 0
        || count < 0
        || (dimension == 0) != (count == 0)
        || (long) dimension * count > Integer.MAX_VALUE - 8
        || recordBytes < (long) LEAST_RECORD * count
        || recordBytes > in.remaining()
        || recordBytes + vectorBytes + CheckedReader.TRAILER != in.remaining()) {
      throw in.corrupt(
          "its size does not fit "
              + count
              + " faces of "
              + dimension
              + " dimensions with "
              + recordBytes
              + " bytes of records");
    }
    FaceRecord[] records = new FaceRecord[count];
    long end = in.remaining() - recordBytes;
    for (int i = 0; i < count; i++) {
      records[i] = readRecord(in, end);
    }
    if (in.remaining() != end) {
      throw in.corrupt("its records end " + (in.remaining() - end) + " bytes early");
    }
    float[] rows = new float[dimension * count];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = in.float32();
      if (!Float.isFinite(rows[i])) {
        throw in.corrupt("vector " + i / dimension + " holds " + rows[i]);
      }
    }
    in.finish();
    return new FaceList(
        model,
        count,
        i -> records[i],
        i -> Arrays.copyOfRange(rows, i * dimension, (i + 1) * dimension));
  }

  private static FaceRecord readRecord(CheckedReader in, long end) throws IOException {
    int flags = in.int8(end);
    if ((flags & ~(PERSON | SOURCE | BOX | TAGS | PHOTO_OF | STAMP)) != 0) {
      throw in.corrupt("a record has unknown flags " + flags);
    }
    String id = in.text(in.remaining() - end);
    String person = null;
    if ((flags & PERSON) != 0) {
      person = in.text(in.remaining() - end);
    }
    String source = null;
    if ((flags & SOURCE) != 0) {
      source = in.text(in.remaining() - end);
    }
    try {
      BoundingBox box = null;
      if ((flags & BOX) != 0) {
        in.require(32, end);
        box = new BoundingBox(in.float64(), in.float64(), in.float64(), in.float64());
      }
      Map<String, TagValue> tags = (flags & TAGS) == 0 ? Map.of() : readTags(in, end);
      String photoOf = null;
      if ((flags & PHOTO_OF) != 0) {
        photoOf = in.text(in.remaining() - end);
      }
      FileStamp stamp = null;
      if ((flags & STAMP) != 0) {
        in.require(48, end);
        long size = in.int64();
        Instant modified = Instant.ofEpochMilli(in.int64());
        byte[] sha256 = new byte[32];
        in.bytes(sha256);
        stamp = new FileStamp(size, modified, HexFormat.of().formatHex(sha256));
      }
      return new FaceRecord(id, person, source, box, tags, photoOf, stamp);
    } catch (IllegalArgumentException e) {
      throw in.corrupt("a record is invalid", e);
    }
  }

  private static Map<String, TagValue> readTags(CheckedReader in, long end) throws IOException {
    in.require(4, end);
    int count = in.int32();
    if (count < 1) {
      throw in.corrupt("a record has " + count + " tags");
    }
    Map<String, TagValue> tags = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = in.text(in.remaining() - end);
      int kind = in.int8(end);
      if (kind == NUMERIC) {
        in.require(8, end);
        tags.put(name, TagValue.of(in.float64()));
      } else if (kind == TEXT) {
        tags.put(name, TagValue.of(in.text(in.remaining() - end)));
      } else {
        throw in.corrupt("a tag is of the unknown kind " + kind);
      }
    }
    if (tags.size() != count) {
      throw in.corrupt("a record has a tag twice");
    }
    return tags;
  }
}
