package io.facesearch.embed;

import java.util.ArrayList;
import java.util.List;

/**
 * ResNet-50 as torchvision builds it, without its classifier: a 7x7 stem, then bottlenecks in
 * groups of 3, 4, 6 and 3.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep residual learning for image
 *     recognition, 2015</a>
 */
final class ResNet50 {
  static final int FEATURES = 2048;

  private static final int[] BOTTLENECKS = {3, 4, 6, 3};
  private static final int EXPANSION = 4;

  private ResNet50() {}

  static List<Stage> stages() {
    List<Stage> stages = new ArrayList<>();
    stages.add(
        ConvStage.builder()
            .conv("conv1", "bn1", 3, 64, 7, 2, 1, Activation.RELU)
            .maxPool()
            .build());
    int in = 64;
    for (int group = 0; group < BOTTLENECKS.length; group++) {
      int width = 64 << group;
      int out = EXPANSION * width;
      for (int i = 0; i < BOTTLENECKS[group]; i++) {
        String name = "layer" + (group + 1) + "." + i;
        int stride = i == 0 && group > 0 ? 2 : 1;
        ConvStage.Builder bottleneck =
            ConvStage.builder()
                .conv(name + ".conv1", name + ".bn1", in, width, 1, 1, 1, Activation.RELU)
                .conv(name + ".conv2", name + ".bn2", width, width, 3, stride, 1, Activation.RELU)
                .conv(name + ".conv3", name + ".bn3", width, out, 1, 1, 1, Activation.NONE);
        if (i == 0) {
          bottleneck.projected(name + ".downsample", in, out, stride, Activation.RELU);
        } else {
          bottleneck.residual(Activation.RELU);
        }
        stages.add(bottleneck.build());
        in = out;
      }
    }
    return stages;
  }
}
