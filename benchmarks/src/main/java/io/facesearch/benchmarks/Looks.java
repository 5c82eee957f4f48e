package io.facesearch.benchmarks;

import io.facesearch.DetectedFace;
import io.facesearch.EmbeddedFace;
import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceImage;
import io.facesearch.FaceIndex;
import io.facesearch.FaceRecord;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.FeatureExtractor;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Preprocessing;
import io.facesearch.embed.Weights;
import io.facesearch.index.FlatIndex;
import io.facesearch.index.SigmoidTreeIndex;
import io.facesearch.train.CelebA;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.IdentitySplit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * How alike the photos look that are found, as shares of the 40 attributes that agree with the
 * query at each k, with 95 % intervals of a bootstrap over people. They are parted as {@code train}
 * parts them (seed 42), and the same queries are searched.
 *
 * <p>{@code Looks CELEBA IMAGENET SIZE}: by vectors that need no training of a network. Chance is a
 * random ranking, the ceiling the ranking by the true attributes; ridge regression learns the
 * attributes from the frozen features of the people who are trained on, and the validation people
 * choose how much it is damped.
 *
 * <p>{@code Looks CELEBA IMAGENET SIZE CHECKPOINT ...}: by trained checkpoints, with the gain over
 * the random head on the weights of IMAGENET that {@code train triplet} begins with, the interval
 * of that difference for the same people, and the times of all queries.
 */
public final class Looks {
  private static final int[] KS = {10, 20, 50, 100, 1000};
  private static final int ATTRIBUTES = 40;
  private static final int BOOTSTRAP = 1000;
  private static final long SEED = 42;
  private static final double[] DAMPING = {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};

  private Looks() {}

  /** Distances of two photos, smaller for those that are more alike. */
  private interface Distance {
    double of(Photo query, Photo photo);
  }

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if files cannot be read
   */
  public static void main(String[] args) throws Exception {
    int size = Integer.parseInt(args[2]);
    FaceDataset dataset = CelebA.read(Path.of(args[0])).dataset().withIdentitiesOf(2);
    IdentitySplit tested = IdentitySplit.of(dataset, 0.8, SEED);
    IdentitySplit validated = IdentitySplit.of(tested.train(), 0.9, SEED);
    IdentitySplit.Retrieval test = tested.queryAndGallery(SEED);
    List<Photo> photos = tested.test().photos();
    System.out.printf(
        Locale.ROOT,
        "%d queries, %d photos; %d of people trained on%n",
        test.queries().size(),
        test.gallery().size(),
        validated.train().photos().size());
    try (FaceNetwork network =
        FaceNetwork.create(
            new Architecture(Backbone.MOBILENET_V2, 128, true), ComputeDevice.cpu(), SEED)) {
      network.loadBackbone(Weights.read(Path.of(args[1])), true);
      Preprocessing input = Preprocessing.imageNet(size, size);
      if (args.length == 3) {
        simple(network, input, tested, validated);
      } else {
        Checkpoint start = Checkpoint.of(network).preprocessing(input).build();
        double[][] before = accuracy(test, distance(embed(start, photos)));
        print("random head", before);
        for (String file : List.of(args).subList(3, args.length)) {
          trained(Checkpoint.read(Path.of(file)), test, photos, before);
        }
      }
    }
  }

