package io.facesearch.eval;

import io.facesearch.DetectedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceImageReader;
import io.facesearch.FaceQuality;
import io.facesearch.FaceSearchException;
import io.facesearch.ImageFormatException;
import io.facesearch.IndexingListener;
import io.facesearch.IndexingProgress;
import io.facesearch.internal.BulkPipeline;
import io.facesearch.internal.LockedFile;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A cache of embeddings in one file, so that each pipeline embeds a photo only once. The key is the
 * SHA-256 of the photo's bytes and of {@link FaceAnalyzer#configuration()}, which identifies model,
 * detector, landmarks and aligner with their settings: changed photos or pipelines are embedded
 * again, renamed or copied photos are not.
 *
 * <p>The file only grows, record by record, each with a checksum. A killed run loses the photos
 * that it was working on, and the next run continues after the last complete record. A damaged
 * record and everything after it are dropped, and their photos embedded again. The file may be
 * deleted at any time when it is not open. While open, it is held in memory, about 1 kB per photo
 * at 128 dimensions, and locked against other processes.
 *
 * <p>Thread-safe; embedding runs one call at a time, on all cores.
 */
public final class EmbeddingCache implements AutoCloseable {
  private static final byte[] MAGIC = {'F', 'A', 'C', 'E', 'E', 'M', 'B', '1'};

  /** Raised when what is measured beside the embedding changes. */
  private static final String CONTENT = "embedding and quality, version 1";

  private static final int KEY = 32;
  private static final int MAX_RECORD = 1 << 20;

  /** {@code vector} is null where the photo has no face. */
  private record Entry(float @Nullable [] vector, double[] quality, long nanos) {}

  private record Outcome(
      Path file,
      @Nullable ByteBuffer key,
      @Nullable Entry entry,
      @Nullable String broken,
      boolean cached) {}

  private final Path file;
  private final LockedFile locked;
  private final FileChannel channel;
  private final Map<ByteBuffer, Entry> entries = new HashMap<>();
  private boolean closed;

  private EmbeddingCache(Path file, LockedFile locked) {
    this.file = file;
    this.locked = locked;
    channel = locked.channel();
  }

  /**
   * Opens a cache, or creates an empty one.
   *
   * @param file the file
   * @return the cache; the caller closes it
   * @throws FaceSearchException if the file is not a cache, or already open
   * @throws IOException if it cannot be read or written
   */
  public static EmbeddingCache open(Path file) throws IOException {
    LockedFile locked = LockedFile.open(file);
    if (locked == null) {
      throw new FaceSearchException(
          "the embedding cache " + file + " is in use by another run; wait, or name another");
    }
    try {
      EmbeddingCache cache = new EmbeddingCache(file, locked);
      cache.read();
      return cache;
    } catch (IOException | RuntimeException | Error e) {
      locked.close();
      throw e;
    }
  }

  private void read() throws IOException {
    long size = channel.size();
    ByteBuffer head = ByteBuffer.allocate(MAGIC.length);
    readFully(head, 0);
    if (head.position() < MAGIC.length) {
      // Empty, or killed while it was made.
      for (int i = 0; i < head.position(); i++) {
        requireMagic(head.get(i) == MAGIC[i]);
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(MAGIC), 0);
      channel.position(MAGIC.length);
      return;
    }
    requireMagic(Arrays.equals(head.array(), MAGIC));
    long position = MAGIC.length;
    ByteBuffer length = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    while (position + 4 <= size) {
      length.clear();
      readFully(length, position);
      int bytes = length.getInt(0);
      if (bytes < KEY || bytes > MAX_RECORD || position + 8 + bytes > size) {
        break;
      }
      ByteBuffer record = ByteBuffer.allocate(bytes + 4).order(ByteOrder.LITTLE_ENDIAN);
      readFully(record, position + 4);
      CRC32C crc = new CRC32C();
      crc.update(record.array(), 0, bytes);
      if ((int) crc.getValue() != record.getInt(bytes) || !decode(record.flip().limit(bytes))) {
        break;
      }
      position += 8 + bytes;
    }
    // What follows was cut short by a crash, or damaged: it is embedded anew.
    channel.truncate(position);
    channel.position(position);
  }

  private void requireMagic(boolean is) {
    if (!is) {
      throw new FaceSearchException(
          file + " is not an embedding cache; name another file, it will not be overwritten");
    }
  }

  private void readFully(ByteBuffer into, long position) throws IOException {
    while (into.hasRemaining()) {
      int n = channel.read(into, position + into.position());
      if (n < 0) {
        return;
      }
    }
  }

