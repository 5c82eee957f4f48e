package io.facesearch.train;

import io.facesearch.AlignmentTemplate;
import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAligner;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.ImageFormatException;
import io.facesearch.internal.BulkPipeline;
import io.facesearch.train.FaceDataset.Photo;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The aligned faces of a data set in one file: raw pixels, identities, and a teacher's vectors. A
 * face takes 3 · width · height + 4 · dimension + 8 bytes.
 *
 * <p>Everything in the file has a checksum, so reading something damaged throws a {@link
 * DatasetFormatException}. Images are read from the file on demand. Thread-safe. Whoever opened it
 * closes it.
 */
public final class FaceChips implements LabeledImages, AutoCloseable {
  private static final byte[] MAGIC = {'F', 'A', 'C', 'E', 'C', 'H', 'P', '2'};

  /** Magic, then width, height, dimension, faces, bytes of the labels, checksum of all these. */
  static final int HEAD = MAGIC.length + 4 * 4 + 8 + 8;

  /** Behind the pixels of a face, and behind its vector. */
  private static final int CHECKSUM = 4;

  private final FileChannel channel;
  private final Path file;
  private final int width;
  private final int height;
  private final int dimension;
  private final String teacher;
  private final List<String> names;
  private final List<String> identities;

  private FaceChips(
      FileChannel channel,
      Path file,
      int width,
      int height,
      int dimension,
      String teacher,
      List<String> names,
      List<String> identities) {
    this.channel = channel;
    this.file = file;
    this.width = width;
    this.height = height;
    this.dimension = dimension;
    this.teacher = teacher;
    this.names = names;
    this.identities = identities;
  }

  private record Found(Photo photo, byte @Nullable [] pixels, float @Nullable [] vector) {}

