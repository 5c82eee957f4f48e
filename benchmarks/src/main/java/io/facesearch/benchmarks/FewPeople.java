package io.facesearch.benchmarks;

import io.facesearch.FaceImage;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Preprocessing;
import io.facesearch.train.Augmentation;
import io.facesearch.train.CelebA;
import io.facesearch.train.FaceChips;
import io.facesearch.train.LabeledImages;
import io.facesearch.train.TrainingRecipe;
import io.facesearch.train.TripletLoss;
import io.facesearch.train.TripletTraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Whether training on the few people of one's own helps to recognize them: {@code FewPeople CELEBA
 * CHIPS CHECKPOINT PEOPLE DRAWS STEPS}. In each draw so many people, whom the checkpoint has not
 * seen, give all photos but one to a gallery, and are trained on; the last photo of each is
 * identified, and so are strangers. Compared are the teacher whose vectors are in CHIPS, the
 * checkpoint, and the checkpoint fine-tuned on the gallery's photos; each by the nearest photo and
 * by the nearest person's mean vector.
 */
public final class FewPeople {
  private static final int STRANGERS = 400;
  private static final double FPIR = 0.01;
  private static final int BOOTSTRAP = 1000;

  private FewPeople() {}

  /**
   * What the vectors of one draw say: distances of probes that got the right name, and of
   * strangers.
   */
  private record Draw(double[] rightDistances, int wrong, double[] strangers) {}