  private boolean decode(ByteBuffer in) {
    byte[] key = new byte[KEY];
    in.get(key);
    if (in.remaining() < 16) {
      return false;
    }
    long nanos = in.getLong();
    int measures = in.getInt();
    int dimension = in.getInt();
    if (measures < 0
        || dimension < 0
        || in.remaining() != 8L * measures + 4L * dimension
        || measures > FaceQuality.Reason.values().length) {
      return false;
    }
    double[] quality = new double[measures];
    in.asDoubleBuffer().get(quality);
    in.position(in.position() + 8 * measures);
    float[] vector = null;
    if (dimension > 0) {
      vector = new float[dimension];
      in.asFloatBuffer().get(vector);
    }
    entries.put(ByteBuffer.wrap(key), new Entry(vector, quality, nanos));
    return true;
  }

  private void append(ByteBuffer key, Entry entry) throws IOException {
    float[] vector = entry.vector == null ? new float[0] : entry.vector;
    int dimension = vector.length;
    int bytes = KEY + 16 + 8 * entry.quality.length + 4 * dimension;
    ByteBuffer out = ByteBuffer.allocate(bytes + 8).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(bytes).put(key.duplicate()).putLong(entry.nanos);
    out.putInt(entry.quality.length).putInt(dimension);
    for (double value : entry.quality) {
      out.putDouble(value);
    }
    for (int i = 0; i < dimension; i++) {
      out.putFloat(vector[i]);
    }
    CRC32C crc = new CRC32C();
    crc.update(out.array(), 4, bytes);
    out.putInt((int) crc.getValue()).flip();
    long start = channel.position();
    try {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    } catch (IOException e) {
      // A full disk: what would come after half a record could not be read.
      channel.truncate(start);
      throw e;
    }
    entries.put(key, entry);
  }

  /** {@return the number of photos in the cache, of all pipelines} */
  public synchronized int size() {
    return entries.size();
  }

  /**
   * Embeds photos, or takes their embeddings from the cache. Of each photo, the pipeline chooses
   * one face. A file that is not an image is reported in its result and does not stop the run.
   *
   * @param faces the pipeline
   * @param photos image files
   * @param listener receives the progress; false stops the run, as does an interrupt
   * @return one result per photo, in the same order; if the run was stopped, only those of the
   *     photos before the stop
   * @throws FaceSearchException if the pipeline does not report its configuration
   * @throws IOException if the cache cannot be written
   */
  public synchronized List<EmbeddedPhoto> embed(
      FaceAnalyzer faces, List<Path> photos, IndexingListener listener) throws IOException {
    if (closed) {
      throw new IllegalStateException("this EmbeddingCache is closed");
    }
    byte[] pipeline =
        faces
            .configuration()
            .map(c -> (CONTENT + "\n" + c + "\n").getBytes(StandardCharsets.UTF_8))
            .orElseThrow(
                () ->
                    new FaceSearchException(
                        "a part of the pipeline does not report its configuration, so its"
                            + " embeddings"
                            + " cannot be cached; override configuration() in detector, landmarker"
                            + " and aligner"));
    try {
      return work(faces, pipeline, photos, listener);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      channel.force(false);
    }
  }

  private List<EmbeddedPhoto> work(
      FaceAnalyzer faces, byte[] pipeline, List<Path> photos, IndexingListener listener) {
    List<EmbeddedPhoto> results = new ArrayList<>(photos.size());
    Progress progress = new Progress(photos.size(), listener);
    if (!progress.report(results)) {
      return results;
    }
    String model = faces.model().fingerprint();
    // What is new is put in while batches run, so lookups go through a snapshot.
    Map<ByteBuffer, Entry> known = Map.copyOf(entries);
    new BulkPipeline("facesearch-embed", Runtime.getRuntime().availableProcessors())
        .<Path, Outcome>run(
            photos.iterator(),
            batch -> process(faces, pipeline, known, batch),
            outcomes -> {
              for (Outcome outcome : outcomes) {
                keep(outcome);
                EmbeddedPhoto photo = result(faces, model, outcome);
                results.add(photo);
                progress.count(photo, outcome);
              }
              return progress.report(results);
            });
    return results;
  }

