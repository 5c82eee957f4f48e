package io.facesearch.train;

import ai.djl.nn.Parameter;
import io.facesearch.FaceSearchException;
import io.facesearch.embed.FaceNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * How far a run has come: what is saved, and what a run that is resumed goes on from. Not
 * thread-safe.
 */
final class RunProgress {
  private final FaceNetwork network;
  private final GradientSteps optimizer;
  private final CollapseWatch collapse = new CollapseWatch();
  private long step;
  private double bestScore = Double.NaN;
  private long bestStep;
  private int sinceBest;
  private Map<String, float[]> best = Map.of();

  RunProgress(FaceNetwork network, GradientSteps optimizer) {
    this.network = network;
    this.optimizer = optimizer;
  }

  /** Steps that were made. */
  long step() {
    return step;
  }

  void nextStep() {
    step++;
  }

  CollapseWatch collapse() {
    return collapse;
  }

  /** NaN if nothing was scored. */
  double bestScore() {
    return bestScore;
  }

  /** The last step if nothing was scored. */
  long bestStep() {
    return best.isEmpty() ? step : bestStep;
  }

  /** How many scores there were since the best one. */
  int sinceBest() {
    return sinceBest;
  }

  /** Keeps the weights if none were better. */
  void score(double score) {
    // Not less: also the first one.
    if (!(score <= bestScore)) {
      bestScore = score;
      bestStep = step;
      sinceBest = 0;
      best = weights();
    } else {
      sinceBest++;
    }
  }

  /** Gives the network its best weights, if anything was scored. */
  void takeBest() {
    put(best);
  }

  private Map<String, float[]> weights() {
    Map<String, float[]> weights = new LinkedHashMap<>();
    network.parameters().forEach((name, p) -> weights.put(name, p.getArray().toFloatArray()));
    return weights;
  }

  private void put(Map<String, float[]> weights) {
    Map<String, Parameter> parameters = network.parameters();
    weights.forEach(
        (name, values) ->
            GradientSteps.memory(Objects.requireNonNull(parameters.get(name)).getArray())
                .put(0, values));
  }

  /**
   * Writes all of it.
   *
   * @param settings of the run; another cannot go on from here
   */
  void save(Path file, String settings) throws IOException {
    // Writing would fail in an interrupted thread, and the state is what is to be rescued.
    boolean interrupted = Thread.interrupted();
    try {
      write(file, settings);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void write(Path file, String settings) throws IOException {
    Map<String, float[]> all = new LinkedHashMap<>();
    weights().forEach((name, values) -> all.put("weight/" + name, values));
    all.putAll(optimizer.state());
    best.forEach((name, values) -> all.put("best/" + name, values));
    Map<String, String> about = new TreeMap<>();
    about.put("settings", settings);
    about.put("step", Long.toString(step));
    about.put("bestScore", Double.toString(bestScore));
    about.put("bestStep", Long.toString(bestStep));
    about.put("sinceBest", Integer.toString(sinceBest));
    collapse.save(about);
    new TrainingState(all, about).write(file);
  }

  /** Goes on from what {@link #save} wrote. */
  void resume(Path file, String settings) throws IOException {
    TrainingState state = TrainingState.read(file);
    Map<String, float[]> all = state.tensors();
    Map<String, String> about = state.about();
    String before = about.get("settings");
    if (!settings.equals(before)) {
      throw new FaceSearchException(
          file
              + " was saved by a run with other settings: expected "
              + settings
              + ", but found "
              + before
              + "; use those, or delete the file to start over");
    }
    Map<String, float[]> weights = new LinkedHashMap<>();
    Map<String, float[]> kept = new LinkedHashMap<>();
    Map<String, float[]> moments = optimizer.state();
    Map<String, Parameter> parameters = network.parameters();
    all.forEach(
        (name, values) -> {
          String bare = name.substring(name.indexOf('/') + 1);
          boolean moment = !name.startsWith("weight/") && !name.startsWith("best/");
          long expected =
              moment
                  ? moments.containsKey(name) ? moments.get(name).length : -1
                  : parameters.containsKey(bare) ? parameters.get(bare).getArray().size() : -1;
          if (values.length != expected || !isFinite(values)) {
            throw TrainingState.damaged(
                file, name + " is not of this network, or holds no numbers", null);
          }
          if (!moment) {
            (name.startsWith("best/") ? kept : weights).put(bare, values);
          }
        });
    try {
      step = counter(about, "step");
      bestScore = Double.parseDouble(about.get("bestScore"));
      bestStep = counter(about, "bestStep");
      sinceBest = Math.toIntExact(counter(about, "sinceBest"));
      collapse.resume(about);
    } catch (ArithmeticException | NullPointerException | NumberFormatException e) {
      throw TrainingState.damaged(file, "its counters are not numbers", e);
    }
    if (bestStep > step || bestScore < 0 || bestScore > 1) {
      throw TrainingState.damaged(file, "its counters contradict each other", null);
    }
    moments.forEach(
        (name, values) -> {
          if (all.containsKey(name)) {
            System.arraycopy(all.get(name), 0, values, 0, values.length);
          }
        });
    put(weights);
    best = kept;
  }

  static long counter(Map<String, String> about, String name) {
    long value = Long.parseLong(about.get(name));
    if (value < 0) {
      throw new NumberFormatException(name + " is " + value);
    }
    return value;
  }

  private static boolean isFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return false;
      }
    }
    return true;
  }
}
