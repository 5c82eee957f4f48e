package io.facesearch.benchmarks;

import io.facesearch.Embedding;
import io.facesearch.FaceAnalyzer;
import io.facesearch.FaceChoice;
import io.facesearch.FaceImage;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.Checkpoint;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.ModelFileEmbedder;
import io.facesearch.embed.Preprocessing;
import io.facesearch.embed.Weights;
import io.facesearch.train.CelebA;
import io.facesearch.train.FaceDataset;
import io.facesearch.train.FaceDataset.Photo;
import io.facesearch.train.LabeledImages;
import io.facesearch.train.OptimizerSettings;
import io.facesearch.train.TripletLoss;
import io.facesearch.train.TripletTraining;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Whether fine-tuning helps who has few people: {@code FewPeople CELEBA IMAGENET_WEIGHTS GROUPS
 * STEPS}. In each group ten people are known by three photos and asked for by the others: by the
 * default model as it is, nearest photo and mean vector, and by a MobileNet-V2 before and after it
 * is fine-tuned on just these photos.
 */
public final class FewPeople {
  private static final int PEOPLE = 10;
  private static final int KNOWN = 3;
  private static final long SEED = 42;
  private static final Preprocessing PIXELS = Preprocessing.imageNet(218, 218);

  private FewPeople() {}

  /** A vector gives one of the photos. */
  private interface Vectors {
    Embedding of(Photo photo) throws Exception;
  }

  public static void main(String[] args) throws Exception {
    FaceDataset all = CelebA.read(Path.of(args[0])).dataset().withIdentitiesOf(KNOWN + 1);
    Weights imageNet = Weights.read(Path.of(args[1]));
    List<List<Photo>> people = new ArrayList<>(all.byIdentity().values());
    Collections.shuffle(people, new Random(SEED));
    Map<String, int[]> right = new LinkedHashMap<>();
    try (FaceAnalyzer faces = FaceAnalyzer.builder().choice(FaceChoice.MOST_CENTRAL).build()) {
      for (int g = 0; g < Integer.parseInt(args[2]); g++) {
        List<List<Photo>> group = people.subList(g * PEOPLE, (g + 1) * PEOPLE);
        Vectors model =
            photo -> {
              FaceImage image = FaceImage.read(photo.file());
              return faces.embed(image, faces.detectOne(image).orElseThrow());
            };
        count(right, "default model, nearest photo", group, model, false);
        count(right, "default model, mean vector", group, model, true);
        try (FaceNetwork network =
            FaceNetwork.create(
                new Architecture(Backbone.MOBILENET_V2, 128, true), ComputeDevice.cpu(), SEED)) {
          network.loadBackbone(imageNet, true);
          List<Photo> known =
              group.stream().flatMap(photos -> photos.subList(0, KNOWN).stream()).toList();
          train(network, known, 1, 1e-9);
          byNetwork(right, "ImageNet, before", group, network);
          train(network, known, Integer.parseInt(args[3]), 5e-4);
          byNetwork(right, "ImageNet, fine-tuned on the ten", group, network);
        }
      }
    }
    right.forEach(
        (way, n) ->
            System.out.printf(
                Locale.ROOT, "%-34s %4d of %4d, %.3f%n", way, n[0], n[1], (double) n[0] / n[1]));
  }

  private static void train(FaceNetwork network, List<Photo> known, int steps, double rate)
      throws Exception {
    Path cache = Files.createTempFile("few-people", ".trunk");
    try {
      TripletTraining.mined(
              network,
              PIXELS,
              LabeledImages.of(known),
              new TripletLoss(0.2, true, TripletLoss.Mining.SEMI_HARD),
              PEOPLE,
              KNOWN)
          .optimizer(
              new OptimizerSettings(OptimizerSettings.Kind.ADAMW, rate, 0.01, 0.9, 10, 5, 0.1))
          .trunkCache(cache, 1)
          .steps(steps)
          .build()
          .run();
    } finally {
      Files.delete(cache);
    }
  }

  private static void byNetwork(
      Map<String, int[]> right, String way, List<List<Photo>> group, FaceNetwork network)
      throws Exception {
    Path file = Files.createTempFile("few-people", ".safetensors");
    try {
      Checkpoint.of(network).preprocessing(PIXELS).build().write(file);
      try (ModelFileEmbedder embedder =
          ModelFileEmbedder.builder(file).device(ComputeDevice.cpu()).build()) {
        count(
            right,
            way,
            group,
            photo -> embedder.embed(List.of(PIXELS.resize(FaceImage.read(photo.file())))).get(0),
            false);
      }
    } finally {
      Files.delete(file);
    }
  }

  private static void count(
      Map<String, int[]> right, String way, List<List<Photo>> group, Vectors vectors, boolean mean)
      throws Exception {
    List<List<Embedding>> known = new ArrayList<>();
    for (List<Photo> photos : group) {
      List<Embedding> of = new ArrayList<>();
      for (Photo photo : photos.subList(0, KNOWN)) {
        of.add(vectors.of(photo));
      }
      known.add(mean ? List.of(mean(of)) : of);
    }
    int[] n = right.computeIfAbsent(way, w -> new int[2]);
    for (int person = 0; person < group.size(); person++) {
      for (Photo photo : group.get(person).subList(KNOWN, group.get(person).size())) {
        Embedding probe = vectors.of(photo);
        int best = -1;
        double least = Double.POSITIVE_INFINITY;
        for (int other = 0; other < known.size(); other++) {
          for (Embedding vector : known.get(other)) {
            double distance = probe.distanceTo(vector);
            if (distance < least) {
              least = distance;
              best = other;
            }
          }
        }
        n[0] += best == person ? 1 : 0;
        n[1]++;
      }
    }
  }

  private static Embedding mean(List<Embedding> vectors) {
    float[] sum = new float[vectors.get(0).dimension()];
    double squares = 0;
    for (int i = 0; i < sum.length; i++) {
      for (Embedding vector : vectors) {
        sum[i] += vector.get(i);
      }
      squares += (double) sum[i] * sum[i];
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] /= (float) Math.sqrt(squares);
    }
    return Embedding.of(vectors.get(0).model(), sum);
  }
}
