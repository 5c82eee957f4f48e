package io.facesearch.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Which images make a batch. A batch follows from seed and step alone, so that a run can go on from
 * any step.
 */
final class Samplers {
  private Samplers() {}

  /** Gives the batch of a step. Thread-safe. */
  interface Sampler {
    int[] batch(long step);

    int size();
  }

  /** A generator of its own for each step and place in the batch. */
  static SplittableRandom random(long seed, long step, long place) {
    // Mixed as SplittableRandom mixes its own seeds, so that neighbors have nothing in common.
    long z = seed * 0x9e3779b97f4a7c15L + step * 0xbf58476d1ce4e5b9L + place * 0x94d049bb133111ebL;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return new SplittableRandom(z ^ (z >>> 31));
  }

  private static final int ORDER = -1;

  /** All images in random order, again and again. */
  static Sampler shuffled(int images, int batch, long seed) {
    if (images < batch) {
      throw new IllegalArgumentException(
          "a batch of " + batch + " needs as many images, but there are " + images);
    }
    int perEpoch = images / batch;
    return new Sampler() {
      private long epoch = -1;
      private int[] order = {};

      @Override
      public synchronized int[] batch(long step) {
        if (epoch != step / perEpoch) {
          epoch = step / perEpoch;
          SplittableRandom random = random(seed, epoch, ORDER);
          order = new int[images];
          for (int i = 0; i < images; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
          }
        }
        int from = (int) (step % perEpoch) * batch;
        return Arrays.copyOfRange(order, from, from + batch);
      }

      @Override
      public int size() {
        return batch;
      }
    };
  }

  private static List<int[]> people(Inputs inputs, int least) {
    Map<String, List<Integer>> byPerson = new TreeMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      byPerson.computeIfAbsent(inputs.identity(i), p -> new ArrayList<>()).add(i);
    }
    List<int[]> people = new ArrayList<>();
    for (List<Integer> photos : byPerson.values()) {
      if (photos.size() >= 2) {
        people.add(photos.stream().mapToInt(i -> i).toArray());
      }
    }
    if (people.size() < least) {
      throw new IllegalArgumentException(
          "a batch needs "
              + least
              + " identities with 2 images each, but there are "
              + people.size());
    }
    return people;
  }

  /** Anchor, positive, negative, anchor, ...: people and photos at random. */
  static Sampler triplets(Inputs inputs, int triplets, long seed) {
    List<int[]> people = people(inputs, 2);
    return new Sampler() {
      @Override
      public int[] batch(long step) {
        SplittableRandom random = random(seed, step, ORDER);
        int[] batch = new int[3 * triplets];
        for (int t = 0; t < triplets; t++) {
          int person = random.nextInt(people.size());
          int other = random.nextInt(people.size() - 1);
          int[] same = people.get(person);
          int[] different = people.get(other < person ? other : other + 1);
          int anchor = random.nextInt(same.length);
          int positive = random.nextInt(same.length - 1);
          batch[3 * t] = same[anchor];
          batch[3 * t + 1] = same[positive < anchor ? positive : positive + 1];
          batch[3 * t + 2] = different[random.nextInt(different.length)];
        }
        return batch;
      }

      @Override
      public int size() {
        return 3 * triplets;
      }
    };
  }

  /** P people with K photos each; who has fewer than K photos comes with some of them twice. */
  static Sampler identities(Inputs inputs, int p, int k, long seed) {
    List<int[]> people = people(inputs, p);
    return new Sampler() {
      @Override
      public int[] batch(long step) {
        SplittableRandom random = random(seed, step, ORDER);
        int[] batch = new int[p * k];
        int[] chosen = draw(people.size(), p, random);
        for (int i = 0; i < p; i++) {
          int[] photos = people.get(chosen[i]);
          int[] order = draw(photos.length, Math.min(k, photos.length), random);
          for (int j = 0; j < k; j++) {
            batch[i * k + j] = photos[order[j % order.length]];
          }
        }
        return batch;
      }

      @Override
      public int size() {
        return p * k;
      }
    };
  }

  /** {@code count} different numbers below n. */
  private static int[] draw(int n, int count, SplittableRandom random) {
    int[] all = new int[n];
    for (int i = 0; i < n; i++) {
      all[i] = i;
    }
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i, n);
      int swap = all[i];
      all[i] = all[j];
      all[j] = swap;
    }
    return Arrays.copyOf(all, count);
  }
}