  /**
   * Finds, aligns and embeds the face in each photo, on all cores, and writes the file under
   * another name, then renames it. Photos without a face, and photos that cannot be read, are left
   * out. After it was stopped, or the program ended, the same call continues from {@code FILE.part}
   * and {@code FILE.part.labels}.
   *
   * @param photos the photos to prepare
   * @param pipeline finds the faces, and is the teacher; still owned by the caller
   * @param aligner cuts the chips
   * @param template how the network to be trained expects its faces
   * @param file replaced if it exists
   * @param progress called with the number of photos done; returning false stops the run
   * @return the number of photos that were left out
   * @throws FaceSearchException if it was stopped, or no photo has a face
   * @throws IOException if the file cannot be written
   * @throws InterruptedException if interrupted
   */
  public static int prepare(
      List<Photo> photos,
      FaceAnalyzer pipeline,
      FaceAligner aligner,
      AlignmentTemplate template,
      Path file,
      IntPredicate progress)
      throws IOException, InterruptedException {
    try (FaceChipsWriter writer =
        new FaceChipsWriter(
            file, pipeline.model().fingerprint(), template, pipeline.model().dimension(), photos)) {
      boolean finished =
          new BulkPipeline("facesearch-chips", Runtime.getRuntime().availableProcessors())
              .<Photo, Found>run(
                  photos.subList(writer.done(), photos.size()).iterator(),
                  batch -> find(batch, pipeline, aligner, template),
                  found -> {
                    write(found, writer);
                    return progress.test(writer.done());
                  });
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while preparing faces");
      }
      if (!finished) {
        throw new FaceSearchException(
            "stopped after "
                + writer.done()
                + " of "
                + photos.size()
                + " photos; do it again to go on");
      }
      if (writer.count() == 0) {
        throw new FaceSearchException(
            "none of the " + photos.size() + " photos has a face that was found");
      }
      writer.finish();
      return photos.size() - writer.count();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void write(List<Found> faces, FaceChipsWriter writer) {
    try {
      for (Found found : faces) {
        if (found.pixels != null) {
          writer.write(found.photo, found.pixels, Objects.requireNonNull(found.vector));
        }
      }
      writer.done(writer.done() + faces.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes of a face. */
  static long rowBytes(int width, int height, int dimension) {
    return 3L * width * height + 4L * dimension + 2 * CHECKSUM;
  }

  /** Pixels and vector of a face with their checksums, which depend on its place in the file. */
  static ByteBuffer row(int i, byte[] pixels, float[] vector) {
    ByteBuffer row = ByteBuffer.allocate(pixels.length + 4 * vector.length + 2 * CHECKSUM);
    row.put(pixels).putInt(checksum(i, row.array(), 0, pixels.length));
    int from = row.position();
    for (float value : vector) {
      row.putFloat(value);
    }
    return row.putInt(checksum(i, row.array(), from, 4 * vector.length)).flip();
  }

  private static int checksum(int place, byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(4).putInt(0, place));
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  /** The first bytes of a file. */
  static ByteBuffer head(AlignmentTemplate template, int dimension, int count, byte[] labels) {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    head.put(MAGIC).putInt(template.width()).putInt(template.height());
    head.putInt(dimension).putInt(count).putLong(labels.length);
    return head.putLong(checksum(head.array(), labels)).flip();
  }

  /** Of the head but for its last number, and of the labels. */
  private static long checksum(byte[] head, byte[] labels) {
    CRC32C crc = new CRC32C();
    crc.update(head, 0, HEAD - 8);
    crc.update(labels, 0, labels.length);
    return crc.getValue();
  }

  /** One a photo, without pixels where there is no face. */
  private static List<Found> find(
      List<Photo> photos, FaceAnalyzer pipeline, FaceAligner aligner, AlignmentTemplate template) {
    List<Found> found = new ArrayList<>();
    List<FaceImage> chips = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Photo photo : photos) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      FaceImage image;
      try {
        image = FaceImage.read(photo.file());
      } catch (ImageFormatException e) {
        found.add(new Found(photo, null, null));
        continue;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      Optional<DetectedFace> face = pipeline.detectOne(image);
      byte[] pixels = null;
      if (face.isPresent()) {
        FaceImage chip = aligner.align(image, face.get(), template);
        pixels = new byte[3 * chip.width() * chip.height()];
        chip.rgb().get(pixels);
        places.add(found.size());
        chips.add(pipeline.align(image, face.get()));
      }
      found.add(new Found(photo, pixels, null));
    }
    if (!chips.isEmpty()) {
      List<Embedding> vectors = pipeline.embedAligned(chips);
      for (int i = 0; i < vectors.size(); i++) {
        Found f = found.get(places.get(i));
        found.set(places.get(i), new Found(f.photo, f.pixels, vectors.get(i).toArray()));
      }
    }
    return found;
  }

  /**
   * Opens a file.
   *
   * @param file written by {@link #prepare}
   * @return its faces; the caller closes them
   * @throws DatasetFormatException if it has another format or is truncated
   * @throws IOException if it cannot be read
   */
  public static FaceChips open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return read(channel, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static FaceChips read(FileChannel channel, Path file) throws IOException {
    long size = channel.size();
    ByteBuffer head = ByteBuffer.allocate((int) Math.min(HEAD, size));
    readFully(channel, head, 0);
    head.flip();
    if (size < HEAD || !Arrays.equals(MAGIC, Arrays.copyOf(head.array(), MAGIC.length))) {
      throw new DatasetFormatException(
          file
              + " is not a file of prepared faces, or is of another version; make one with "
              + "FaceChips.prepare");
    }
    head.position(MAGIC.length);
    int width = head.getInt();
    int height = head.getInt();
    int dimension = head.getInt();
    int count = head.getInt();
    long bytes = head.getLong();
    long expected = head.getLong();
    boolean plausible =
        width > 0
            && width <= 4096
            && height > 0
            && height <= 4096
            && dimension > 0
            && dimension <= 1 << 16
            && count > 0
            && bytes > 0
            && bytes < 1 << 30;
    long labelsAt = plausible ? HEAD + count * rowBytes(width, height, dimension) : -1;
    if (!plausible || labelsAt + bytes != size) {
      throw new DatasetFormatException(
          file + " is damaged or cut short at " + size + " bytes; prepare the faces again");
    }
    ByteBuffer labels = ByteBuffer.allocate((int) bytes);
    readFully(channel, labels, labelsAt);
    if (checksum(head.array(), labels.array()) != expected) {
      throw new DatasetFormatException(
          file + ": its head or labels are damaged; prepare the faces again");
    }
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(labels.array()));
    String teacher = in.readUTF();
    List<String> names = new ArrayList<>();
    List<String> identities = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(in.readUTF());
      identities.add(in.readUTF());
    }
    return new FaceChips(channel, file, width, height, dimension, teacher, names, identities);
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long position)
      throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into, position + into.position()) < 0) {
        throw new IOException("the file ended at " + (position + into.position()));
      }
    }
  }

  private long at(int i) {
    return HEAD + i * rowBytes(width, height, dimension);
  }

  @Override
  public int size() {
    return names.size();
  }

  @Override
  public String name(int i) {
    return names.get(i);
  }

  @Override
  public String identity(int i) {
    return identities.get(i);
  }

  @Override
  public FaceImage image(int i) throws IOException {
    int length = 3 * width * height;
    return FaceImage.ofRgb(
        width, height, Arrays.copyOf(checked(i, at(i), length, "pixels").array(), length));
  }

  /**
   * Reads the teacher's vector of a face.
   *
   * @param i 0 to {@code size() - 1}
   * @return the vector
   * @throws DatasetFormatException if it is damaged
   * @throws IOException if it cannot be read
   */
  public float[] vector(int i) throws IOException {
    int length = 4 * dimension;
    ByteBuffer bytes = checked(i, at(i) + 3L * width * height + CHECKSUM, length, "vector");
    float[] vector = new float[dimension];
    bytes.asFloatBuffer().get(vector);
    for (float value : vector) {
      if (!Float.isFinite(value)) {
        throw damaged(i, "vector holds " + value + ", which is not a number");
      }
    }
    return vector;
  }

  private ByteBuffer checked(int i, long position, int length, String what) throws IOException {
    Objects.checkIndex(i, size());
    ByteBuffer bytes = ByteBuffer.allocate(length + CHECKSUM);
    readAt(bytes, position);
    if (bytes.getInt(length) != checksum(i, bytes.array(), 0, length)) {
      throw damaged(i, what + " are not those of its checksum");
    }
    return bytes.flip().limit(length);
  }

  private DatasetFormatException damaged(int i, String what) {
    return new DatasetFormatException(
        file + " is damaged: face " + i + ": its " + what + "; prepare the faces again");
  }

  private void readAt(ByteBuffer into, long position) throws IOException {
    try {
      readFully(channel, into, position);
    } catch (ClosedChannelException e) {
      throw new IllegalStateException("the faces of " + file + " are closed", e);
    }
  }

  /** {@return the fingerprint of the model that computed the vectors} */
  public String teacher() {
    return teacher;
  }

  /** {@return the width of the chips in pixels} */
  public int width() {
    return width;
  }

  /** {@return the height of the chips in pixels} */
  public int height() {
    return height;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return file + ": " + size() + " faces, " + width + "x" + height + " pixels";
  }
}
