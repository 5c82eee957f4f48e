package io.facesearch.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.facesearch.FaceSearchException;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.FeatureExtractor;
import io.facesearch.internal.AtomicFile;
import io.facesearch.internal.PrivateFiles;
import io.facesearch.internal.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the frozen trunk makes of each image, in a file: once as it is, and for more views as often
 * augmented. The file starts with a digest of all that it depends on, and is made anew if another
 * is needed. Each output has a checksum; a damaged one is a {@link DatasetFormatException}.
 */
final class TrunkCache implements Inputs, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrunkCache.class);

  private static final int DIGEST = 32;
  private static final int BATCH = 64;
  private static final int CHECKSUM = 4;

  /** Images that are read between two looks whether to stop. */
  private static final int IMAGES = 1024;

  private final Path file;
  private final Inputs pixels;
  private final long[] shape;
  private final int views;
  private final FileChannel channel;

  private TrunkCache(Path file, Inputs pixels, long[] shape, int views, FileChannel channel) {
    this.file = file;
    this.pixels = pixels;
    this.shape = shape;
    this.views = views;
    this.channel = channel;
  }

  /** Shape of what the trunk makes of one input. */
  static long[] shape(Block trunk, Inputs inputs) {
    long[] in = inputs.shape();
    long[] out =
        trunk.getOutputShapes(new Shape[] {new Shape(1, in[0], in[1], in[2])})[0].getShape();
    return Arrays.copyOfRange(out, 1, out.length);
  }

  static long bytes(Block trunk, Inputs inputs, int views) {
    long floats = 1;
    for (long side : shape(trunk, inputs)) {
      floats *= side;
    }
    return DIGEST + (4 * floats + CHECKSUM) * inputs.size() * views;
  }

  /** Opens the file, or makes it. */
  static TrunkCache open(Path file, FaceNetwork network, PixelInputs pixels, int views, long seed)
      throws IOException {
    Block trunk = network.trunk();
    byte[] digest = digest(trunk, pixels, views, seed);
    long size = bytes(trunk, pixels, views);
    if (!Files.exists(file) || !upToDate(file, digest, size)) {
      log.info(
          "trunk outputs of {} images, {} views each: {} MB in {}",
          pixels.size(),
          views,
          size >> 20,
          file);
      Path temporary = file.resolveSibling(file.getFileName() + ".part");
      try {
        write(temporary, digest, network, pixels, views, seed);
        AtomicFile.replace(temporary, file);
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new TrunkCache(file, pixels, shape(trunk, pixels), views, channel);
  }

  private static boolean upToDate(Path file, byte[] digest, long size) throws IOException {
    if (Files.size(file) != size) {
      return false;
    }
    try (var in = Files.newInputStream(file)) {
      return Arrays.equals(in.readNBytes(DIGEST), digest);
    }
  }

  /** Of all that the outputs come from; reads every image, which costs far less than the trunk. */
  private static byte[] digest(Block trunk, PixelInputs pixels, int views, long seed)
      throws IOException {
    MessageDigest sha = Sha256.digest();
    sha.update((views + " " + seed).getBytes(StandardCharsets.UTF_8));
    Augmentation used = views == 1 ? Augmentation.NONE : pixels.augmentation();
    sha.update((pixels.preprocessing() + " " + used).getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < pixels.size(); i++) {
      sha.update((pixels.name(i) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    for (int from = 0; from < pixels.size(); from += IMAGES) {
      if (Thread.currentThread().isInterrupted()) {
        throw new FaceSearchException("stopped while the images of the trunk's outputs were read");
      }
      int to = Math.min(pixels.size(), from + IMAGES);
      try {
        IntStream.range(from, to)
            .parallel()
            .mapToObj(i -> digest(pixels, i))
            .forEachOrdered(sha::update);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    trunk
        .getParameters()
        .forEach(
            pair -> {
              Parameter parameter = pair.getValue();
              sha.update(pair.getKey().getBytes(StandardCharsets.UTF_8));
              sha.update(parameter.getArray().toByteBuffer(true));
            });
    return sha.digest();
  }

  /** Of an image as the trunk would be fed with it: its name alone does not tell its pixels. */
  private static byte[] digest(PixelInputs pixels, int image) {
    try {
      return pixels.digest(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      throw new UncheckedIOException(
          new IOException(pixels.name(image) + ": " + e.getMessage(), e));
    }
  }

  private static void write(
      Path file, byte[] digest, FaceNetwork network, PixelInputs pixels, int views, long seed)
      throws IOException {
    long[] in = pixels.shape();
    long total = (long) pixels.size() * views;
    try (FileChannel out =
            PrivateFiles.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        FeatureExtractor trunk = network.extractor((int) in[1], (int) in[2])) {
      out.write(ByteBuffer.wrap(digest));
      for (long from = 0; from < total; from += BATCH) {
        if (Thread.currentThread().isInterrupted()) {
          throw new FaceSearchException("stopped while the trunk's outputs were made");
        }
        int n = (int) Math.min(BATCH, total - from);
        if (from / BATCH * 10 / (total / BATCH + 1)
            != (from / BATCH - 1) * 10 / (total / BATCH + 1)) {
          log.info("trunk outputs: {} of {}", from, total);
        }
        long first = from;
        ByteBuffer[] rows = new ByteBuffer[n];
        // Kept, not thrown: other threads still use the extractor.
        AtomicReference<IOException> failure = new AtomicReference<>();
        IntStream.range(0, n)
            .parallel()
            .forEach(
                i -> {
                  try {
                    rows[i] = row(trunk, pixels, first + i, views, seed);
                  } catch (IOException e) {
                    failure.set(e);
                  } catch (RuntimeException e) {
                    int image = (int) ((first + i) / views);
                    failure.set(new IOException(pixels.name(image) + ": " + e.getMessage(), e));
                  }
                });
        if (failure.get() != null) {
          throw failure.get();
        }
        for (ByteBuffer row : rows) {
          while (row.hasRemaining()) {
            out.write(row);
          }
        }
      }
      out.force(true);
    }
  }

  /** The output for a view of an image, and its checksum. */
  private static ByteBuffer row(
      FeatureExtractor trunk, Inputs pixels, long row, int views, long seed) throws IOException {
    int image = (int) (row / views);
    int view = (int) (row % views);
    SplittableRandom random = view == 0 ? null : Samplers.random(seed, -2 - view, image);
    float[] values = trunk.extract((target, offset) -> pixels.write(image, random, target, offset));
    int each = Float.BYTES * values.length;
    ByteBuffer bytes = ByteBuffer.allocate(each + CHECKSUM);
    bytes.order(ByteOrder.nativeOrder()).asFloatBuffer().put(values);
    return bytes
        .order(ByteOrder.BIG_ENDIAN)
        .putInt(each, checksum(row, bytes.array(), each))
        .rewind();
  }

  @Override
  public int size() {
    return pixels.size();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public String name(int i) {
    return pixels.name(i);
  }

  @Override
  public String identity(int i) {
    return pixels.identity(i);
  }

  @Override
  public void write(int i, @Nullable SplittableRandom random, FloatBuffer target, int offset)
      throws IOException {
    int view = random == null ? 0 : random.nextInt(views);
    int length = 4 * floats();
    ByteBuffer bytes = ByteBuffer.allocate(length + CHECKSUM);
    long row = (long) i * views + view;
    long position = DIGEST + row * bytes.capacity();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw damaged(i, "the file ends early");
      }
    }
    if (bytes.getInt(length) != checksum(row, bytes.array(), length)) {
      throw damaged(i, "it is not that of its checksum");
    }
    FloatBuffer values = bytes.flip().limit(length).order(ByteOrder.nativeOrder()).asFloatBuffer();
    target.put(offset, values, 0, floats());
  }

  private DatasetFormatException damaged(int i, String what) {
    return new DatasetFormatException(
        file + " is damaged: output of image " + i + ": " + what + "; delete the file");
  }

  /** Depends on the place, so that rows that were exchanged are found. */
  private static int checksum(long row, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(8).putLong(0, row));
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
