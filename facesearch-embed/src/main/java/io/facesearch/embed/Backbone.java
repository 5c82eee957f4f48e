package io.facesearch.embed;

import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The convolutional network of a {@link FaceNetwork}. Topology and names are those of torchvision.
 */
public enum Backbone {
  /** ResNet-50 (v1.5: the stride is in the 3x3 convolution): 23.5 M parameters, 2048 features. */
  RESNET50("resnet50", ResNet50.FEATURES) {
    @Override
    List<Stage> stages() {
      return ResNet50.stages();
    }
  },

  /** MobileNet-V2 of width 1: 2.2 M parameters, 1280 features. */
  MOBILENET_V2("mobilenet_v2", MobileNetV2.FEATURES) {
    @Override
    List<Stage> stages() {
      return MobileNetV2.stages();
    }
  };

  private final String id;
  private final int features;

  Backbone(String id, int features) {
    this.id = id;
    this.features = features;
  }

  abstract List<Stage> stages();

  /** {@return the name in files, which is torchvision's, such as {@code mobilenet_v2}} */
  public String id() {
    return id;
  }

  /**
   * {@return the number of channels of the last feature map, which are the inputs of the head: 2048
   * or 1280}
   */
  public int features() {
    return features;
  }

  static final Shape INPUT = new Shape(1, 3, 224, 224);
}