  private void keep(Outcome outcome) {
    if (outcome.entry != null && outcome.key != null && !entries.containsKey(outcome.key)) {
      try {
        append(outcome.key, outcome.entry);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Counts what came of the photos. */
  private static final class Progress {
    private final long total;
    private final IndexingListener listener;
    private final long start = System.nanoTime();
    private int found;
    private int noFace;
    private int broken;

    Progress(long total, IndexingListener listener) {
      this.total = total;
      this.listener = listener;
    }

    void count(EmbeddedPhoto photo, Outcome outcome) {
      found += photo.embedding().isPresent() ? 1 : 0;
      broken += photo.broken().isPresent() ? 1 : 0;
      noFace += outcome.entry != null && outcome.entry.vector == null ? 1 : 0;
    }

    boolean report(List<EmbeddedPhoto> done) {
      return listener.onProgress(
          new IndexingProgress(
              done.size(),
              total,
              found,
              noFace,
              broken,
              Duration.ofNanos(System.nanoTime() - start)));
    }
  }

  private static EmbeddedPhoto result(FaceAnalyzer faces, String model, Outcome outcome) {
    Path file = outcome.file;
    Entry entry = outcome.entry;
    if (entry == null) {
      return new EmbeddedPhoto(file, null, null, outcome.broken, Duration.ZERO, false);
    }
    List<FaceQuality.Measure> measures = new ArrayList<>();
    for (int r = 0; r < entry.quality.length; r++) {
      if (!Double.isNaN(entry.quality[r])) {
        FaceQuality.Reason reason = FaceQuality.Reason.values()[r];
        measures.add(
            new FaceQuality.Measure(reason, entry.quality[r], faces.qualityCheck().limit(reason)));
      }
    }
    float[] vector = entry.vector;
    boolean face = vector != null;
    return new EmbeddedPhoto(
        file,
        vector == null ? null : Embedding.of(model, vector),
        face ? new FaceQuality(measures) : null,
        null,
        Duration.ofNanos(entry.nanos),
        outcome.cached);
  }

  private static List<Outcome> process(
      FaceAnalyzer faces, byte[] pipeline, Map<ByteBuffer, Entry> known, List<Path> photos) {
    List<Outcome> outcomes = new ArrayList<>();
    List<FaceImage> chips = new ArrayList<>();
    List<Integer> withChip = new ArrayList<>();
    for (Path photo : photos) {
      if (Thread.currentThread().isInterrupted()) {
        break;
      }
      ByteBuffer key;
      try {
        key = ByteBuffer.wrap(key(pipeline, photo));
      } catch (IOException e) {
        outcomes.add(new Outcome(photo, null, null, e.toString(), false));
        continue;
      }
      Entry entry = known.get(key);
      if (entry != null) {
        outcomes.add(new Outcome(photo, key, entry, null, true));
        continue;
      }
      long start = System.nanoTime();
      FaceImage image;
      try {
        image = FaceImageReader.DEFAULT.read(photo);
      } catch (IOException | ImageFormatException e) {
        outcomes.add(new Outcome(photo, null, null, e.getMessage(), false));
        continue;
      }
      Optional<DetectedFace> face = faces.detectOne(image);
      double[] quality = {};
      if (face.isPresent()) {
        FaceImage chip = faces.align(image, face.get());
        quality = values(faces.qualityCheck().measure(image, face.get(), chip));
        withChip.add(outcomes.size());
        chips.add(chip);
      }
      outcomes.add(
          new Outcome(
              photo, key, new Entry(null, quality, System.nanoTime() - start), null, false));
    }
    if (!chips.isEmpty()) {
      long start = System.nanoTime();
      List<Embedding> embeddings = faces.embedAligned(chips);
      long each = (System.nanoTime() - start) / chips.size();
      for (int c = 0; c < chips.size(); c++) {
        Outcome before = outcomes.get(withChip.get(c));
        Entry measured = Objects.requireNonNull(before.entry);
        Entry entry =
            new Entry(embeddings.get(c).toArray(), measured.quality, measured.nanos + each);
        outcomes.set(withChip.get(c), new Outcome(before.file, before.key, entry, null, false));
      }
    }
    return outcomes;
  }

  private static double[] values(FaceQuality quality) {
    double[] values = new double[FaceQuality.Reason.values().length];
    Arrays.fill(values, Double.NaN);
    for (FaceQuality.Measure measure : quality.measures()) {
      values[measure.reason().ordinal()] = measure.value();
    }
    return values;
  }

  /** Reads the file through, so that a huge one takes no memory. */
  private static byte[] key(byte[] pipeline, Path photo) throws IOException {
    MessageDigest digest = Sha256.digest();
    try (InputStream in = new DigestInputStream(Files.newInputStream(photo), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    byte[] hash = digest.digest();
    digest.update(pipeline);
    return digest.digest(hash);
  }

  /** Forces the file to disk and closes it. Calling it again does nothing. */
  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      try (locked) {
        channel.force(true);
      }
    }
  }
}
