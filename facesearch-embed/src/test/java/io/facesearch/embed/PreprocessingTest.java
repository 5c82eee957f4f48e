package io.facesearch.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.facesearch.FaceImage;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
  /** One step of a byte, after division by the smallest standard deviation. */
  private static final float STEP = 1 / 255f / 0.224f;

  @ParameterizedTest
  @CsvSource({"150,same,0.00001", "218,resized_218,1", "112,resized_112,1"})
  void equalsTorchvision(int size, String name, float steps) {
    Preprocessing preprocessing = Preprocessing.imageNet(size, size);
    FaceImage image = preprocessing.resize(TestChips.chip(1));
    FloatBuffer values = FloatBuffer.allocate(3 * size * size);
    preprocessing.write(image, false, values, 0);
    Safetensors reference = TestWeights.fixture("preprocessing.safetensors");
    float[] expected = reference.floats(name, reference.shape(name));
    int side = (size + 6) / 7;
    for (int c = 0, i = 0; c < 3; c++) {
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++, i++) {
          assertThat(values.get((c * size + 7 * y) * size + 7 * x))
              .as("%d %d %d", c, y, x)
              .isCloseTo(expected[i], within(steps * STEP * 1.001f));
        }
      }
    }
  }

  @Test
  void ordersChannelsAndLaysThemOutAndMirrors() {
    FaceImage image = FaceImage.ofRgb(2, 1, new byte[] {0, 51, 102, (byte) 153, (byte) 204, -1});
    List<Float> none = List.of(0f, 0f, 0f);
    List<Float> one = List.of(1f, 1f, 1f);
    assertThat(write(image, none, one, Preprocessing.ChannelOrder.RGB, Preprocessing.Layout.NCHW))
        .containsExactly(0, 0.6f, 0.2f, 0.8f, 0.4f, 1);
    assertThat(write(image, none, one, Preprocessing.ChannelOrder.BGR, Preprocessing.Layout.NCHW))
        .containsExactly(0.4f, 1, 0.2f, 0.8f, 0, 0.6f);
    assertThat(write(image, none, one, Preprocessing.ChannelOrder.BGR, Preprocessing.Layout.NHWC))
        .containsExactly(0.4f, 0.2f, 0, 1, 0.8f, 0.6f);
    FloatBuffer mirrored = FloatBuffer.allocate(6);
    new Preprocessing(2, 1, none, one, Preprocessing.ChannelOrder.RGB, Preprocessing.Layout.NHWC)
        .write(image, true, mirrored, 0);
    assertThat(mirrored.array()).containsExactly(0.6f, 0.8f, 1, 0, 0.2f, 0.4f);
  }

  private static float[] write(
      FaceImage image,
      List<Float> mean,
      List<Float> std,
      Preprocessing.ChannelOrder order,
      Preprocessing.Layout layout) {
    FloatBuffer target = FloatBuffer.allocate(6);
    new Preprocessing(2, 1, mean, std, order, layout).write(image, false, target, 0);
    return target.array();
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> Preprocessing.imageNet(0, 10)).hasMessageContaining("0x10");
    assertThatThrownBy(
            () ->
                new Preprocessing(
                    2,
                    2,
                    List.of(0f, 0f, 0f),
                    List.of(1f, 0f, 1f),
                    Preprocessing.ChannelOrder.RGB,
                    Preprocessing.Layout.NCHW))
        .hasMessageContaining("std must be finite and above 0");
    assertThatThrownBy(
            () ->
                Preprocessing.arcFace().write(TestChips.chip(0), false, FloatBuffer.allocate(1), 0))
        .hasMessageContaining("expected an image of 112x112 pixels, but got 150x150");
  }
}