  private static void simple(
      FaceNetwork network, Preprocessing input, IdentitySplit tested, IdentitySplit validated)
      throws Exception {
    IdentitySplit.Retrieval test = tested.queryAndGallery(SEED);
    SplittableRandom random = new SplittableRandom(SEED);
    print("chance", accuracy(test, (query, photo) -> random.nextDouble()));
    print(
        "ceiling, the true attributes",
        accuracy(test, (q, p) -> Long.bitCount(q.attributes() ^ p.attributes())));
    Map<Photo, float[]> features = new ConcurrentHashMap<>();
    network.trainLast(0);
    try (FeatureExtractor trunk = network.extractor(input.height(), input.width())) {
      List<Photo> photos = new ArrayList<>(tested.train().photos());
      photos.addAll(tested.test().photos());
      Parallel.forEach(photos, p -> features.put(p, features(trunk, input, p)));
    }
    print("frozen features", accuracy(test, distance(features)));
    features.replaceAll((photo, vector) -> unit(vector));
    print("frozen features, cosine", accuracy(test, distance(features)));
    Map<Photo, float[]> predicted =
        ridge(features, validated.train().photos(), validated.test(), ATTRIBUTES);
    print("ridge regression", accuracy(test, distance(predicted)));
    Map<Photo, float[]> sface = sface(tested.test().photos());
    IdentitySplit.Retrieval found =
        new IdentitySplit.Retrieval(
            test.queries().stream().filter(sface::containsKey).toList(),
            test.gallery().stream().filter(sface::containsKey).toList());
    print("SFace", accuracy(found, distance(sface)));
    print("ridge regression beside SFace", accuracy(found, beside(found, predicted, sface)));
  }

  private static void trained(
      Checkpoint checkpoint, IdentitySplit.Retrieval test, List<Photo> photos, double[][] before)
      throws Exception {
    long start = System.nanoTime();
    Map<Photo, float[]> vectors = embed(checkpoint, photos);
    System.out.printf(
        Locale.ROOT,
        "%s: %d photos read and embedded in %.0f s%n",
        checkpoint.card().name(),
        photos.size(),
        (System.nanoTime() - start) / 1e9);
    double[][] after = accuracy(test, distance(vectors));
    print("  accuracy", after);
    print("  gain", difference(after, before));
    times("  flat", new FlatIndex(), test, vectors);
    times("  tree", SigmoidTreeIndex.builder().approximate(false).build(), test, vectors);
  }