  /**
   * Runs it.
   *
   * @param args see the class comment
   * @throws Exception if photos cannot be read or a training fails
   */
  public static void main(String[] args) throws Exception {
    int people = Integer.parseInt(args[3]);
    int draws = Integer.parseInt(args[4]);
    int steps = Integer.parseInt(args[5]);
    Checkpoint checkpoint = Checkpoint.read(Path.of(args[2]));
    Map<String, List<Draw>> results = new LinkedHashMap<>();
    try (FaceChips chips = FaceChips.open(Path.of(args[1]))) {
      LabeledImages unseen =
          TrainingRecipe.builder()
              .build()
              .parts(CelebA.read(Path.of(args[0])).dataset())
              .withImages(chips)
              .test();
      Map<String, Integer> places = new HashMap<>();
      for (int i = 0; i < chips.size(); i++) {
        places.put(chips.name(i), i);
      }
      for (int draw = 0; draw < draws; draw++) {
        Split split = Split.of(unseen, people, draw);
        float[][] teacher = new float[split.images().size()][];
        for (int i = 0; i < teacher.length; i++) {
          teacher[i] = chips.vector(Objects.requireNonNull(places.get(split.images().name(i))));
        }
        add(results, "teacher", split, teacher);
        add(results, "checkpoint", split, embed(checkpoint, split.images()));
        try (FaceNetwork network = checkpoint.network(ComputeDevice.cpu())) {
          tune(network, checkpoint.preprocessing(), split, steps, draw);
          Checkpoint tuned =
              Checkpoint.of(network).preprocessing(checkpoint.preprocessing()).build();
          add(results, "fine-tuned", split, embed(tuned, split.images()));
        }
        System.err.println("draw " + (draw + 1) + " of " + draws);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d people, %d draws, %d strangers each, %d steps; right first, and right at FPIR %.2f%n",
        people,
        draws,
        STRANGERS,
        steps,
        FPIR);
    results.forEach(FewPeople::print);
  }

  /**
   * @param images first those of the gallery, then the probes, then strangers
   */
  private record Split(LabeledImages images, int gallery, int probes) {
    static Split of(LabeledImages all, int people, int seed) {
      Map<String, List<Integer>> byPerson = new LinkedHashMap<>();
      for (int i = 0; i < all.size(); i++) {
        byPerson.computeIfAbsent(all.identity(i), person -> new ArrayList<>()).add(i);
      }
      List<List<Integer>> persons = new ArrayList<>(byPerson.values());
      Random random = new Random(seed);
      Collections.shuffle(persons, random);
      List<Integer> gallery = new ArrayList<>();
      List<Integer> probes = new ArrayList<>();
      List<Integer> strangers = new ArrayList<>();
      for (List<Integer> photos : persons) {
        if (probes.size() < people && photos.size() >= 5) {
          Collections.shuffle(photos, random);
          probes.add(photos.get(0));
          gallery.addAll(photos.subList(1, photos.size()));
        } else if (strangers.size() < STRANGERS) {
          strangers.add(photos.get(0));
        }
      }
      List<Integer> chosen = new ArrayList<>(gallery);
      chosen.addAll(probes);
      chosen.addAll(strangers);
      return new Split(
          all.subset(chosen.stream().mapToInt(i -> i).toArray()), gallery.size(), probes.size());
    }
  }

  private static void tune(
      FaceNetwork network, Preprocessing preprocessing, Split split, int steps, int seed)
      throws Exception {
    LabeledImages gallery = split.images().subset(IntStream.range(0, split.gallery()).toArray());
    Path cache = Files.createTempFile("trunk-", ".bin");
    try {
      Files.delete(cache);
      TripletTraining.mined(
              network,
              preprocessing,
              gallery,
              new TripletLoss(0.5, true, TripletLoss.Mining.SEMI_HARD),
              Math.min(10, split.probes()),
              4)
          .trainedLayers(10)
          .augmentation(new Augmentation(0.5, 0.5, 0.3))
          .trunkCache(cache, 4)
          .seed(seed)
          .steps(steps)
          .build()
          .run();
    } finally {
      Files.deleteIfExists(cache);
    }
  }

  private static float[][] embed(Checkpoint checkpoint, LabeledImages images) throws Exception {
    Path file = Files.createTempFile("few-", ".safetensors");
    try {
      checkpoint.write(file);
      try (ModelFileEmbedder embedder =
          ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
        float[][] vectors = new float[images.size()][];
        for (int i = 0; i < vectors.length; i++) {
          FaceImage image = checkpoint.preprocessing().resize(images.image(i));
          vectors[i] = embedder.embed(List.of(image)).get(0).toArray();
        }
        return vectors;
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static void add(
      Map<String, List<Draw>> results, String name, Split split, float[][] vectors) {
    List<String> names = new ArrayList<>();
    List<float[]> photos = new ArrayList<>();
    Map<String, float[]> sums = new LinkedHashMap<>();
    for (int i = 0; i < split.gallery(); i++) {
      String person = split.images().identity(i);
      names.add(person);
      photos.add(vectors[i]);
      float[] sum = sums.computeIfAbsent(person, p -> new float[vectors[0].length]);
      for (int j = 0; j < sum.length; j++) {
        sum[j] += vectors[i][j];
      }
    }
    List<float[]> means = new ArrayList<>();
    sums.forEach((person, sum) -> means.add(scaled(sum, Collections.frequency(names, person))));
    results
        .computeIfAbsent(name + ", nearest photo", n -> new ArrayList<>())
        .add(draw(split, vectors, names, photos));
    results
        .computeIfAbsent(name + ", mean of a person", n -> new ArrayList<>())
        .add(draw(split, vectors, List.copyOf(sums.keySet()), means));
  }

  private static float[] scaled(float[] sum, int count) {
    float[] mean = sum.clone();
    for (int j = 0; j < mean.length; j++) {
      mean[j] /= count;
    }
    return mean;
  }

  private static Draw draw(
      Split split, float[][] vectors, List<String> names, List<float[]> gallery) {
    int probesEnd = split.gallery() + split.probes();
    List<Double> right = new ArrayList<>();
    double[] strangers = new double[vectors.length - probesEnd];
    for (int i = split.gallery(); i < vectors.length; i++) {
      double least = Double.POSITIVE_INFINITY;
      int nearest = -1;
      for (int g = 0; g < gallery.size(); g++) {
        double distance = distance(vectors[i], gallery.get(g));
        if (distance < least) {
          least = distance;
          nearest = g;
        }
      }
      if (i >= probesEnd) {
        strangers[i - probesEnd] = least;
      } else if (names.get(nearest).equals(split.images().identity(i))) {
        right.add(least);
      }
    }
    return new Draw(
        right.stream().mapToDouble(d -> d).toArray(), split.probes() - right.size(), strangers);
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  private static void print(String name, List<Draw> draws) {
    double[] closed = new double[BOOTSTRAP];
    double[] open = new double[BOOTSTRAP];
    Random random = new Random(1);
    for (int b = 0; b < BOOTSTRAP; b++) {
      List<Draw> some = new ArrayList<>();
      draws.forEach(draw -> some.add(draws.get(random.nextInt(draws.size()))));
      closed[b] = rightFirst(some);
      open[b] = rightAtRate(some);
    }
    System.out.printf(
        Locale.ROOT,
        "%-32s %.3f [%s]   %.3f [%s]%n",
        name,
        rightFirst(draws),
        interval(closed),
        rightAtRate(draws),
        interval(open));
  }

  private static String interval(double[] values) {
    Arrays.sort(values);
    return String.format(
        Locale.ROOT, "%.3f, %.3f", values[BOOTSTRAP / 40], values[BOOTSTRAP - 1 - BOOTSTRAP / 40]);
  }

  private static double rightFirst(List<Draw> draws) {
    return (double) draws.stream().mapToInt(draw -> draw.rightDistances().length).sum()
        / probes(draws);
  }

  /** Each draw has the threshold that its own model gives to its strangers. */
  private static double rightAtRate(List<Draw> draws) {
    long named = 0;
    for (Draw draw : draws) {
      double[] strangers = draw.strangers().clone();
      Arrays.sort(strangers);
      double threshold = strangers[(int) (FPIR * strangers.length)];
      named += Arrays.stream(draw.rightDistances()).filter(d -> d < threshold).count();
    }
    return (double) named / probes(draws);
  }

  private static int probes(List<Draw> draws) {
    return draws.stream().mapToInt(draw -> draw.rightDistances().length + draw.wrong()).sum();
  }
}
