package io.facesearch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.FaceImage;
import io.facesearch.embed.Preprocessing;
import io.facesearch.testing.ForAll;
import io.facesearch.testing.Property;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final int WIDTH = 60;
  private static final int HEIGHT = 40;
  private static final int OFFSET = 7;

  /** Ones, between sentinels. */
  private static float[] erased(Augmentation augmentation, long seed) {
    float[] values = new float[OFFSET + 3 * WIDTH * HEIGHT + 5];
    Arrays.fill(values, 1);
    augmentation.erase(FloatBuffer.wrap(values), OFFSET, WIDTH, HEIGHT, new SplittableRandom(seed));
    for (int i = 0; i < values.length; i++) {
      if (i < OFFSET || i >= values.length - 5) {
        assertThat(values[i]).isEqualTo(1);
      }
    }
    return Arrays.copyOfRange(values, OFFSET, values.length - 5);
  }

  /** First and last row and column of what is 0, and their number. */
  private static int[] box(float[] values) {
    int[] box = {Integer.MAX_VALUE, -1, Integer.MAX_VALUE, -1, 0};
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean gone = values[y * WIDTH + x] == 0;
        for (int c = 1; c < 3; c++) {
          assertThat(values[(c * HEIGHT + y) * WIDTH + x] == 0).isEqualTo(gone);
        }
        if (gone) {
          box[0] = Math.min(box[0], y);
          box[1] = Math.max(box[1], y);
          box[2] = Math.min(box[2], x);
          box[3] = Math.max(box[3], x);
          box[4]++;
        }
      }
    }
    return box;
  }

  @Property(tries = 300)
  void erasesOneRectangleOfTheStatedSizeInAllChannels(@ForAll long seed) {
    int[] box = box(erased(new Augmentation(0, 1, 0), seed));
    int h = box[1] - box[0] + 1;
    int w = box[3] - box[2] + 1;
    assertThat(box[4]).isEqualTo(h * w);
    // Rounding to whole pixels moves the bounds a little.
    assertThat((h - 0.5) * (w - 0.5)).isLessThan(0.33 * WIDTH * HEIGHT);
    assertThat((h + 0.5) * (w + 0.5)).isGreaterThan(0.02 * WIDTH * HEIGHT);
    assertThat((h - 0.5) / (w + 0.5)).isLessThan(3.3);
    assertThat((h + 0.5) / (w - 0.5)).isGreaterThan(0.3);
  }

  @Property(tries = 300)
  void dropsOneToEightSmallSquares(@ForAll long seed) {
    int side = Math.round(8f / 218 * WIDTH);
    int[] box = box(erased(new Augmentation(0, 0, 1), seed));
    assertThat(box[4]).isBetween(side * side, 8 * side * side);
  }

  @Test
  void happensAsOftenAsItsProbabilitySays() {
    int changed = 0;
    int n = 4000;
    for (long seed = 0; seed < n; seed++) {
      changed += box(erased(Augmentation.OCCLUSION, seed))[4] > 0 ? 1 : 0;
    }
    // 1 - 0.5 * 0.7, within 4 standard deviations.
    assertThat((double) changed / n).isCloseTo(0.65, within(0.031));
  }

  @Test
  void noneChangesNothing() {
    for (long seed = 0; seed < 100; seed++) {
      assertThat(erased(Augmentation.NONE, seed)).containsOnly(1);
    }
  }

  @Test
  void resizesNormalizesAndFlipsPixels() throws IOException {
    LabeledImages images = TestNetworks.images(1, 2, 30);
    Preprocessing preprocessing = Preprocessing.imageNet(218, 218);
    PixelInputs inputs = new PixelInputs(images, preprocessing, new Augmentation(1, 0, 0));
    float[] plain = new float[inputs.floats()];
    float[] flipped = new float[inputs.floats()];
    inputs.write(1, null, FloatBuffer.wrap(plain), 0);
    inputs.write(1, new SplittableRandom(1), FloatBuffer.wrap(flipped), 0);
    assertThat(inputs.shape()).containsExactly(3, 218, 218);
    FaceImage resized = preprocessing.resize(images.image(1));
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 218; y += 7) {
        for (int x = 0; x < 218; x++) {
          int value = resized.rgb(x, y) >> (16 - 8 * c) & 0xff;
          int at = (c * 218 + y) * 218;
          assertThat(plain[at + x]).isCloseTo((value / 255f - mean[c]) / std[c], within(1e-6f));
          assertThat(flipped[at + 217 - x]).isEqualTo(plain[at + x]);
        }
      }
    }
  }

  @Test
  void refusesWhatIsNoProbability() {
    assertThatThrownBy(() -> new Augmentation(0, 1.5, 0)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new Augmentation(Double.NaN, 0, 0)).hasMessageContaining("NaN");
  }
}