  private static Map<Photo, float[]> embed(Checkpoint checkpoint, List<Photo> photos)
      throws Exception {
    Path file = Files.createTempFile("looks-", ".safetensors");
    Map<Photo, float[]> vectors = new ConcurrentHashMap<>();
    try {
      checkpoint.write(file);
      try (ModelFileEmbedder model =
          ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
        Parallel.forEach(
            photos,
            photo -> {
              FaceImage image = checkpoint.preprocessing().resize(FaceImage.read(photo.file()));
              vectors.put(photo, model.embed(List.of(image)).get(0).toArray());
            });
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return vectors;
  }

  /** Means over the last feature map. */
  private static float[] features(FeatureExtractor trunk, Preprocessing input, Photo photo)
      throws Exception {
    FaceImage image = input.resize(FaceImage.read(photo.file()));
    float[] map = trunk.extract((target, offset) -> input.write(image, false, target, offset));
    int channels = 1280;
    int area = map.length / channels;
    float[] means = new float[channels];
    for (int i = 0; i < map.length; i++) {
      means[i / area] += map[i] / area;
    }
    return means;
  }

  /** By the default chain; photos in which it finds no face are left out. */
  private static Map<Photo, float[]> sface(List<Photo> photos) throws Exception {
    Map<Photo, float[]> vectors = new ConcurrentHashMap<>();
    try (FaceAnalyzer faces = FaceAnalyzer.open()) {
      Parallel.forEach(
          photos,
          photo -> {
            FaceImage image = FaceImage.read(photo.file());
            Optional<DetectedFace> face = faces.detectOne(image);
            if (face.isPresent()) {
              vectors.put(photo, faces.embed(image, face.get()).toArray());
            }
          });
    }
    return vectors;
  }

  /** The attributes as +1 and -1, predicted for everybody. */
  private static Map<Photo, float[]> ridge(
      Map<Photo, float[]> features, List<Photo> train, FaceDataset validation, int targets) {
    int n = vector(features, train.get(0)).length;
    double[] mean = new double[n];
    double[] meanTarget = new double[targets];
    for (Photo photo : train) {
      float[] x = vector(features, photo);
      for (int i = 0; i < n; i++) {
        mean[i] += x[i] / (double) train.size();
      }
      for (int j = 0; j < targets; j++) {
        meanTarget[j] += target(photo, j) / (double) train.size();
      }
    }
    double[][] covariance = new double[n][n];
    double[][] with = new double[targets][n];
    int block = 512;
    for (int from = 0; from < train.size(); from += block) {
      List<Photo> some = train.subList(from, Math.min(train.size(), from + block));
      double[][] x = new double[some.size()][n];
      for (int r = 0; r < x.length; r++) {
        float[] v = vector(features, some.get(r));
        for (int i = 0; i < n; i++) {
          x[r][i] = v[i] - mean[i];
        }
      }
      IntStream.range(0, n)
          .parallel()
          .forEach(
              i -> {
                for (double[] row : x) {
                  double f = row[i];
                  double[] sums = covariance[i];
                  for (int j = 0; j <= i; j++) {
                    sums[j] += f * row[j];
                  }
                }
              });
      for (int j = 0; j < targets; j++) {
        for (int r = 0; r < x.length; r++) {
          double y = target(some.get(r), j) - meanTarget[j];
          for (int i = 0; i < n; i++) {
            with[j][i] += y * x[r][i];
          }
        }
      }
    }
    double trace = IntStream.range(0, n).mapToDouble(i -> covariance[i][i]).sum() / n;
    IdentitySplit.Retrieval chooser = IdentitySplit.queryAndGallery(validation, SEED);
    Map<Photo, float[]> best = Map.of();
    double most = -1;
    for (double damping : DAMPING) {
      double[][] weights = solve(covariance, damping * trace, with);
      Map<Photo, float[]> predicted = new ConcurrentHashMap<>();
      features.forEach((photo, x) -> predicted.put(photo, predict(weights, mean, meanTarget, x)));
      double[] accuracy = accuracy(chooser, distance(predicted))[0];
      double score = Arrays.stream(accuracy).average().orElseThrow();
      System.out.printf(
          Locale.ROOT, "ridge %.3f: validation people %.2f %% at k = 10%n", damping, 100 * score);
      if (score > most) {
        most = score;
        best = predicted;
      }
    }
    return best;
  }

  private static int target(Photo photo, int attribute) {
    return (photo.attributes() >> attribute & 1) == 1 ? 1 : -1;
  }

  private static float[] predict(double[][] weights, double[] mean, double[] bias, float[] x) {
    float[] y = new float[weights.length];
    for (int j = 0; j < y.length; j++) {
      double sum = bias[j];
      for (int i = 0; i < x.length; i++) {
        sum += weights[j][i] * (x[i] - mean[i]);
      }
      y[j] = (float) sum;
    }
    return y;
  }

  /** By Cholesky's decomposition; of the matrix its lower half is read. */
  private static double[][] solve(double[][] matrix, double damping, double[][] right) {
    int n = matrix.length;
    double[][] l = new double[n][];
    for (int i = 0; i < n; i++) {
      l[i] = Arrays.copyOf(matrix[i], i + 1);
      l[i][i] += damping;
      for (int j = 0; j <= i; j++) {
        double sum = l[i][j];
        for (int k = 0; k < j; k++) {
          sum -= l[i][k] * l[j][k];
        }
        l[i][j] = i == j ? Math.sqrt(sum) : sum / l[j][j];
      }
    }
    double[][] solutions = new double[right.length][];
    for (int r = 0; r < right.length; r++) {
      double[] x = right[r].clone();
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
          x[i] -= l[i][k] * x[k];
        }
        x[i] /= l[i][i];
      }
      for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) {
          x[i] -= l[k][i] * x[k];
        }
        x[i] /= l[i][i];
      }
      solutions[r] = x;
    }
    return solutions;
  }

  private static float[] unit(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    float[] scaled = vector.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] /= (float) Math.sqrt(squares);
    }
    return scaled;
  }

  private static float[] vector(Map<Photo, float[]> vectors, Photo photo) {
    return Objects.requireNonNull(vectors.get(photo));
  }

  /** Squared L2 distance. */
  private static Distance distance(Map<Photo, float[]> vectors) {
    return (query, photo) -> {
      float[] a = vector(vectors, query);
      float[] b = vector(vectors, photo);
      float sum = 0;
      for (int i = 0; i < a.length; i++) {
        float d = a[i] - b[i];
        sum += d * d;
      }
      return sum;
    };
  }

  /** Both weigh the same: scaled by the mean squared distances of a query and a photo. */
  private static Distance beside(
      IdentitySplit.Retrieval test, Map<Photo, float[]> first, Map<Photo, float[]> second) {
    Distance one = distance(first);
    Distance other = distance(second);
    double ratio = mean(test, one) / mean(test, other);
    return (query, photo) -> one.of(query, photo) + ratio * other.of(query, photo);
  }

  private static double mean(IdentitySplit.Retrieval test, Distance distance) {
    double sum = 0;
    for (Photo query : test.queries()) {
      for (Photo photo : test.gallery()) {
        sum += distance.of(query, photo);
      }
    }
    return sum / test.queries().size() / test.gallery().size();
  }

  /** By k and query. Of photos that are equally near, those that come first count. */
  private static double[][] accuracy(IdentitySplit.Retrieval test, Distance distance) {
    double[][] accuracy = new double[KS.length][test.queries().size()];
    int n = test.gallery().size();
    for (int q = 0; q < test.queries().size(); q++) {
      Photo query = test.queries().get(q);
      double[] distances = new double[n];
      for (int i = 0; i < n; i++) {
        distances[i] = distance.of(query, test.gallery().get(i));
      }
      int[] order =
          IntStream.range(0, n)
              .boxed()
              .sorted((a, b) -> Double.compare(distances[a], distances[b]))
              .mapToInt(i -> i)
              .toArray();
      for (int k = 0; k < KS.length; k++) {
        int first = Math.min(KS[k], n);
        long differing = 0;
        for (int i = 0; i < first; i++) {
          differing +=
              Long.bitCount(query.attributes() ^ test.gallery().get(order[i]).attributes());
        }
        accuracy[k][q] = 1 - (double) differing / first / ATTRIBUTES;
      }
    }
    return accuracy;
  }

  private static double[][] difference(double[][] after, double[][] before) {
    double[][] gain = new double[after.length][];
    for (int k = 0; k < gain.length; k++) {
      double[] a = after[k];
      double[] b = before[k];
      gain[k] = IntStream.range(0, a.length).mapToDouble(q -> a[q] - b[q]).toArray();
    }
    return gain;
  }

  /** Each person has one query. */
  private static void print(String name, double[][] byQuery) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-30s", name));
    for (double[] values : byQuery) {
      SplittableRandom random = new SplittableRandom(SEED);
      double[] means = new double[BOOTSTRAP];
      for (int r = 0; r < BOOTSTRAP; r++) {
        for (int i = 0; i < values.length; i++) {
          means[r] += values[random.nextInt(values.length)] / values.length;
        }
      }
      Arrays.sort(means);
      line.append(
          String.format(
              Locale.ROOT,
              "  %.2f [%.2f, %.2f]",
              100 * Arrays.stream(values).average().orElseThrow(),
              100 * means[BOOTSTRAP / 40],
              100 * means[BOOTSTRAP - 1 - BOOTSTRAP / 40]));
    }
    System.out.println(line);
  }

  /** Of all queries, one after the other, after a warm-up. */
  private static void times(
      String name, FaceIndex index, IdentitySplit.Retrieval test, Map<Photo, float[]> vectors) {
    List<EmbeddedFace> faces = new ArrayList<>();
    for (Photo photo : test.gallery()) {
      faces.add(
          new EmbeddedFace(
              FaceRecord.of(photo.file().toString(), photo.identity()),
              Embedding.of("looks", vector(vectors, photo))));
    }
    index.addAll(faces);
    List<Embedding> queries =
        test.queries().stream().map(p -> Embedding.of("looks", vector(vectors, p))).toList();
    StringBuilder line = new StringBuilder(name + ", s for all queries:");
    for (int warm = 0; warm < 3; warm++) {
      queries.forEach(query -> index.search(query, KS[KS.length - 1]));
    }
    for (int k : KS) {
      long start = System.nanoTime();
      queries.forEach(query -> index.search(query, k));
      line.append(String.format(Locale.ROOT, " %.3f", (System.nanoTime() - start) / 1e9));
    }
    System.out.println(line);
  }
}
