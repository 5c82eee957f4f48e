package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.facesearch.FaceSearchException;
import io.facesearch.embed.Architecture;
import io.facesearch.embed.Backbone;
import io.facesearch.embed.ComputeDevice;
import io.facesearch.embed.FaceNetwork;
import io.facesearch.embed.WeightsFormatException;
import io.facesearch.train.TripletLoss.Mining;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  private static final int SIZE = 32;

  @TempDir Path folder;

  private static TrainingRun.Builder triplets(FaceNetwork network, Mining mining) {
    LabeledImages images = TestNetworks.images(6, 3, SIZE);
    TripletLoss loss = new TripletLoss(0.3, true, mining);
    return (mining == Mining.RANDOM
            ? TripletTraining.random(network, TestNetworks.preprocessing(SIZE), images, loss, 4)
            : TripletTraining.mined(network, TestNetworks.preprocessing(SIZE), images, loss, 4, 2))
        .optimizer(new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-3, 0.01, 0.9, 2, 5, 1));
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, values) -> assertThat(found.get(name)).as(name).isEqualTo(values));
  }

  private Map<String, float[]> train(
      Mining mining, String name, int stopAfter, int workers, boolean cached) throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      TrainingRun.Builder run =
          triplets(network, mining)
              .steps(8)
              .workers(workers)
              .validation(TestNetworks.images(5, 2, SIZE), 2, 100)
              .state(folder.resolve(name + ".state"), 1000, Duration.ofDays(1))
              .log(folder.resolve(name + ".csv"))
              .listener(report -> report.step() + 1 != stopAfter);
      if (cached) {
        run.trunkCache(folder.resolve(name + ".cache"), 3);
      }
      TrainingResult result = run.build().run();
      assertThat(result.finished()).isEqualTo(stopAfter == 0);
      assertThat(result.steps()).isEqualTo(stopAfter == 0 ? 8 : stopAfter);
      return TestNetworks.weights(network);
    }
  }

  @Test
  void resumedRunEqualsUninterruptedBitForBitWhateverTheWorkers() throws Exception {
    for (boolean cached : new boolean[] {false, true}) {
      Map<String, float[]> whole = train(Mining.SEMI_HARD, "whole" + cached, 0, 1, cached);
      train(Mining.SEMI_HARD, "parts" + cached, 3, 2, cached);
      train(Mining.SEMI_HARD, "parts" + cached, 6, 3, cached);
      assertSame(train(Mining.SEMI_HARD, "parts" + cached, 0, 2, cached), whole);
      List<String> log = Files.readAllLines(folder.resolve("parts" + cached + ".csv"));
      assertThat(log).hasSize(9);
      for (int i = 0; i < 8; i++) {
        assertThat(log.get(i + 1)).startsWith(i + ",");
      }
      assertThat(log.get(0)).startsWith("step,loss,active,positive,negative,variance");
    }
  }

  @Test
  void aStateOfOtherSettingsIsRefused() throws Exception {
    train(Mining.SEMI_HARD, "other", 2, 1, false);
    assertThatThrownBy(() -> train(Mining.RANDOM, "other", 0, 1, false))
        .isInstanceOf(FaceSearchException.class)
        .hasMessageContaining("other settings")
        .hasMessageContaining("RANDOM");
  }

  @Test
  void aStateOfSenselessCountersOrNumbersIsRefused() throws Exception {
    train(Mining.SEMI_HARD, "bad", 2, 1, false);
    Path file = folder.resolve("bad.state");
    TrainingState state = TrainingState.read(file);
    for (String change : List.of("step=-1", "bestStep=99")) {
      Map<String, String> about = new TreeMap<>(state.about());
      about.put(change.split("=")[0], change.split("=")[1]);
      assertRefused(new TrainingState(state.tensors(), about), file);
    }
    Map<String, String> fewer = new TreeMap<>(state.about());
    fewer.remove("watched");
    assertRefused(new TrainingState(state.tensors(), fewer), file);
    for (String name : state.tensors().keySet().stream().limit(1).toList()) {
      Map<String, float[]> tensors = new TreeMap<>(state.tensors());
      float[] values = tensors.get(name).clone();
      values[values.length / 2] = Float.NaN;
      tensors.put(name, values);
      assertRefused(new TrainingState(tensors, state.about()), file);
      tensors.put(name, new float[values.length + 1]);
      assertRefused(new TrainingState(tensors, state.about()), file);
      tensors.remove(name);
      tensors.put("weight/other", values);
      assertRefused(new TrainingState(tensors, state.about()), file);
    }
  }

  private void assertRefused(TrainingState state, Path file) throws Exception {
    state.write(file);
    assertThatThrownBy(() -> train(Mining.SEMI_HARD, "bad", 0, 1, false))
        .isInstanceOf(WeightsFormatException.class)
        .hasMessageContaining(file + " is damaged")
        .hasMessageContaining("delete it to start over");
  }

  @Test
  void cachedTrunkEqualsTheTrunkItself() throws Exception {
    StepReport[] first = new StepReport[2];
    for (int i = 0; i < 2; i++) {
      try (FaceNetwork network = TestNetworks.network(false)) {
        TrainingRun.Builder run =
            triplets(network, Mining.RANDOM).steps(1).augmentation(Augmentation.NONE);
        if (i == 1) {
          run.trunkCache(folder.resolve("trunk"), 1);
        }
        first[i] = run.build().run().reports().get(0);
        if (i == 1) {
          long bytes = run.trunkCacheBytes();
          // 18 images, 160 channels of 1 x 1 and their checksum, and a digest.
          assertThat(bytes).isEqualTo(32 + 18 * (160 * 4 + 4));
          assertThat(folder.resolve("trunk")).hasSize(bytes);
        }
      }
    }
    // Batches of other sizes are rounded otherwise.
    assertThat(first[1].loss()).isCloseTo(first[0].loss(), withinPercentage(0.01));
    assertThat(first[1].positive()).isCloseTo(first[0].positive(), withinPercentage(0.01));
    assertThat(first[1].gradientNorm()).isCloseTo(first[0].gradientNorm(), withinPercentage(1));
  }

  @Test
  void frozenLayersStayBitIdenticalAndTheLastOnesMove() throws Exception {
    frozenAfter(5);
  }

  @Test
  @Tag("slow")
  void frozenLayersStayBitIdenticalOver200Steps() throws Exception {
    frozenAfter(200);
  }

  private static void frozenAfter(int steps) throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      Map<String, float[]> before = TestNetworks.weights(network);
      triplets(network, Mining.SEMI_HARD).steps(steps).build().run();
      int frozen = 0;
      for (Map.Entry<String, float[]> after : TestNetworks.weights(network).entrySet()) {
        String name = after.getKey();
        boolean trained =
            name.matches("(embedding|features\\.18|features\\.17\\.conv)\\..*")
                || name.matches("features\\.16\\.conv\\.[23]\\..*");
        frozen += trained ? 0 : 1;
        assertThat(Arrays.equals(after.getValue(), before.get(name))).as(name).isEqualTo(!trained);
      }
      // Of 264 tensors ten layers have 25, the head 4.
      assertThat(frozen).isEqualTo(235);
    }
  }

  @Test
  void headAloneAndWholeNetworkCanBeTrained() throws Exception {
    for (int layers : new int[] {0, Integer.MAX_VALUE}) {
      try (FaceNetwork network = TestNetworks.network(false)) {
        Map<String, float[]> before = TestNetworks.weights(network);
        triplets(network, Mining.RANDOM).trainedLayers(layers).steps(2).build().run();
        Map<String, float[]> after = TestNetworks.weights(network);
        boolean firstMoved =
            !Arrays.equals(before.get("features.0.0.weight"), after.get("features.0.0.weight"));
        boolean statisticsMoved =
            !Arrays.equals(
                before.get("features.18.1.running_mean"), after.get("features.18.1.running_mean"));
        assertThat(firstMoved).isEqualTo(layers > 0);
        assertThat(statisticsMoved).isEqualTo(layers > 0);
        assertThat(after.get("embedding.0.weight")).isNotEqualTo(before.get("embedding.0.weight"));
      }
    }
  }

  @Test
  void distillationApproachesTheTeacher() throws Exception {
    float[][] teacher = new float[18][128];
    for (int i = 0; i < teacher.length; i++) {
      teacher[i] = TestNetworks.weight("teacher." + i, 128);
    }
    try (FaceNetwork network = TestNetworks.network(false)) {
      TrainingResult result =
          Distillation.of(
                  network,
                  TestNetworks.preprocessing(SIZE),
                  TestNetworks.images(6, 3, SIZE),
                  teacher,
                  9)
              .augmentation(Augmentation.NONE)
              .steps(12)
              .optimizer(
                  new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-2, 0.01, 0.9, 100, 5, 1))
              .build()
              .run();
      double first = result.reports().get(0).loss();
      double last = result.reports().get(11).loss();
      assertThat(last).isLessThan(0.8 * first);
    }
  }

  @Test
  void tripletsPullPeopleApart() throws Exception {
    try (FaceNetwork network = TestNetworks.network(true)) {
      TrainingResult result =
          triplets(network, Mining.SEMI_HARD)
              .augmentation(Augmentation.NONE)
              .trunkCache(folder.resolve("c"), 1)
              .steps(40)
              .build()
              .run();
      double first =
          result.reports().stream().limit(5).mapToDouble(StepReport::loss).average().orElseThrow();
      double last =
          result.reports().stream().skip(35).mapToDouble(StepReport::loss).average().orElseThrow();
      assertThat(last).isLessThan(0.7 * first);
    }
  }

  @Test
  void validationKeepsTheBestWeightsAndEndsEarly() throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      TrainingResult result =
          triplets(network, Mining.SEMI_HARD)
              .steps(50)
              .validation(TestNetworks.images(5, 2, SIZE), 1, 2)
              .build()
              .run();
      double[] recalls = result.reports().stream().mapToDouble(StepReport::score).toArray();
      double best = Arrays.stream(recalls).max().orElseThrow();
      assertThat(result.bestScore()).isEqualTo(best);
      assertThat(recalls[(int) result.bestStep() - 1]).isEqualTo(best);
      if (result.steps() < 50) {
        assertThat(result.steps()).isEqualTo(result.bestStep() + 2);
        assertThat(result.finished()).isTrue();
      }
    }
  }

  @Test
  void anInterruptedRunSavesItsStateAndCanBeResumed() throws Exception {
    Path state = folder.resolve("state");
    try (FaceNetwork network = TestNetworks.network(false)) {
      TrainingRun.Builder run =
          triplets(network, Mining.RANDOM)
              .steps(4)
              .trunkCache(folder.resolve("c"), 1)
              .state(state, 1000, Duration.ofDays(1))
              .listener(
                  report -> {
                    if (report.step() == 1) {
                      Thread.currentThread().interrupt();
                    }
                    return true;
                  });
      TrainingRun first = run.build();
      assertThat(first.run().finished()).isFalse();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(state).exists();
      assertThatThrownBy(first::run).isInstanceOf(IllegalStateException.class);
      TrainingResult rest = run.build().run();
      assertThat(rest.finished()).isTrue();
      assertThat(rest.reports()).hasSize(2);
    }
  }

  @Test
  void collapseIsToldWithinTheFirstHundredSteps() throws Exception {
    AtomicLong last = new AtomicLong();
    try (FaceNetwork network = TestNetworks.network(false)) {
      GradientSteps.memory(network.parameters().get("embedding.2.weight").getArray())
          .put(0, new float[128 * 128]);
      TrainingRun run =
          triplets(network, Mining.BATCH_HARD)
              .trainedLayers(0)
              .trunkCache(folder.resolve("c"), 1)
              .steps(500)
              .listener(
                  report -> {
                    last.set(report.step());
                    return true;
                  })
              .build();
      assertThatThrownBy(run::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("collapsed")
          .hasMessageContaining("margin of 0.3")
          .hasMessageContaining("semi-hard");
    }
    assertThat(last.get()).isLessThan(100);
  }

  @Test
  void aStartWhoseDistancesAreTinyAgainstTheMarginIsTold() throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      FloatBuffer last =
          GradientSteps.memory(network.parameters().get("embedding.2.weight").getArray());
      for (int i = 0; i < last.capacity(); i++) {
        last.put(i, 1e-3f * last.get(i));
      }
      TrainingRun run =
          triplets(network, Mining.RANDOM)
              .optimizer(
                  new OptimizerSettings(OptimizerSettings.Kind.ADAMW, 1e-6, 0.01, 0.9, 100, 5, 1))
              .trainedLayers(0)
              .trunkCache(folder.resolve("c"), 1)
              .steps(400)
              .build();
      assertThatThrownBy(run::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("nearly the same vector")
          .hasMessageContaining("batch normalization was folded");
    }
  }

  @Test
  void aRandomHeadBeginsWithDistancesOfUnitVectors() throws Exception {
    for (boolean normalized : new boolean[] {false, true}) {
      try (FaceNetwork network =
          FaceNetwork.create(
              new Architecture(Backbone.MOBILENET_V2, 128, normalized), ComputeDevice.cpu(), 7)) {
        TestNetworks.weights(TestNetworks.network(false))
            .forEach(
                (name, values) -> {
                  if (!name.startsWith("embedding.")) {
                    GradientSteps.memory(network.parameters().get(name).getArray()).put(0, values);
                  }
                });
        StepReport first =
            triplets(network, Mining.RANDOM)
                .trainedLayers(0)
                .augmentation(Augmentation.NONE)
                .steps(1)
                .build()
                .run()
                .reports()
                .get(0);
        // Squared, of other people: that of two random unit vectors is 2.
        assertThat(first.negative()).isBetween(0.5, 4.0);
        assertThat(first.variance()).isBetween(0.4, 1.6);
      }
    }
  }

  @Test
  void notANumberStopsNamesTheBatchAndMovesNothing() throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      GradientSteps.memory(network.parameters().get("embedding.0.weight").getArray())
          .put(5, Float.NaN);
      float[] before = network.parameters().get("embedding.2.weight").getArray().toFloatArray();
      TrainingRun run = triplets(network, Mining.RANDOM).steps(5).build();
      assertThatThrownBy(run::run)
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("step 0")
          .hasMessageContaining("image-");
      assertThat(network.parameters().get("embedding.2.weight").getArray().toFloatArray())
          .isEqualTo(before);
    }
  }

  @Test
  void oneTrainingAtATime() throws Exception {
    try (FaceNetwork network = TestNetworks.network(false);
        FaceNetwork other = TestNetworks.network(false)) {
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      triplets(network, Mining.RANDOM)
          .steps(1)
          .listener(
              report -> {
                Thread second =
                    new Thread(
                        () -> {
                          try {
                            triplets(other, Mining.RANDOM).steps(1).build().run();
                          } catch (Exception e) {
                            thrown.set(e);
                          }
                        });
                second.start();
                try {
                  second.join();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
                return true;
              })
          .build()
          .run();
      assertThat(thrown.get())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another training");
    }
  }

  @Test
  @Tag("slow")
  void memoryStaysFlatOver2000Steps() throws Exception {
    try (FaceNetwork network = TestNetworks.network(false)) {
      long[] resident = new long[2];
      triplets(network, Mining.SEMI_HARD)
          .trunkCache(folder.resolve("c"), 2)
          .steps(2000)
          .listener(
              report -> {
                if (report.step() == 400) {
                  resident[0] = resident();
                } else if (report.step() == 1999) {
                  resident[1] = resident();
                }
                return true;
              })
          .build()
          .run();
      assertThat(resident[0]).isPositive();
      assertThat(resident[1] - resident[0]).as("growth, kB").isLessThan(32 << 10);
    }
  }

  private static long resident() {
    System.gc();
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
