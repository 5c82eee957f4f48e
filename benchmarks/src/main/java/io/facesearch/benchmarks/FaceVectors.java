package io.facesearch.benchmarks;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Vectors like those of real faces, from the statistics of 13,233 photos: person = mean + between ·
 * z₁, photo = person + within · z₂ with standard normal z. Queries are further photos of people in
 * the gallery. The photos of one person do not follow each other: the order is shuffled, since the
 * recall of graph indexes depends on the order in which they are built. Deterministic for a seed.
 *
 * @param gallery one row a photo
 * @param queries one row a query
 */
record FaceVectors(float[][] gallery, float[][] queries) {
  static final int DIMENSION = 128;
  private static final int MOST_PHOTOS = 60;

  /**
   * Makes a data set.
   *
   * @param statistics folder with {@code mean.f32}, {@code between.f32}, {@code within.f32} and
   *     {@code photos_per_person.csv}
   * @param kind {@code face20}: 20 photos a person; {@code face2}: drawn as in the statistics;
   *     {@code face20-unit} and {@code face2-unit}: the same, divided by their norms; {@code
   *     isotropic-512} (or another dimension): unit vectors of two or three photos a person that
   *     vary as much in every direction, without statistics
   */
  static FaceVectors make(Path statistics, String kind, int count, int queries, long seed)
      throws IOException {
    if (kind.startsWith("isotropic-")) {
      return isotropic(Integer.parseInt(kind.substring(10)), count, queries, seed);
    }
    float[] mean = read(statistics.resolve("mean.f32"));
    float[] between = read(statistics.resolve("between.f32"));
    float[] within = read(statistics.resolve("within.f32"));
    int[] photos = photosPerPerson(statistics.resolve("photos_per_person.csv"));
    Random random = new Random(seed);
    int[] personOf = new int[count];
    int people = 0;
    for (int photo = 0; photo < count; people++) {
      int take =
          switch (kind) {
            case "face20", "face20-unit" -> 20;
            case "face2", "face2-unit" -> photos[random.nextInt(photos.length)];
            default ->
                throw new IllegalArgumentException(
                    "face20, face2, face20-unit, face2-unit or isotropic-512, but is: " + kind);
          };
      for (int i = 0; i < take && photo < count; i++) {
        personOf[photo++] = people;
      }
    }
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int person = personOf[i];
      personOf[i] = personOf[other];
      personOf[other] = person;
    }
    float[][] centers = new float[people][];
    IntStream.range(0, people)
        .parallel()
        .forEach(p -> centers[p] = add(mean, between, new Random(seed * 31 + 1_000_000_007L * p)));
    float[][] gallery = new float[count][];
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i ->
                gallery[i] =
                    add(
                        centers[personOf[i]],
                        within,
                        new Random(seed * 37 + 1_000_000_009L * (i + 1L))));
    float[][] asked = new float[queries][];
    for (int q = 0; q < queries; q++) {
      asked[q] = add(centers[personOf[random.nextInt(count)]], within, random);
    }
    if (kind.endsWith("-unit")) {
      Arrays.stream(gallery).parallel().forEach(FaceVectors::normalize);
      Arrays.stream(asked).forEach(FaceVectors::normalize);
    }
    return new FaceVectors(gallery, asked);
  }

  private static FaceVectors isotropic(int dimension, int count, int queries, long seed) {
    Random random = new Random(seed);
    float[][] people = new float[2 * count / 5 + 1][dimension];
    for (float[] person : people) {
      for (int j = 0; j < dimension; j++) {
        person[j] = (float) random.nextGaussian();
      }
    }
    float[][] all = new float[count + queries][];
    for (int i = 0; i < all.length; i++) {
      int person = i < 2 * people.length ? i / 2 : random.nextInt(people.length);
      all[i] = people[i < count ? person : random.nextInt(people.length)].clone();
      for (int j = 0; j < dimension; j++) {
        all[i][j] += 0.6f * (float) random.nextGaussian();
      }
      normalize(all[i]);
    }
    Collections.shuffle(Arrays.asList(all).subList(0, count), random);
    return new FaceVectors(
        Arrays.copyOf(all, count), Arrays.copyOfRange(all, count, count + queries));
  }

  private static void normalize(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    for (int j = 0; j < vector.length; j++) {
      vector[j] = (float) (vector[j] / Math.sqrt(sum));
    }
  }

  /** Point + factor · z. */
  private static float[] add(float[] point, float[] factor, Random random) {
    float[] z = new float[DIMENSION];
    for (int j = 0; j < DIMENSION; j++) {
      z[j] = (float) random.nextGaussian();
    }
    float[] result = new float[DIMENSION];
    for (int i = 0; i < DIMENSION; i++) {
      float sum = point[i];
      for (int j = 0; j < DIMENSION; j++) {
        sum += factor[i * DIMENSION + j] * z[j];
      }
      result[i] = sum;
    }
    return result;
  }

  /** The number of photos of each person, at most 60. */
  private static int[] photosPerPerson(Path file) throws IOException {
    List<Integer> photos = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      String[] fields = line.split(",", -1);
      for (int i = Integer.parseInt(fields[1].strip()); i > 0; i--) {
        photos.add(Math.min(MOST_PHOTOS, Integer.parseInt(fields[0].strip())));
      }
    }
    return photos.stream().mapToInt(Integer::intValue).toArray();
  }

  private static float[] read(Path file) throws IOException {
    FloatBuffer floats =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    float[] values = new float[floats.remaining()];
    floats.get(values);
    return values;
  }

  /** Reads the rows of a file that {@link #write} wrote. */
  static float[][] rows(Path file) throws IOException {
    try (var channel = FileChannel.open(file)) {
      float[][] rows = new float[(int) (channel.size() / (4 * DIMENSION))][DIMENSION];
      ByteBuffer buffer = ByteBuffer.allocate(4 * DIMENSION).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] row : rows) {
        buffer.clear();
        while (buffer.hasRemaining()) {
          if (channel.read(buffer) < 0) {
            throw new EOFException(file + " became shorter while it was read");
          }
        }
        buffer.flip().asFloatBuffer().get(row);
      }
      return rows;
    }
  }

  /** Writes rows one behind the other, as little-endian floats. */
  static void write(Path file, float[][] rows) throws IOException {
    try (var channel = FileChannel.open(file, CREATE, WRITE, TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.allocate(4 * rows[0].length).order(ByteOrder.LITTLE_ENDIAN);
      for (float[] row : rows) {
        buffer.clear();
        buffer.asFloatBuffer().put(row);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }
  }
}
