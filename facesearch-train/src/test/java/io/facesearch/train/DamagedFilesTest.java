package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.AlignmentTemplate;
import io.facesearch.FaceImage;
import io.facesearch.FaceSearchException;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.Weights;
import io.facesearch.embed.WeightsFormatException;
import io.facesearch.train.FaceDataset.Photo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of training that were damaged: a typed exception, or the same content, nothing else. */
class DamagedFilesTest {
  @TempDir private Path folder;

  /** With holes in place of its data; the small one can be read, but not taken apart. */
  @Test
  void aStateLargerThanTheHeapIsToldAsSuch() throws Exception {
    for (int values : new int[] {10_000_000, 150_000_000}) {
      byte[] header =
          ("{\"__metadata__\":{\"facesearch-training\":\"3\"},\"w\":{\"dtype\":\"F32\",\"shape\":["
                  + values
                  + "],\"data_offsets\":[0,"
                  + 4L * values
                  + "]}}")
              .getBytes(StandardCharsets.UTF_8);
      Path file = folder.resolve("state" + values);
      try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
        out.writeLong(Long.reverseBytes(header.length));
        out.write(header);
        out.setLength(8 + header.length + 4L * values);
      }
      Path output = folder.resolve("output");
      ProcessBuilder builder =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx100m",
                  StateReader.class.getName(),
                  file.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
      Process process = builder.start();
      try {
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      assertThat(Files.readString(output))
          .startsWith("InsufficientMemoryException: " + file)
          .contains("does not fit into the heap of 100 MB", "start java with -Xmx");
    }
  }

  /** Reads a state in a JVM of its own. */
  static final class StateReader {
    private StateReader() {}

