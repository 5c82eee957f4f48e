package io.facesearch.embed;

import java.util.ArrayList;
import java.util.List;

/**
 * MobileNet-V2 of width 1 as torchvision builds it, without its classifier: a 3x3 stem, 17 inverted
 * residuals, and a last 1x1 convolution.
 *
 * @see <a href="https://arxiv.org/abs/1801.04381">Sandler et al., MobileNetV2: inverted residuals
 *     and linear bottlenecks, 2018</a>
 */
final class MobileNetV2 {
  static final int FEATURES = 1280;

  /** Expansion, channels, repetitions, stride of the first: table 2 of the paper. */
  private static final int[][] SETTINGS = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private MobileNetV2() {}

  static List<Stage> stages() {
    List<Stage> stages = new ArrayList<>();
    stages.add(
        ConvStage.builder()
            .conv("features.0.0", "features.0.1", 3, 32, 3, 2, 1, Activation.RELU6)
            .build());
    int in = 32;
    for (int[] setting : SETTINGS) {
      for (int i = 0; i < setting[2]; i++) {
        stages.add(
            invertedResidual(
                "features." + stages.size() + ".conv",
                in,
                setting[1],
                setting[0],
                i == 0 ? setting[3] : 1));
        in = setting[1];
      }
    }
    stages.add(
        ConvStage.builder()
            .conv("features.18.0", "features.18.1", in, FEATURES, 1, 1, 1, Activation.RELU6)
            .build());
    return stages;
  }

  private static Stage invertedResidual(String name, int in, int out, int expansion, int stride) {
    int wide = in * expansion;
    ConvStage.Builder stage = ConvStage.builder();
    int next = 0;
    if (expansion != 1) {
      stage.conv(name + ".0.0", name + ".0.1", in, wide, 1, 1, 1, Activation.RELU6);
      next = 1;
    }
    String depthwise = name + "." + next;
    stage.conv(depthwise + ".0", depthwise + ".1", wide, wide, 3, stride, wide, Activation.RELU6);
    stage.conv(
        name + "." + (next + 1), name + "." + (next + 2), wide, out, 1, 1, 1, Activation.NONE);
    if (stride == 1 && in == out) {
      stage.residual(Activation.NONE);
    }
    return stage.build();
  }
}
