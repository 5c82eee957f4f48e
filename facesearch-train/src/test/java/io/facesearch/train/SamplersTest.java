package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.facesearch.testing.ForAll;
import io.facesearch.testing.IntRange;
import io.facesearch.testing.Property;
import io.facesearch.train.Samplers.Sampler;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplersTest {
  private static Inputs inputs(int people, int each) {
    return new PixelInputs(
        TestNetworks.images(people, each, 8), TestNetworks.preprocessing(8), Augmentation.NONE);
  }

  @Property(tries = 50)
  void tripletsAreAnchorPositiveNegative(
      @ForAll long seed, @ForAll @IntRange(max = 1000) int step) {
    int[] batch = Samplers.triplets(inputs(7, 3), 20, seed).batch(step);
    assertThat(batch).hasSize(60);
    for (int i = 0; i < 60; i += 3) {
      assertThat(batch[i]).isNotEqualTo(batch[i + 1]);
      assertThat(batch[i] / 3).isEqualTo(batch[i + 1] / 3).isNotEqualTo(batch[i + 2] / 3);
    }
  }

  @Property(tries = 50)
  void batchesHoldPPeopleWithKPhotos(@ForAll long seed) {
    int[] batch = Samplers.identities(inputs(9, 4), 5, 3, seed).batch(2);
    Set<Integer> people = new HashSet<>();
    for (int p = 0; p < 5; p++) {
      people.add(batch[3 * p] / 4);
      Set<Integer> photos = new HashSet<>();
      for (int k = 0; k < 3; k++) {
        assertThat(batch[3 * p + k] / 4).isEqualTo(batch[3 * p] / 4);
        photos.add(batch[3 * p + k]);
      }
      assertThat(photos).hasSize(3);
    }
    assertThat(people).hasSize(5);
  }

  @Test
  void whoHasFewPhotosComesWithThemTwice() {
    int[] batch = Samplers.identities(inputs(3, 2), 3, 4, 1).batch(0);
    for (int p = 0; p < 3; p++) {
      assertThat(Arrays.stream(batch, 4 * p, 4 * p + 4).distinct()).hasSize(2);
    }
  }

  @Test
  void anEpochHoldsEachImageOnce() {
    Sampler sampler = Samplers.shuffled(20, 5, 3);
    Set<Integer> seen = new HashSet<>();
    for (int step = 4; step < 8; step++) {
      Arrays.stream(sampler.batch(step)).forEach(seen::add);
    }
    assertThat(seen).hasSize(20);
    assertThat(sampler.batch(0)).isNotEqualTo(sampler.batch(4));
  }

  @Test
  void aBatchFollowsFromSeedAndStepAlone() {
    Inputs inputs = inputs(9, 4);
    Sampler sampler = Samplers.identities(inputs, 5, 3, 1);
    int[] later = sampler.batch(7);
    sampler.batch(3);
    assertThat(sampler.batch(7)).isEqualTo(later);
    assertThat(Samplers.identities(inputs, 5, 3, 1).batch(7)).isEqualTo(later);
    assertThat(Samplers.identities(inputs, 5, 3, 2).batch(7)).isNotEqualTo(later);
  }

  @Test
  void allImagesComeUpAboutAsOften() {
    int[] count = new int[21];
    Sampler sampler = Samplers.triplets(inputs(7, 3), 10, 5);
    for (int step = 0; step < 1000; step++) {
      Arrays.stream(sampler.batch(step)).forEach(i -> count[i]++);
    }
    // 30,000 draws of 21 images: 1,429 each, standard deviation about 37.
    assertThat(Arrays.stream(count).min().orElseThrow()).isGreaterThan(1200);
    assertThat(Arrays.stream(count).max().orElseThrow()).isLessThan(1650);
  }

  @Test
  void tooFewPeopleAreRefused() {
    assertThatThrownBy(() -> Samplers.identities(inputs(3, 2), 4, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 identities")
        .hasMessageContaining("there are 3");
    assertThatThrownBy(() -> Samplers.triplets(inputs(5, 1), 4, 1))
        .hasMessageContaining("there are 0");
  }
}