    public static void main(String[] args) throws IOException {
      try {
        System.out.println(TrainingState.read(Path.of(args[0])));
      } catch (FaceSearchException e) {
        System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  private static int mutations(int standard) {
    return Integer.getInteger("facesearch.test.mutations", standard);
  }

  /** Some bits, some bytes, a piece cut out, the end cut off, or something added. */
  private static byte[] mutate(byte[] file, Random random) {
    byte[] changed = file.clone();
    int range = random.nextInt(3) == 0 ? Math.min(200, file.length) : file.length;
    int at = random.nextInt(range);
    switch (random.nextInt(6)) {
      case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> changed[at] = (byte) random.nextInt(256);
      case 2 -> {
        for (int i = at; i < Math.min(file.length, at + 8); i++) {
          changed[i] = (byte) random.nextInt(256);
        }
      }
      case 3 -> changed = Arrays.copyOf(file, at);
      case 4 -> changed = Arrays.copyOf(file, file.length + 1 + random.nextInt(100));
      default -> {
        int from = random.nextInt(file.length);
        int length = Math.min(64, file.length - Math.max(at, from));
        System.arraycopy(file, from, changed, at, length);
      }
    }
    return changed;
  }

  /** Reads what was damaged in many ways, and compares it with what was written. */
  private static void assertSameOrRefused(Path file, int mutations, Function<Path, List<?>> read)
      throws IOException {
    byte[] whole = Files.readAllBytes(file);
    List<?> expected = read.apply(file);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < mutations; i++) {
      Files.write(file, mutate(whole, random));
      try {
        assertThat(read.apply(file)).as("mutation %s of seed %s", i, seed).isEqualTo(expected);
      } catch (FaceSearchException e) {
        assertThat(e.getMessage()).as("mutation %s of seed %s", i, seed).contains("" + file);
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("mutation " + i + " of seed " + seed, e);
      }
    }
    assertThat(refused).isGreaterThan(mutations / 2);
    Files.write(file, whole);
  }

  private Path chips() throws IOException {
    List<Photo> photos =
        IntStream.range(0, 5)
            .mapToObj(i -> new Photo(Path.of(i + ".jpg"), "person " + i, 0, null))
            .toList();
    Path file = folder.resolve("faces.fsc");
    AlignmentTemplate template = AlignmentTemplate.box("box", 6, 5, 0);
    Random random = new Random(1);
    try (FaceChipsWriter writer = new FaceChipsWriter(file, "teacher", template, 7, photos)) {
      for (Photo photo : photos) {
        byte[] pixels = new byte[90];
        random.nextBytes(pixels);
        float[] vector = new float[7];
        for (int i = 0; i < 7; i++) {
          vector[i] = random.nextFloat();
        }
        writer.write(photo, pixels, vector);
      }
      writer.done(5);
      writer.finish();
    }
    return file;
  }

  private static List<Object> contentOfChips(Path file) {
    try (FaceChips faces = FaceChips.open(file)) {
      List<Object> content = new ArrayList<>(List.of(faces.teacher(), faces.width(), faces.size()));
      for (int i = 0; i < faces.size(); i++) {
        content.add(faces.name(i));
        content.add(faces.identity(i));
        content.add(faces.image(i));
        content.add(Arrays.toString(faces.vector(i)));
      }
      return content;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void facesAreThoseThatWereWrittenOrRefused() throws IOException {
    assertSameOrRefused(chips(), mutations(1000), DamagedFilesTest::contentOfChips);
  }

  @Test
  void vectorsOfPreparedFacesAreNumbers() throws IOException {
    Path file = chips();
    byte[] bytes = Files.readAllBytes(file);
    // As if it had been written so: the checksum is right.
    byte[] row = FaceChips.row(1, new byte[90], new float[] {0, 1, Float.NaN, 3, 4, 5, 6}).array();
    System.arraycopy(row, 0, bytes, FaceChips.HEAD + row.length, row.length);
    Files.write(file, bytes);
    try (FaceChips faces = FaceChips.open(file)) {
      assertThat(faces.vector(0)).hasSize(7);
      assertThatThrownBy(() -> faces.vector(1))
          .isInstanceOf(DatasetFormatException.class)
          .hasMessageContaining("face 1: its vector holds NaN");
    }
  }

  @Test
  void facesOfTheOldVersionAreRefused() throws IOException {
    Path file = chips();
    byte[] bytes = Files.readAllBytes(file);
    bytes[7] = '1';
    Files.write(file, bytes);
    assertThatThrownBy(() -> FaceChips.open(file).close())
        .isInstanceOf(DatasetFormatException.class)
        .hasMessageContaining("is of another version; make one with FaceChips.prepare");
  }

  @Test
  void trunkOutputsAreThoseThatWereWrittenOrRefused() throws IOException {
    Path file = folder.resolve("trunk.bin");
    try (FaceNetwork network = TestNetworks.network(true)) {
      network.trainLast(4);
      PixelInputs pixels =
          new PixelInputs(
              TestNetworks.images(2, 2, 32), TestNetworks.preprocessing(32), Augmentation.NONE);
      TrunkCache.open(file, network, pixels, 1, 1).close();
      byte[] whole = Files.readAllBytes(file);
      Random random = new Random(5);
      int refused = 0;
      for (int n = 0; n < mutations(200); n++) {
        byte[] changed = whole.clone();
        // Behind the digest, which makes the file anew if it is another.
        changed[32 + random.nextInt(whole.length - 32)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, changed);
        try (TrunkCache cache = TrunkCache.open(file, network, pixels, 1, 1)) {
          for (int i = 0; i < cache.size(); i++) {
            cache.write(i, null, FloatBuffer.allocate(cache.floats()), 0);
          }
        } catch (DatasetFormatException e) {
          assertThat(e).hasMessageContaining("is damaged").hasMessageContaining("delete the file");
          refused++;
        }
      }
      assertThat(refused).isEqualTo(mutations(200));
    }
  }

  @Test
  void trunkOutputsOfOtherImagesUnderTheSameNamesAreMadeAnew() throws IOException {
    Path file = folder.resolve("trunk.bin");
    try (FaceNetwork network = TestNetworks.network(true)) {
      network.trainLast(4);
      LabeledImages images = TestNetworks.images(2, 2, 32);
      byte[] first = trunkOutputs(file, network, images);
      assertThat(trunkOutputs(file, network, images)).isEqualTo(first);
      // One pixel of the last image is another.
      LabeledImages changed =
          new LabeledImages() {
            @Override
            public int size() {
              return images.size();
            }

            @Override
            public String name(int i) {
              return images.name(i);
            }

            @Override
            public String identity(int i) {
              return images.identity(i);
            }

            @Override
            public FaceImage image(int i) throws IOException {
              FaceImage image = images.image(i);
              byte[] rgb = new byte[3 * image.width() * image.height()];
              image.rgb().get(rgb);
              rgb[rgb.length / 2] += (byte) (i == size() - 1 ? 100 : 0);
              return FaceImage.ofRgb(image.width(), image.height(), rgb);
            }
          };
      byte[] second = trunkOutputs(file, network, changed);
      Files.delete(file);
      byte[] fresh = trunkOutputs(file, network, changed);
      assertThat(second).as("not what was made of the former images").isEqualTo(fresh);
      int row = (first.length - 32) / images.size();
      byte[] before = Arrays.copyOfRange(first, first.length - row, first.length);
      byte[] after = Arrays.copyOfRange(second, second.length - row, second.length);
      assertThat(after).as("the pixel makes a difference").isNotEqualTo(before);
    }
  }

  private static byte[] trunkOutputs(Path file, FaceNetwork network, LabeledImages images)
      throws IOException {
    PixelInputs pixels = new PixelInputs(images, TestNetworks.preprocessing(32), Augmentation.NONE);
    TrunkCache.open(file, network, pixels, 1, 1).close();
    return Files.readAllBytes(file);
  }

  private static List<Object> contentOfState(Path file) {
    try {
      TrainingState state = TrainingState.read(file);
      List<Object> content = new ArrayList<>(List.of(state.about()));
      state.tensors().forEach((name, values) -> content.add(name + Arrays.toString(values)));
      return content;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void stateIsThatWhichWasSavedOrRefused() throws IOException {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    Random random = new Random(2);
    for (String name : List.of("weight/a", "weight/b", "first/a", "second/a", "best/a")) {
      float[] values = new float[40];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextFloat();
      }
      tensors.put(name, values);
    }
    Path file = folder.resolve("run.state");
    new TrainingState(tensors, Map.of("step", "3", "settings", "some")).write(file);
    assertSameOrRefused(file, mutations(1000), DamagedFilesTest::contentOfState);
  }

  @Test
  void stateOfTheOldVersionIsRefused() throws IOException {
    Path file = folder.resolve("old.state");
    Weights.write(file, Map.of("weight/a", new float[4]), Map.of("facesearch-training", "1"));
    assertThatThrownBy(() -> TrainingState.read(file))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining("another version of facesearch; delete it");
  }

  @Test
  void labelsOfStoppedPreparationThatAreDamagedAreMadeAgain() throws IOException {
    List<Photo> photos =
        List.of(
            new Photo(Path.of("a.jpg"), "ann", 0, null),
            new Photo(Path.of("b.jpg"), "bob", 0, null));
    Path file = folder.resolve("part.fsc");
    AlignmentTemplate template = AlignmentTemplate.box("box", 2, 2, 0);
    try (FaceChipsWriter writer = new FaceChipsWriter(file, "t", template, 1, photos)) {
      writer.write(photos.get(0), new byte[12], new float[1]);
      writer.done(1);
    }
    Path labels = folder.resolve("part.fsc.part.labels");
    String changed = Files.readString(labels, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(changed).contains("ann");
    Files.writeString(
        labels, changed.replace("ann", "bob"), java.nio.charset.StandardCharsets.ISO_8859_1);
    try (FaceChipsWriter writer = new FaceChipsWriter(file, "t", template, 1, photos)) {
      assertThat(writer.done()).isZero();
      assertThat(writer.count()).isZero();
    }
  }
}
